import HTTP
import HTTP2
import Protobuf
import TextFormats

/// What stands in the heads and trailers of calls (gRPC over HTTP/2).
enum GRPCHeaders {
  static let contentType = HeaderField("content-type", "application/grpc")

  static func trailers(_ status: GRPCStatus?) -> [HeaderField] {
    guard let status else { return [HeaderField("grpc-status", "0")] }
    var fields = [HeaderField("grpc-status", "\(status.code.rawValue)")]
    // A client's head has room for some KiB; the details say the same again.
    fields.append(HeaderField("grpc-message", escaped(String(status.message.prefix(4096)))))
    let text = Base64.encode(status.encoded())
    // nghttp2 sends heads of 64 KiB at most.
    if !status.details.isEmpty, text.utf8.count < 40_000 {
      fields.append(HeaderField("grpc-status-details-bin", String(text.prefix { $0 != "=" })))
    }
    return fields
  }

  /// Nil where the call went well.
  static func status(_ fields: [HeaderField]) -> GRPCStatus? {
    guard let text = fields["grpc-status"], let number = Int(text) else {
      return GRPCStatus(.unknown, "the answer has no status")
    }
    if number == 0 { return nil }
    let code = GRPCStatus.Code(rawValue: number) ?? .unknown
    return GRPCStatus(code, unescaped(fields["grpc-message"] ?? ""))
  }

  /// Percent-encoding of all but printable ASCII.
  static func escaped(_ text: String) -> String {
    percentEncoded(text) { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "%") }
  }

  /// A text that is not escaped rightly stays as it is.
  static func unescaped(_ text: String) -> String { percentDecoded(text) ?? text }

  /// Milliseconds of `grpc-timeout`: at most eight digits and a unit. Nil where there is no such time.
  static func timeout(_ text: String) -> Int? {
    guard text.utf8.count >= 2, text.utf8.count <= 9, let value = Int(text.dropLast()), value >= 0 else {
      return nil
    }
    return switch text.last {
    case "H": value * 3_600_000
    case "M": value * 60_000
    case "S": value * 1000
    case "m": value
    case "u": value / 1000 + 1
    case "n": value / 1_000_000 + 1
    default: nil
    }
  }
}

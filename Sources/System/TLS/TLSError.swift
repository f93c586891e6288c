import CSSL
import Linux

/// Why a connection could not be made secret, or files do not hold what TLS needs.
public struct TLSError: Error, Sendable, CustomStringConvertible {
  public let description: String
  /// The other side spoke HTTP without TLS.
  public let isPlainHTTP: Bool

  init(_ description: String, isPlainHTTP: Bool = false) {
    self.description = description
    self.isPlainHTTP = isPlainHTTP
  }

  /// The oldest error of OpenSSL in this thread, `fallback` where it left none; forgets all of them.
  static func last(_ fallback: String) -> TLSError {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0, let text = ERR_reason_error_string(code) else { return TLSError(fallback) }
    let reason = String(cString: text)
    return TLSError("tls: \(reason)", isPlainHTTP: reason == "http request")
  }
}

/// As Go tells that a file cannot be opened.
func openingFails(_ path: String) -> String? {
  do throws(SyscallError) {
    _ = try FileDescriptor.open(path, .readOnly)
    return nil
  } catch {
    let words = "\(error.errno)"
    return "open \(path): \(words.prefix(1).lowercased() + words.dropFirst())"
  }
}

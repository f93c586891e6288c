import Builder
import DockerAPI
import Dockerfile
import EngineErrors
import GRPC
import JSON
import TextFormats

/// Why a build failed, as BuildKit says it.
enum BuildFailureText {
  static func text(_ error: any Error) -> String {
    switch error {
    case let failure as BuildFailure:
      let command = failure.words.joined(separator: " ")
      return "process \"\(command)\" did not complete successfully: exit code: \(failure.code)"
    case is CancellationError: return "context canceled"
    case let error as EngineError: return error.message
    default: return "\(error)"
    }
  }

  /// The status of a call that failed so, with the lines of the Dockerfile that were the cause.
  static func status(_ error: any Error, in file: SourceFile?, at lines: ClosedRange<Int>?) -> GRPCStatus {
    if error is CancellationError { return GRPCStatus(.cancelled, "context canceled") }
    // BuildKit's clients print every other code in front of the message.
    var status = error as? GRPCStatus ?? GRPCStatus(.unknown, text(error))
    let parseError = (error as? EngineError)?.cause as? DockerfileError
    guard let file, let lines = lines ?? parseError.map({ $0.line...$0.line }) else { return status }
    let detail = GRPCStatus.Detail("github.com/moby/buildkit/errdefs.Source+json", file.json(lines))
    if status.details.isEmpty { status.details = [detail] }
    return status
  }
}

/// A Dockerfile that a client sees again in the message of a failure.
struct SourceFile: Sendable {
  var name: String
  var text: String

  private struct Source: Encodable {
    struct Info: Encodable {
      var filename: String
      var data: String
      var language = "Dockerfile"
    }
    struct Place: Encodable { var line: Int }
    struct Range: Encodable {
      var start: Place
      var end: Place
    }
    var info: Info
    var ranges: [Range]
  }

  /// errdefs.Source, in JSON as BuildKit sends it.
  func json(_ lines: ClosedRange<Int>) -> [UInt8] {
    let range = Source.Range(start: .init(line: lines.lowerBound), end: .init(line: lines.upperBound))
    return JSON.encode(
      Source(info: .init(filename: name, data: Base64.encode(Array(text.utf8))), ranges: [range]), as: .plain)
  }
}

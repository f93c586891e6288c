import Linux
import TextFormats

/// The form of logrus's lines.
enum LogTime {
  /// The present moment in whole seconds, RFC 3339.
  static func now() -> String {
    let seconds = Clock.realtime / 1_000_000_000
    return Timestamp(seconds: seconds).rfc3339
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

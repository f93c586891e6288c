import DockerAPI
import EngineErrors

extension Containers {
  /// What `logs --details` says before every line: the labels and variables that the log options name, as
  /// `key=value,key=value`.
  public func logDetails(_ reference: String) async throws(EngineError) -> String {
    await (try find(reference)).record.logDetails
  }
}

extension ContainerRecord {
  var logDetails: String {
    let options = hostConfig.logConfig.config ?? [:]
    func names(_ option: String) -> [String] {
      (options[option] ?? "").split(separator: ",").map(String.init)
    }
    var found: [String: String] = [:]
    for name in names("labels") { found[name] = config.labels?[name] }
    for variable in config.env ?? [] {
      let pair = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      if pair.count == 2, names("env").contains(pair[0]) { found[pair[0]] = pair[1] }
    }
    return found.sorted { $0.key < $1.key }.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
      .joined(separator: ",")
  }

  /// As in a query, so that commas and equals signs stay what they are.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: " "): result += "+"
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return result
  }
}

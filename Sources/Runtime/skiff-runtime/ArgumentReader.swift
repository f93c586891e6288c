import ContainerRuntime

/// Reads the flags of one command in runc's manner: with one dash or two, `--name value` or `--name=value`.
struct ArgumentReader {
  // Lists, not dictionaries and sets: of the few flags of a call they are searched sooner than those are made.
  private var values: [(name: String, value: String)] = []
  private var switches: [String] = []
  private(set) var rest: [String] = []

  /// `short` maps one-letter names to long ones. An unknown flag throws. With `stopsEarly` the first
  /// argument ends the flags.
  init(
    _ arguments: some Collection<String>, values valueNames: [String], switches switchNames: [String],
    short: KeyValuePairs<String, String> = [:], command: String, stopsEarly: Bool = false
  ) throws(RuntimeError) {
    var left = Array(arguments)[...]
    while let first = left.popFirst() {
      guard first.hasPrefix("-"), first != "-" else {
        rest.append(first)
        if stopsEarly { break }
        continue
      }
      if first == "--" { break }
      let parts = first.drop { $0 == "-" }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let given = String(parts[0])
      let name = short.first { $0.key == given }?.value ?? given
      if switchNames.contains(name) {
        if parts.count == 1 || parts[1] == "true" { switches.append(name) }
      } else if valueNames.contains(name) {
        guard let value = parts.count == 2 ? String(parts[1]) : left.popFirst() else {
          throw RuntimeError(.invalid, "flag needs an argument: \(first)")
        }
        values.append((name, value))
      } else {
        throw RuntimeError(.invalid, "\(command): unknown flag \(first)")
      }
    }
    rest += left
  }

  /// The last value given.
  func value(_ name: String) -> String? { values.last { $0.name == name }?.value }
  /// All values given, in order.
  func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }
  func has(_ name: String) -> Bool { switches.contains(name) }

  /// The one argument that is left, a container's ID.
  func onlyArgument(_ command: String) throws(RuntimeError) -> String {
    guard rest.count == 1 else {
      throw RuntimeError(.invalid, "\"\(command)\" requires exactly 1 argument, the container's ID")
    }
    return rest[0]
  }

  func integer(_ name: String, or other: Int32) throws(RuntimeError) -> Int32 {
    guard let text = value(name) else { return other }
    guard let number = Int32(text), number >= 0 else {
      throw RuntimeError(.invalid, "--\(name): not a number: \(text)")
    }
    return number
  }
}

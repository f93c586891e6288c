/// One option of a command line: `-m, --memory bytes`.
public struct Flag: Sendable {
  /// What may follow the name.
  public enum Value: Sendable, Equatable {
    /// Nothing, or `=true` and `=false`.
    case none
    /// One value; the last given wins.
    case one
    /// A value each time the flag is given.
    case list
    /// As a list, and each value may hold several, separated by commas.
    case commaList
    /// A value only after `=`; the one here stands for a bare flag.
    case optional(String)
  }

  public let name: String
  public let short: Character?
  public let value: Value
  /// The word for the value in help pages, as `bytes`; empty for none.
  public let typeName: String
  public let summary: String
  /// The value when the flag is not given.
  public let standard: String
  /// How the help page names the default; nil leaves it out.
  public let shownDefault: String?
  /// Understood, but not shown in help pages.
  public let isHidden: Bool
  /// Says what is wrong with a value; nil when nothing is.
  public let check: @Sendable (String) -> String?

  /// `spec` is the name and, after a bar, the letter for it: `memory|m`.
  public init(
    _ spec: String, _ value: Value, typeName: String, _ summary: String,
    standard: String = "", shownDefault: String? = nil, isHidden: Bool = false,
    check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) {
    let parts = spec.split(separator: "|")
    name = String(parts.first ?? "")
    short = parts.count > 1 ? parts[1].first : nil
    self.value = value
    self.typeName = typeName
    self.summary = summary
    self.standard = standard
    self.shownDefault = shownDefault
    self.isHidden = isHidden
    self.check = check
  }

  /// A switch.
  public static func bool(_ spec: String, _ summary: String, default on: Bool = false) -> Flag {
    Flag(
      spec, .none, typeName: "", summary, standard: on ? "true" : "false",
      shownDefault: on ? "true" : nil, check: GoValues.complaintAboutBool)
  }

  public static func string(
    _ spec: String, _ summary: String, default text: String = "",
    typeName: String = "string", check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Flag {
    Flag(
      spec, .one, typeName: typeName, summary, standard: text,
      shownDefault: text.isEmpty ? nil : "\"\(text)\"", check: check)
  }

  public static func int(
    _ spec: String, _ summary: String, default number: Int = 0, typeName: String = "int"
  ) -> Flag {
    Flag(
      spec, .one, typeName: typeName, summary, standard: "\(number)",
      shownDefault: number == 0 ? nil : "\(number)",
      check: typeName == "uint16"
        ? GoValues.complaintAboutUInt16
        : typeName.hasPrefix("u") ? GoValues.complaintAboutUInt : GoValues.complaintAboutInt)
  }

  /// A flag that may be given several times.
  public static func list(
    _ spec: String, _ summary: String, typeName: String = "list",
    check: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Flag {
    Flag(spec, .list, typeName: typeName, summary, check: check)
  }

  /// A flag that may be given several times, each with values separated by commas.
  public static func strings(_ spec: String, _ summary: String) -> Flag {
    Flag(spec, .commaList, typeName: "strings", summary)
  }

  /// The same flag, understood but not shown.
  public var hidden: Flag {
    Flag(
      short.map { "\(name)|\($0)" } ?? name, value, typeName: typeName, summary, standard: standard,
      shownDefault: shownDefault, isHidden: true, check: check)
  }

  /// How messages name the flag: `-m, --memory`.
  var label: String { short.map { "-\($0), --\(name)" } ?? "--\(name)" }
}

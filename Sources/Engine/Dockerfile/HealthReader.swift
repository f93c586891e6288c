/// HEALTHCHECK's flags and command.
struct HealthReader {
  let statement: Statement

  func health() throws(Complaint) -> Instruction.Health {
    guard let kind = statement.arguments.first?.uppercased() else {
      throw Complaint("HEALTHCHECK requires at least one argument")
    }
    let words = Array(statement.arguments.dropFirst())
    if kind == "NONE" {
      guard words.isEmpty else { throw Complaint("HEALTHCHECK NONE takes no arguments") }
      return .init(test: ["NONE"])
    }
    let flags = try InstructionFlags(
      statement.flags,
      allowing: [
        "interval": .text, "timeout": .text, "start-period": .text, "start-interval": .text, "retries": .text,
      ])
    guard kind == "CMD" else { throw Complaint("Unknown type \"\(kind)\" in HEALTHCHECK (try CMD)") }
    guard !words.isEmpty else { throw Complaint("Missing command after HEALTHCHECK CMD") }
    var health = Instruction.Health(test: [statement.isJSON ? "CMD" : "CMD-SHELL"] + words)
    health.interval = try duration("interval", flags)
    health.timeout = try duration("timeout", flags)
    health.startPeriod = try duration("start-period", flags)
    health.startInterval = try duration("start-interval", flags)
    health.retries = try retries(flags.text("retries"))
    return health
  }

  private func retries(_ text: String) throws(Complaint) -> Int {
    if text.isEmpty { return 0 }
    guard let retries = Int32(text) else {
      throw Complaint("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
    guard retries >= 0 else { throw Complaint("--retries cannot be negative (\(retries))") }
    return Int(retries)
  }

  private func duration(_ name: String, _ flags: InstructionFlags) throws(Complaint) -> Int64 {
    let text = flags.text(name)
    if text.isEmpty { return 0 }
    guard let nanoseconds = Self.nanoseconds(text) else {
      throw Complaint("time: invalid duration \"\(text)\"")
    }
    guard nanoseconds == 0 || nanoseconds >= 1_000_000 else {
      throw Complaint("Interval \"\(name)\" cannot be less than 1ms")
    }
    return nanoseconds
  }

  /// `1h30m`, `1.5s`, `250ms`: numbers with units, one after the other.
  static func nanoseconds(_ text: String) -> Int64? {
    if text == "0" { return 0 }
    let units: [(String, Double)] = [
      ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12),
    ]
    var rest = text[...]
    var total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest[digits.endIndex...]
      let unit = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
      rest = rest[unit.endIndex...]
      guard let number = Double(digits), let factor = units.first(where: { $0.0 == unit })?.1 else {
        return nil
      }
      total += number * factor
    }
    return total < 9.2e18 ? Int64(total) : nil
  }
}

import TextFormats

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
    let nanoseconds: Int64
    do { nanoseconds = try GoDuration.parse(text) } catch { throw Complaint(error.description) }
    guard nanoseconds == 0 || nanoseconds >= 1_000_000 else {
      throw Complaint("Interval \"\(name)\" cannot be less than 1ms")
    }
    return nanoseconds
  }
}

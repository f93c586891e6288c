import DockerAPI

extension ProgressMessage {
  /// A line of text: `{"stream":"…"}`.
  static func text(_ text: String) -> ProgressMessage {
    var message = ProgressMessage()
    message.stream = text
    return message
  }

  /// A state: `{"status":"…","progressDetail":{},"id":"…"}`.
  static func state(_ status: String, id: String? = nil) -> ProgressMessage {
    var message = ProgressMessage()
    message.status = status
    message.id = id
    if id != nil { message.progressDetail = ProgressDetail() }
    return message
  }

  /// A step that is on its way, with the bar that old clients show as it is.
  static func step(_ status: String, id: String?, current: Int64, total: Int64) -> ProgressMessage {
    var message = state(status, id: id)
    var detail = ProgressDetail()
    detail.current = current
    detail.total = total
    message.progressDetail = detail
    message.progress = bar(current, total)
    return message
  }

  private static func bar(_ current: Int64, _ total: Int64) -> String {
    guard total > 0 else { return size(current) }
    let filled = Int(min(50, current * 50 / total))
    let bar =
      String(repeating: "=", count: filled) + (filled < 50 ? ">" : "")
      + String(repeating: " ", count: max(0, 49 - filled))
    return "[\(bar)]  \(size(current))/\(size(total))"
  }

  /// As docker writes sizes: four figures at most, decimal units.
  static func size(_ bytes: Int64) -> String {
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    let text = String(rounded)
    return "\(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)\(units[unit])"
  }
}

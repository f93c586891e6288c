import Linux

/// Heads as bytes.
enum HeadWriter {
  static func response(_ status: Int, _ headers: [(String, String)]) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(reason(status))\r\n"
    for (name, value) in headers { head += "\(name): \(oneLine(value))\r\n" }
    if status != 101 { head += "Date: \(date(Clock.realtime / 1_000_000_000))\r\n" }
    return Array((head + "\r\n").utf8)
  }

  static func request(_ method: String, _ target: String, _ headers: [(String, String)]) -> [UInt8] {
    var head = "\(method) \(target) HTTP/1.1\r\n"
    for (name, value) in headers { head += "\(name): \(oneLine(value))\r\n" }
    return Array((head + "\r\n").utf8)
  }

  /// A line break in a value would start a header of its own.
  private static func oneLine(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 }) else { return value }
    return String(decoding: value.utf8.map { $0 < 0x20 && $0 != 0x09 ? space : $0 }, as: UTF8.self)
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7), from seconds since 1970.
  static func date(_ seconds: Int64) -> String {
    let days = seconds / 86400
    // Civil date from days since 1970-01-01, counted in eras of 400 years that begin in March.
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(twoDigits).joined(separator: ":")
    return "\(weekdays[Int(days % 7)]), \(twoDigits(day)) \(months[Int(month) - 1]) \(year) \(time) GMT"
  }

  private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 100: "Continue"
    case 101: "UPGRADED"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 417: "Expectation Failed"
    case 426: "Upgrade Required"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: "Status \(status)"
    }
  }
}

/// Why a text with variables could not be filled in.
enum InterpolationError: Error, Equatable {
  case invalid
  case missing(variable: String, reason: String)
}

/// Fills `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}`, `${NAME+other}`,
/// `${NAME:?message}`, `${NAME?message}` and `$$` in a text, nested, as docker compose does.
///
/// Its peculiarities are compose's: defaults are filled in even where they are not needed, and a `${NAME:-` reaches to
/// the last brace of its line before braces are counted.
struct Interpolation {
  typealias Lookup = (String) -> String?

  let lookup: Lookup
  /// Called with the name of a variable that is not set and has no default.
  var unset: (String) -> Void = { _ in }

  private static let maximalDepth = 100

  func fill(_ text: String) throws(InterpolationError) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    return String(decoding: try fill(Array(text.utf8)[...], depth: 0), as: UTF8.self)
  }

  private func fill(_ text: ArraySlice<UInt8>, depth: Int) throws(InterpolationError) -> [UInt8] {
    guard depth < Self.maximalDepth else { throw .invalid }
    var result: [UInt8] = []
    var place = text.startIndex
    var failure: InterpolationError?
    while place < text.endIndex {
      guard text[place] == UInt8(ascii: "$"), place + 1 < text.endIndex else {
        result.append(text[place])
        place += 1
        continue
      }
      let next = text[place + 1]
      if next == UInt8(ascii: "$") {
        result.append(next)
        place += 2
      } else if next == UInt8(ascii: "{") {
        do {
          let (value, end) = try braced(text, at: place, depth: depth)
          result += value
          place = end
        } catch {
          failure = failure ?? error
          place += 2
        }
      } else if let end = Self.name(in: text, from: place + 1) {
        result += plain(text[(place + 1)..<end])
        place = end
      } else {
        result.append(text[place])
        place += 1
      }
    }
    if let failure { throw failure }
    return result
  }

  /// The end of the name that begins at `start`, nil where none does.
  private static func name(in text: ArraySlice<UInt8>, from start: Int) -> Int? {
    var end = start
    while end < text.endIndex, isNameByte(text[end], first: end == start) { end += 1 }
    return end > start ? end : nil
  }

  private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
    default: false
    }
  }

  private func plain(_ name: ArraySlice<UInt8>) -> [UInt8] {
    let name = String(decoding: name, as: UTF8.self)
    if let value = lookup(name) { return Array(value.utf8) }
    unset(name)
    return []
  }

  private func braced(
    _ text: ArraySlice<UInt8>, at start: Int, depth: Int
  ) throws(InterpolationError) -> (value: [UInt8], end: Int) {
    guard let nameEnd = Self.name(in: text, from: start + 2), nameEnd < text.endIndex else { throw .invalid }
    let name = text[(start + 2)..<nameEnd]
    if text[nameEnd] == UInt8(ascii: "}") { return (plain(name), nameEnd + 1) }
    guard let form = Form(text[nameEnd...]) else { throw .invalid }
    let lineEnd = text[nameEnd...].firstIndex(of: 10) ?? text.endIndex
    guard let last = text[nameEnd..<lineEnd].lastIndex(of: UInt8(ascii: "}")), last >= nameEnd + form.length
    else { throw .invalid }
    let closing = Self.closingBrace(of: text[start...last]) ?? last
    guard closing >= nameEnd + form.length else { throw .invalid }
    let argument = text[(nameEnd + form.length)..<closing]
    let value = try apply(form, String(decoding: name, as: UTF8.self), argument, depth: depth)
    return (value + (try fill(text[(closing + 1)..<(last + 1)], depth: depth + 1)), last + 1)
  }

  /// Where the brace that opens first in `text` is closed; the character behind an opening brace is not looked at.
  private static func closingBrace(of text: ArraySlice<UInt8>) -> Int? {
    var open = 0
    var place = text.startIndex
    while place < text.endIndex {
      if text[place] == UInt8(ascii: "}") {
        open -= 1
        if open == 0 { return place }
      }
      if text[place] == UInt8(ascii: "{") {
        open += 1
        place += 1
      }
      place += 1
    }
    return nil
  }

  /// What stands between a name and its argument.
  private struct Form {
    enum Kind { case fallback, alternative, required }
    let kind: Kind
    /// Whether an empty value counts as unset: the form with a colon.
    let orEmpty: Bool
    var length: Int { orEmpty ? 2 : 1 }

    init?(_ text: ArraySlice<UInt8>) {
      orEmpty = text.first == UInt8(ascii: ":")
      switch text.dropFirst(orEmpty ? 1 : 0).first {
      case UInt8(ascii: "-"): kind = .fallback
      case UInt8(ascii: "+"): kind = .alternative
      case UInt8(ascii: "?"): kind = .required
      default: return nil
      }
    }
  }

  private func apply(
    _ form: Form, _ name: String, _ argument: ArraySlice<UInt8>, depth: Int
  ) throws(InterpolationError) -> [UInt8] {
    let filled = try fill(argument, depth: depth + 1)
    let value = lookup(name)
    let present = value != nil && !(form.orEmpty && value == "")
    switch form.kind {
    case .fallback: return present ? Array((value ?? "").utf8) : filled
    case .alternative: return present ? filled : Array((value ?? "").utf8)
    case .required:
      guard present else { throw .missing(variable: name, reason: String(decoding: filled, as: UTF8.self)) }
      return Array((value ?? "").utf8)
    }
  }
}

/// The pieces of a template: text, and inside `{{ }}` words, signs and literals.
enum TemplateToken: Equatable, Sendable {
  case text(String)
  case open
  case close
  /// `.Name`
  case field(String)
  case dot
  /// `$` or `$name`
  case variable(String)
  case word(String)
  /// Literals, with their spelling.
  case string(String, String)
  case integer(Int64, String)
  case number(Double, String)
  case pipe, comma, leftParenthesis, rightParenthesis, declare, assign
  /// White space; it parts `.a .b` from `.a.b`.
  case space

  var shown: String {
    switch self {
    case .field(let name): "\".\(name)\""
    case .variable(let name), .word(let name): "\"\(name)\""
    case .string(_, let text): text
    case .integer(_, let text), .number(_, let text): "<\(text)>"
    case .dot: "\".\""
    case .pipe: "\"|\""
    case .comma: "\",\""
    case .leftParenthesis: "\"(\""
    case .rightParenthesis: "\")\""
    case .declare: "\":=\""
    case .assign: "\"=\""
    case .space: "\" \""
    case .open: "\"{{\""
    case .close: "\"}}\""
    case .text: "text"
    }
  }
}

struct PlacedToken: Sendable {
  var token: TemplateToken
  var place: TemplatePlace
}

struct TemplateLexer {
  private let letters: [Character]
  private var at = 0
  private var place = TemplatePlace(line: 1, column: 0)
  private let name: String
  private(set) var tokens: [PlacedToken] = []

  init(_ text: String, name: String) {
    letters = Array(text)
    self.name = name
  }

  /// `name` stands in messages.
  static func tokens(of text: String, name: String) throws(TemplateError) -> [PlacedToken] {
    var lexer = TemplateLexer(text, name: name)
    try lexer.all()
    return lexer.tokens
  }

  private func looksAt(_ text: String, from offset: Int = 0) -> Bool {
    letters[min(at + offset, letters.count)...].starts(with: text)
  }

  private mutating func take(_ count: Int = 1) -> String {
    let taken = letters[at..<min(at + count, letters.count)]
    for letter in taken {
      if letter == "\n" { place = TemplatePlace(line: place.line + 1, column: 0) } else { place.column += 1 }
    }
    at += taken.count
    return String(taken)
  }

  private mutating func add(_ token: TemplateToken, _ place: TemplatePlace) {
    tokens.append(PlacedToken(token: token, place: place))
  }

  private func fault(_ message: String) -> TemplateError {
    TemplateError("template: \(name):\(place.line): \(message)")
  }

  private mutating func all() throws(TemplateError) {
    var trimsNext = false
    while true {
      let start = place
      var text = ""
      while at < letters.count, !looksAt("{{") { text += take() }
      if trimsNext { text = Self.trimStart(text) }
      let trims = looksAt("{{-") && at + 3 < letters.count && letters[at + 3].isWhitespace
      if trims { text = Self.trimEnd(text) }
      if !text.isEmpty { add(.text(text), start) }
      guard at < letters.count else { return }
      trimsNext = try action(trimmed: trims)
    }
  }

  /// Takes one action; says whether it trims the text behind it.
  private mutating func action(trimmed: Bool) throws(TemplateError) -> Bool {
    let start = place
    _ = take(trimmed ? 4 : 2)
    if looksAt("/*") { return try comment() }
    add(.open, start)
    while true {
      // The parser tells of the end that is missing, and before it of what is wrong with what is there.
      guard at < letters.count else { return false }
      let here = place
      if letters[at].isWhitespace, looksAt("-}}", from: 1) {
        _ = take(4)
        add(.close, here)
        return true
      }
      if looksAt("}}") {
        _ = take(2)
        add(.close, here)
        return false
      }
      try piece(here)
    }
  }

  private mutating func comment() throws(TemplateError) -> Bool {
    while at < letters.count, !looksAt("*/") { _ = take() }
    _ = take(2)
    if at < letters.count, letters[at].isWhitespace, looksAt("-}}", from: 1) {
      _ = take(4)
      return true
    }
    guard looksAt("}}") else { throw fault("comment ends before closing delimiter") }
    _ = take(2)
    return false
  }

  private mutating func piece(_ here: TemplatePlace) throws(TemplateError) {
    switch letters[at] {
    case let letter where letter.isWhitespace:
      while at < letters.count, letters[at].isWhitespace, !looksAt("-}}", from: 1) { _ = take() }
      add(.space, here)
    case "|": sign(.pipe, here)
    case ",": sign(.comma, here)
    case "(": sign(.leftParenthesis, here)
    case ")": sign(.rightParenthesis, here)
    case "=": sign(.assign, here)
    case ":":
      guard looksAt(":=") else { throw fault("expected :=") }
      _ = take()
      sign(.declare, here)
    case "\"":
      let start = at
      let text = try quoted()
      add(.string(text, String(letters[start..<at])), here)
    case "'": try character(here)
    case "`":
      let start = at
      let text = try raw()
      add(.string(text, String(letters[start..<at])), here)
    case "$":
      _ = take()
      add(.variable("$" + identifier()), here)
      try endOfName()
    case ".":
      if at + 1 < letters.count, letters[at + 1].isNumber { return try number(here) }
      _ = take()
      let name = identifier()
      add(name.isEmpty ? .dot : .field(name), here)
      if !name.isEmpty { try endOfName() }
    case let letter where letter.isNumber || letter == "-" || letter == "+": try number(here)
    case let letter where letter.isLetter || letter == "_":
      add(.word(identifier()), here)
      try endOfName()
    case let letter: throw fault("unrecognized character in action: \(Self.unicode(letter))")
    }
  }

  private mutating func sign(_ token: TemplateToken, _ here: TemplatePlace) {
    _ = take()
    add(token, here)
  }

  /// `U+007D '}'`
  private static func unicode(_ letter: Character) -> String {
    let digits = String(letter.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + " '\(letter)'"
  }

  /// Behind a name only some signs may stand.
  private func endOfName() throws(TemplateError) {
    guard at < letters.count, !letters[at].isWhitespace, !".,|:)(=".contains(letters[at]), !looksAt("}}")
    else {
      return
    }
    throw fault("bad character \(Self.unicode(letters[at]))")
  }

  private mutating func identifier() -> String {
    var name = ""
    while at < letters.count, letters[at].isLetter || letters[at].isNumber || letters[at] == "_" {
      name += take()
    }
    return name
  }

  private mutating func quoted() throws(TemplateError) -> String {
    let quote = letters[at]
    _ = take()
    var text = ""
    while at < letters.count, letters[at] != quote, letters[at] != "\n" {
      guard letters[at] == "\\", at + 1 < letters.count else {
        text += take()
        continue
      }
      _ = take()
      text += Self.escape(take())
    }
    guard at < letters.count, letters[at] == quote else { throw fault("unterminated quoted string") }
    _ = take()
    return text
  }

  /// A character between single quotes is its number.
  private mutating func character(_ here: TemplatePlace) throws(TemplateError) {
    let start = at
    let text = try quoted()
    let spelling = String(letters[start..<at])
    guard text.unicodeScalars.count == 1, let scalar = text.unicodeScalars.first else {
      throw fault("malformed character constant: \(spelling)")
    }
    add(.integer(Int64(scalar.value), spelling), here)
  }

  private static func escape(_ letter: String) -> String {
    switch letter {
    case "n": "\n"
    case "t": "\t"
    case "r": "\r"
    case "a": "\u{7}"
    case "b": "\u{8}"
    default: letter
    }
  }

  private mutating func raw() throws(TemplateError) -> String {
    _ = take()
    var text = ""
    while at < letters.count, letters[at] != "`" { text += take() }
    guard at < letters.count else { throw fault("unterminated raw quoted string") }
    _ = take()
    return text
  }

  private mutating func number(_ here: TemplatePlace) throws(TemplateError) {
    var text = take()
    while at < letters.count, letters[at].isNumber || letters[at].isLetter || letters[at] == "." {
      text += take()
    }
    if let integer = Int64(text) {
      add(.integer(integer, text), here)
    } else if text.lowercased().hasPrefix("0x"), let integer = Int64(text.dropFirst(2), radix: 16) {
      add(.integer(integer, text), here)
    } else if let number = Double(text) {
      add(.number(number, text), here)
    } else {
      throw fault("bad number syntax: \"\(text)\"")
    }
  }

  private static func trimStart(_ text: String) -> String { String(text.drop(while: \.isWhitespace)) }
  private static func trimEnd(_ text: String) -> String {
    var text = Substring(text)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

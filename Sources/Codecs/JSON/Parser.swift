/// JSON text to a tree (RFC 8259), in one pass without recursion.
struct Parser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var nodes: [Tree.Node] = []
  /// The containers that are open, by their place in `nodes`.
  private var open: [Int] = []
  private let depthLimit: Int

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
    nodes.reserveCapacity(bytes.count / 12 + 4)
  }

  /// A fault in the text, by its place in bytes.
  private struct Fault: Error {
    var place: Int
    var message: String
  }

  static func parse(_ bytes: [UInt8], depthLimit: Int = JSON.depthLimit) throws(JSONError) -> Tree {
    guard bytes.count <= JSON.sizeLimit else {
      throw JSONError(line: 0, column: 0, path: "", message: "longer than \(JSON.sizeLimit) bytes")
    }
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<[Tree.Node], Fault> in
      var parser = Parser(buffer, depthLimit)
      return Result { () throws(Fault) in try parser.document() }
    }
    switch result {
    case .success(let nodes): return Tree(bytes: bytes, nodes: nodes)
    case .failure(let fault):
      let (line, column) = Tree.position(of: fault.place, in: bytes)
      throw JSONError(line: line, column: column, path: "", message: fault.message)
    }
  }

  private mutating func document() throws(Fault) -> [Tree.Node] {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { place = 3 }
    skipSpace()
    try value()
    while let container = open.last {
      if nodes[container].kind == .object { try member(of: container) } else { try element(of: container) }
    }
    skipSpace()
    guard place == bytes.count else { throw unexpected("after the value") }
    return nodes
  }

  /// What follows inside an object: its end, or (a comma and) a key and a value.
  private mutating func member(of container: Int) throws(Fault) {
    skipSpace()
    if try closes(UInt8(ascii: "}"), container) { return }
    guard peek() == UInt8(ascii: "\"") else { throw unexpected("where a key should stand") }
    try string()
    skipSpace()
    guard peek() == UInt8(ascii: ":") else { throw unexpected("where ':' should stand") }
    place += 1
    skipSpace()
    try value()
  }

  private mutating func element(of container: Int) throws(Fault) {
    skipSpace()
    if try closes(UInt8(ascii: "]"), container) { return }
    try value()
  }

  /// Takes the end of the innermost container, or the comma before its next member.
  private mutating func closes(_ end: UInt8, _ container: Int) throws(Fault) -> Bool {
    let isFirst = nodes.count == container + 1
    if peek() == end {
      place += 1
      open.removeLast()
      nodes[container].end = UInt32(place)
      nodes[container].next = UInt32(nodes.count)
      return true
    }
    if isFirst { return false }
    guard peek() == UInt8(ascii: ",") else {
      throw unexpected("where ',' or '\(Character(Unicode.Scalar(end)))' should stand")
    }
    place += 1
    skipSpace()
    if peek() == end { throw unexpected("after ','") }
    return false
  }

  private mutating func value() throws(Fault) {
    guard let byte = peek() else { throw unexpected("where a value should stand") }
    switch byte {
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "{"): try begin(.object)
    case UInt8(ascii: "["): try begin(.array)
    case UInt8(ascii: "t"): try word("true", .yes)
    case UInt8(ascii: "f"): try word("false", .no)
    case UInt8(ascii: "n"): try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    default: throw unexpected("where a value should stand")
    }
  }

  private mutating func begin(_ kind: Tree.Kind) throws(Fault) {
    guard open.count < depthLimit else {
      throw Fault(place: place, message: "nested deeper than \(depthLimit)")
    }
    open.append(nodes.count)
    nodes.append(.init(kind: kind, start: UInt32(place), end: 0, next: 0))
    place += 1
  }

  private mutating func word(_ word: StaticString, _ kind: Tree.Kind) throws(Fault) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard peek() == word.utf8Start[offset] else { throw unexpected("in '\(word)'") }
      place += 1
    }
    add(kind, from: place - word.utf8CodeUnitCount, to: place)
  }

  private mutating func string() throws(Fault) {
    place += 1
    let start = place
    var kind = Tree.Kind.string
    while true {
      guard place < bytes.count else { throw Fault(place: place, message: "unexpected end in a string") }
      let byte = bytes[place]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        kind = .escapedString
        place += 1
        try escape()
      } else if byte < 0x20 {
        throw unexpected("in a string")
      } else {
        place += 1
      }
    }
    add(kind, from: start, to: place)
    place += 1
  }

  private mutating func escape() throws(Fault) {
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      place += 1
    case UInt8(ascii: "u"):
      place += 1
      for _ in 0..<4 {
        guard let byte = peek(), Unescaping.hexDigit(byte) != nil else { throw unexpected("in '\\u'") }
        place += 1
      }
    default: throw unexpected("after '\\'")
    }
  }

  private mutating func number() throws(Fault) {
    let start = place
    var kind = Tree.Kind.integer
    if peek() == UInt8(ascii: "-") { place += 1 }
    if peek() == UInt8(ascii: "0") { place += 1 } else { try digits() }
    if peek() == UInt8(ascii: ".") {
      kind = .number
      place += 1
      try digits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      kind = .number
      place += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { place += 1 }
      try digits()
    }
    add(kind, from: start, to: place)
  }

  private mutating func digits() throws(Fault) {
    let start = place
    while place < bytes.count, bytes[place] &- 48 < 10 { place += 1 }
    guard place > start else { throw unexpected("in a number") }
  }

  private mutating func add(_ kind: Tree.Kind, from start: Int, to end: Int) {
    nodes.append(.init(kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1)))
  }

  private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 32, 10, 13, 9: place += 1
      default: return
      }
    }
  }

  private func unexpected(_ context: String) -> Fault {
    guard let byte = peek() else { return Fault(place: place, message: "unexpected end \(context)") }
    let shown = (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    return Fault(place: place, message: "unexpected \(shown) \(context)")
  }
}

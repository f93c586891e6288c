/// Tokens to nodes (YAML 1.1, chapter 4), with the complaints of libyaml.
struct Parser {
  private var scanner: Scanner
  private var anchors: [String: YAMLNode] = [:]
  private var open: Set<String> = []
  private var tagHandles: [String: String] = [:]
  private var depth = 0
  private var first = true

  init(_ bytes: [UInt8]) throws(YAMLError) { scanner = try Scanner(bytes) }

  /// The next document's root, nil after the last.
  mutating func nextDocument() throws(YAMLError) -> YAMLNode? {
    var token = try scanner.peek()
    if !first { while token.kind == .documentEnd { token = try advance() } }
    tagHandles = ["!": "!", "!!": "tag:yaml.org,2002:"]
    anchors = [:]
    let implicit = first
    first = false
    if token.kind == .streamEnd { return nil }
    let explicit = startsDocument(token.kind)
    if !implicit || explicit {
      try parseDirectives()
      token = try scanner.peek()
      guard token.kind == .documentStart else {
        throw error("did not find expected <document start>", at: token.start, context: nil)
      }
      token = try advance()
      if startsDocument(token.kind) || token.kind == .documentEnd || token.kind == .streamEnd {
        try endDocument()
        return empty(at: token.start)
      }
    }
    let root = try parseNode(block: true)
    try endDocument()
    return root
  }

  private func startsDocument(_ kind: Token.Kind) -> Bool {
    switch kind {
    case .versionDirective, .tagDirective, .documentStart: true
    default: false
    }
  }

  private mutating func endDocument() throws(YAMLError) {
    if try scanner.peek().kind == .documentEnd { scanner.skip() }
  }

  private mutating func parseDirectives() throws(YAMLError) {
    var version = false
    while true {
      let token = try scanner.peek()
      switch token.kind {
      case .versionDirective(let major, let minor):
        guard !version else { throw error("found duplicate %YAML directive", at: token.start, context: nil) }
        guard major == 1, minor <= 2 else {
          throw error("found incompatible YAML document", at: token.start, context: nil)
        }
        version = true
      case .tagDirective(let handle, let prefix): tagHandles[handle] = prefix
      default: return
      }
      scanner.skip()
    }
  }

  private mutating func advance() throws(YAMLError) -> Token {
    scanner.skip()
    return try scanner.peek()
  }

  private func error(_ problem: String, at mark: Mark, context: Mark?) -> YAMLError {
    let line = if let context, context.line != 0 { context.line } else { mark.line }
    return YAMLError(problem, at: mark, reportedLine: line == 0 ? nil : line)
  }

  private func empty(at mark: Mark, tag: String = "") -> YAMLNode {
    YAMLNode(.scalar("", .plain), tag: tag, line: mark.line + 1, column: mark.column + 1)
  }

  // MARK: Nodes

  private mutating func parseNode(block: Bool, indentless: Bool = false) throws(YAMLError) -> YAMLNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Scanner.maximalDepth else { throw scanner.tooDeep() }
    var token = try scanner.peek()
    if case .alias(let name) = token.kind {
      scanner.skip()
      guard !open.contains(name) else {
        throw YAMLError("anchor '\(name)' value contains itself", at: token.start, reportedLine: nil)
      }
      guard let target = anchors[name] else {
        throw YAMLError("unknown anchor '\(name)' referenced", at: token.start, reportedLine: nil)
      }
      return YAMLNode(.alias(target), line: token.start.line + 1, column: token.start.column + 1)
    }
    let start = token.start
    var anchor: String?
    var tag: String?
    properties: while true {
      switch token.kind {
      case .anchor(let name) where anchor == nil: anchor = name
      case .tag(let handle, let suffix) where tag == nil:
        guard let prefix = handle.isEmpty ? "" : tagHandles[handle] else {
          throw error("found undefined tag handle", at: token.start, context: start)
        }
        tag = prefix + suffix
      default: break properties
      }
      token = try advance()
    }
    if let anchor { open.insert(anchor) }
    let place = Place(tag: tag ?? "", start: start, bare: tag == nil && anchor == nil)
    let node = try parseContent(token, place, block: block, indentless: indentless)
    if let anchor {
      open.remove(anchor)
      anchors[anchor] = node
    }
    return node
  }

  /// Where a node began, and what was written before its content.
  private struct Place {
    let tag: String
    let start: Mark
    let bare: Bool
  }

  private mutating func parseContent(
    _ token: Token, _ place: Place, block: Bool, indentless: Bool
  ) throws(YAMLError) -> YAMLNode {
    let content: YAMLNode.Content
    switch token.kind {
    case .blockEntry where indentless: content = .sequence(try parseIndentlessSequence())
    case .scalar(let text, let style):
      scanner.skip()
      content = .scalar(text, style)
    case .flowSequenceStart: content = .sequence(try parseFlowSequence(token.start))
    case .flowMappingStart: content = .mapping(try parseFlowMapping(token.start))
    case .blockSequenceStart where block: content = .sequence(try parseBlockSequence(token.start))
    case .blockMappingStart where block: content = .mapping(try parseBlockMapping(token.start))
    default:
      guard place.bare else { return empty(at: place.start, tag: place.tag) }
      throw error("did not find expected node content", at: token.start, context: place.start)
    }
    return YAMLNode(content, tag: place.tag, line: place.start.line + 1, column: place.start.column + 1)
  }

  // MARK: Block collections

  private mutating func parseBlockSequence(_ start: Mark) throws(YAMLError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    var token = try advance()
    while token.kind == .blockEntry {
      let mark = token.start
      token = try advance()
      if token.kind == .blockEntry || token.kind == .blockEnd {
        items.append(empty(at: mark))
      } else {
        items.append(try parseNode(block: true))
      }
      token = try scanner.peek()
    }
    guard token.kind == .blockEnd else {
      throw error("did not find expected '-' indicator", at: token.start, context: start)
    }
    scanner.skip()
    return items
  }

  private mutating func parseIndentlessSequence() throws(YAMLError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while try scanner.peek().kind == .blockEntry {
      let token = try advance()
      switch token.kind {
      case .blockEntry, .key, .value, .blockEnd: items.append(empty(at: token.start))
      default: items.append(try parseNode(block: true))
      }
    }
    return items
  }

  private mutating func parseBlockMapping(_ start: Mark) throws(YAMLError) -> [(
    key: YAMLNode, value: YAMLNode
  )] {
    var pairs: [(key: YAMLNode, value: YAMLNode)] = []
    scanner.skip()
    var token = try scanner.peek()
    while token.kind == .key {
      let key = try parseBlockPart()
      var value = empty(at: try scanner.peek().start)
      if try scanner.peek().kind == .value { value = try parseBlockPart() }
      pairs.append((key, value))
      token = try scanner.peek()
    }
    guard token.kind == .blockEnd else {
      throw error("did not find expected key", at: token.start, context: start)
    }
    scanner.skip()
    return pairs
  }

  /// What stands behind a `?` or a `:` in a block mapping, perhaps nothing.
  private mutating func parseBlockPart() throws(YAMLError) -> YAMLNode {
    let token = try advance()
    switch token.kind {
    case .key, .value, .blockEnd: return empty(at: token.start)
    default: return try parseNode(block: true, indentless: true)
    }
  }

  // MARK: Flow collections

  private mutating func parseFlowSequence(_ start: Mark) throws(YAMLError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    var token = try advance()
    while token.kind != .flowSequenceEnd {
      if !items.isEmpty {
        guard token.kind == .flowEntry else {
          throw error("did not find expected ',' or ']'", at: token.start, context: start)
        }
        token = try advance()
      }
      if token.kind == .key {
        items.append(try parseFlowPair(token.start))
      } else if token.kind != .flowSequenceEnd {
        items.append(try parseNode(block: false))
      }
      token = try scanner.peek()
    }
    scanner.skip()
    return items
  }

  private mutating func parseFlowPair(_ start: Mark) throws(YAMLError) -> YAMLNode {
    let key = try parseFlowPart(ending: .flowSequenceEnd)
    var value = empty(at: try scanner.peek().start)
    if try scanner.peek().kind == .value { value = try parseFlowPart(ending: .flowSequenceEnd) }
    return YAMLNode(.mapping([(key, value)]), line: start.line + 1, column: start.column + 1)
  }

  private mutating func parseFlowPart(ending: Token.Kind) throws(YAMLError) -> YAMLNode {
    let token = try advance()
    if token.kind == .value || token.kind == .flowEntry || token.kind == ending {
      return empty(at: token.start)
    }
    return try parseNode(block: false)
  }

  private mutating func parseFlowMapping(_ start: Mark) throws(YAMLError) -> [(
    key: YAMLNode, value: YAMLNode
  )] {
    var pairs: [(key: YAMLNode, value: YAMLNode)] = []
    var token = try advance()
    while token.kind != .flowMappingEnd {
      if !pairs.isEmpty {
        guard token.kind == .flowEntry else {
          throw error("did not find expected ',' or '}'", at: token.start, context: start)
        }
        token = try advance()
        if token.kind == .flowMappingEnd { break }
      }
      if token.kind == .key {
        let key = try parseFlowPart(ending: .flowMappingEnd)
        var value = empty(at: try scanner.peek().start)
        if try scanner.peek().kind == .value { value = try parseFlowPart(ending: .flowMappingEnd) }
        pairs.append((key, value))
      } else {
        let key = try parseNode(block: false)
        pairs.append((key, empty(at: try scanner.peek().start)))
      }
      token = try scanner.peek()
    }
    scanner.skip()
    return pairs
  }
}

/// YAML text to nodes.
public enum YAML {
  /// How large a text may be, in bytes.
  public static let maximalSize = 64 << 20

  /// The roots of all documents of `bytes`, in order; none for an empty text.
  public static func parse(_ bytes: [UInt8]) throws(YAMLError) -> [YAMLNode] {
    guard bytes.count <= maximalSize else {
      throw YAMLError("document is larger than \(maximalSize) bytes", at: Mark(), reportedLine: nil)
    }
    var parser = try Parser(bytes)
    var documents: [YAMLNode] = []
    while let document = try parser.nextDocument() { documents.append(document) }
    return documents
  }
}

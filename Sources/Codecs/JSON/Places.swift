/// Where a node stands, for messages; worked out only when something is wrong.
extension Tree {
  /// The line and column of a byte, both counted from 1; columns count characters, not bytes.
  static func position(of place: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(place) {
      if byte == 10 {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  /// The keys and indices that lead to a node.
  func path(to target: Int) -> [PathKey] {
    var path: [PathKey] = []
    var container = 0
    while container < target {
      guard let (key, child) = step(in: container, towards: target) else { break }
      path.append(key)
      container = child
    }
    return path
  }

  private func step(in container: Int, towards target: Int) -> (PathKey, Int)? {
    let isObject = nodes[container].kind == .object
    var child = container + 1
    var index = 0
    while child < next(container) {
      let value = isObject ? child + 1 : child
      if target < next(value) {
        return (isObject ? PathKey(stringValue: string(at: child)) : PathKey(intValue: index), value)
      }
      child = next(value)
      index += 1
    }
    return nil
  }

  func error(at node: Int, _ message: String, key: String? = nil) -> JSONError {
    let (line, column) = Self.position(of: Int(nodes[node].start), in: bytes)
    let keys = path(to: node) + (key.map { [PathKey(stringValue: $0)] } ?? [])
    return JSONError(line: line, column: column, path: Self.describe(keys), message: message)
  }

  /// A type's own complaint, given the place it names.
  func error(for error: DecodingError) -> JSONError {
    let context =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
        .dataCorrupted(let context):
        context
      @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(error)")
      }
    let node = find(context.codingPath)
    let (line, column) = Self.position(of: Int(nodes[node].start), in: bytes)
    let message = context.debugDescription.prefix(1).lowercased() + context.debugDescription.dropFirst()
    return JSONError(line: line, column: column, path: Self.describe(context.codingPath), message: message)
  }

  /// The node a path leads to, or the last one it passes.
  private func find(_ path: [any CodingKey]) -> Int {
    var node = 0
    for key in path {
      var child = node + 1
      var index = 0
      var found: Int?
      let isObject = nodes[node].kind == .object
      while child < next(node), found == nil {
        let value = isObject ? child + 1 : child
        if isObject ? string(at: child) == key.stringValue : index == key.intValue { found = value }
        child = next(value)
        index += 1
      }
      guard let found else { break }
      node = found
    }
    return node
  }

  private static func describe(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
  }
}

/// A key or an index on the way to a value.
struct PathKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }
}

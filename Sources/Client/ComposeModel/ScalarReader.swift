import JSON
import TextFormats

/// Reads the fields that are no parts of their own.
struct ScalarReader {
  let path: String
  let warn: (String) -> Void

  func read(_ scalar: Shapes.Scalar, _ value: JSONValue) throws(ComposeError) -> JSONValue {
    switch scalar {
    case .string: return .string(try text(value))
    case .bool: return .bool(try boolean(value))
    case .int: return .integer(try integer(value))
    case .float: return .number(try float(value))
    case .bytes: return .integer(try bytes(value))
    case .duration: return .string(try duration(value))
    case .filemode: return .integer(try fileMode(value))
    case .devicecount: return .integer(try deviceCount(value))
    case .list, .strings, .numbers: return .array(try list(value))
    case .command: return try command(value)
    case .healthtest:
      if case .string = value { return ["CMD-SHELL", value] }
      return .array(try list(value))
    case .mapping: return .object(try pairs(value, bare: "", null: ""))
    case .labels: return .object(try pairs(value, bare: "", null: ""))
    case .variables: return .object(try variables(value))
    case .options: return .object(try pairs(value, bare: "", null: ""))
    case .multioptions: return .object(multiOptions(value))
    case .hosts: return .object(try hosts(value))
    case .ulimits: return .object(try ulimits(value))
    case .ssh: return ssh(value)
    case .envfiles: return value
    }
  }

  private func unexpected(_ value: JSONValue, _ type: String) -> ComposeError {
    ComposeError(
      "'\(path)' expected type '\(type)', got unconvertible type '\(value.goType)', value: '\(value.goText)'")
  }

  private func text(_ value: JSONValue) throws(ComposeError) -> String {
    switch value {
    case .string(let text): return text
    case .integer(let integer): return "\(integer)"
    default: throw unexpected(value, "string")
    }
  }

  private func boolean(_ value: JSONValue) throws(ComposeError) -> Bool {
    switch value {
    case .bool(let flag): return flag
    case .string(let text): return try ScalarCast.boolean(text, warn: warn)
    default: throw unexpected(value, "bool")
    }
  }

  private func integer(_ value: JSONValue) throws(ComposeError) -> Int64 {
    switch value {
    case .integer(let integer): return integer
    case .number(let number) where number.magnitude < 9e18: return Int64(number)
    case .string(let text): return try ScalarCast.integer(text, function: "ParseInt")
    default: throw unexpected(value, "int")
    }
  }

  private func float(_ value: JSONValue) throws(ComposeError) -> Double {
    switch value {
    case .integer(let integer): return ScalarCast.narrowed(Double(integer))
    case .number(let number): return ScalarCast.narrowed(number)
    case .string(let text): return try ScalarCast.float(text)
    default: throw unexpected(value, "float32")
    }
  }

  private func bytes(_ value: JSONValue) throws(ComposeError) -> Int64 {
    switch value {
    case .integer(let integer): return integer
    case .string(let text):
      do { return try ByteSize.parse(text) } catch { throw ComposeError("\(error)") }
    default: return 0
    }
  }

  private func duration(_ value: JSONValue) throws(ComposeError) -> String {
    do { return GoDuration.format(nanoseconds: try GoDuration.parse(value.goText, days: true)) } catch {
      throw ComposeError("\(error)")
    }
  }

  private func fileMode(_ value: JSONValue) throws(ComposeError) -> Int64 {
    switch value {
    case .integer(let mode): return mode
    case .string(let text):
      guard let mode = Int64(text, radix: 8) else {
        throw ComposeError("strconv.ParseInt: parsing \(GoQuote.text(text)): invalid syntax")
      }
      return mode
    default: throw ComposeError("unexpected value type \(value.goType) for mode")
    }
  }

  private func deviceCount(_ value: JSONValue) throws(ComposeError) -> Int64 {
    switch value {
    case .integer(let count): return count
    case .string(let text) where text.lowercased() == "all": return -1
    case .string(let text):
      guard let count = Int64(text) else {
        throw ComposeError(
          "invalid value \(GoQuote.text(text)), the only value allowed is 'all' or a number")
      }
      return count
    default: throw ComposeError("invalid type \(value.goType) for device count")
    }
  }

  private func list(_ value: JSONValue) throws(ComposeError) -> [JSONValue] {
    switch value {
    case .string: return [value]
    case .array(let items): return items.map { .string($0.goText) }
    default: throw ComposeError("invalid type \(value.goType) for string list")
    }
  }

  private func command(_ value: JSONValue) throws(ComposeError) -> JSONValue {
    guard case .string(let line) = value else { return .array(try list(value)) }
    do { return .array(try ShellWords.split(line).map(JSONValue.string)) } catch {
      throw ComposeError("\(error)")
    }
  }

  private func split(_ item: JSONValue) -> (key: String, value: String?) {
    let text = item.goText
    guard let mark = text.firstIndex(of: "=") else { return (text, nil) }
    return (String(text[..<mark]), String(text[text.index(after: mark)...]))
  }

  private func pairs(_ value: JSONValue, bare: String, null: String) throws(ComposeError) -> JSONObject {
    var result = JSONObject()
    switch value {
    case .object(let members):
      for (key, member) in members { result[key] = .string(member == .null ? null : member.goText) }
    case .array(let items):
      for item in items {
        let (key, value) = split(item)
        result[key] = .string(value ?? bare)
      }
    default: throw ComposeError("unexpected value type \(value.goType) for mapping")
    }
    return result
  }

  private func variables(_ value: JSONValue) throws(ComposeError) -> JSONObject {
    var result = JSONObject()
    switch value {
    case .object(let members):
      for (key, member) in members { result[key] = member == .null ? .null : .string(member.goText) }
    case .array(let items):
      for item in items {
        let (key, value) = split(item)
        if key.unicodeScalars.last?.properties.isWhitespace == true {
          throw ComposeError("environment variable \(key) is declared with a trailing space")
        }
        result[key] = value.map(JSONValue.string) ?? .null
      }
    default: throw ComposeError("unexpected value type \(value.goType) for mapping")
    }
    return result
  }

  private func multiOptions(_ value: JSONValue) -> JSONObject {
    var result = JSONObject()
    for (key, member) in value.object ?? [:] {
      result[key] = .array((member.array ?? [member]).map { .string($0.goText) })
    }
    return result
  }

  private func hosts(_ value: JSONValue) throws(ComposeError) -> JSONObject {
    var result = JSONObject()
    func add(_ host: String, _ addresses: [String]) throws(ComposeError) {
      guard !host.isEmpty, !host.contains(where: { ":=".contains($0) }) else {
        throw ComposeError("bad host name '\(host)'")
      }
      let bare = addresses.map {
        $0.count > 2 && $0.hasPrefix("[") && $0.hasSuffix("]") ? String($0.dropFirst().dropLast()) : $0
      }
      result[host] = .array((result[host]?.array ?? []) + bare.map(JSONValue.string))
    }
    switch value {
    case .object(let members):
      for (host, member) in members {
        try add(host, (member.array ?? [member]).map { $0 == .null ? "" : $0.goText })
      }
    case .array(let items):
      for item in items {
        let text = item.goText
        guard let mark = text.firstIndex(of: "=") ?? text.firstIndex(of: ":") else {
          throw ComposeError("invalid additional host, missing IP: \(text)")
        }
        let addresses = text[text.index(after: mark)...].split(
          separator: ",", omittingEmptySubsequences: false)
        try add(String(text[..<mark]), addresses.map(String.init))
      }
    default: throw ComposeError("unexpected value type \(value.goType) for extra_hosts")
    }
    return result
  }

  private func ulimits(_ value: JSONValue) throws(ComposeError) -> JSONObject {
    var result = JSONObject()
    for (name, limit) in value.object ?? [:] {
      switch limit {
      case .integer: result[name] = limit
      case .object(let bounds):
        result[name] = ["soft": bounds["soft"] ?? 0, "hard": bounds["hard"] ?? 0]
      default: throw ComposeError("unexpected value type \(limit.goType) for ulimit")
      }
    }
    return result
  }

  private func ssh(_ value: JSONValue) -> JSONValue {
    .array(
      (value.object ?? [:]).map {
        ["id": .string($0.key), "path": .string($0.value == .null ? "" : $0.value.goText)]
      })
  }
}

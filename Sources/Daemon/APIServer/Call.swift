import DaemonSettings
import DockerAPI
import EngineErrors
import HTTP
import JSON
import TextFormats

/// A request that found its route.
struct Call: Sendable {
  let exchange: HTTPExchange
  let version: APIVersion
  /// What stood in the holes of the route's path.
  var holes: [String: String]
  /// What limits this client; nil for one without limits.
  var gate: Gate?

  var request: HTTPRequest { exchange.request }

  /// A hole of the route's own pattern, so it is there.
  func hole(_ name: String) -> String { holes[name] ?? "" }

  /// Whether this client may see and run an image of these labels.
  func sees(image labels: [String: String]?) -> Bool { gate?.scope.sees(image: labels) ?? true }

  // MARK: query

  /// Go's reading in the Engine API: absent, empty, 0, no, false and none are false.
  func flag(_ name: String) -> Bool {
    !["", "0", "no", "false", "none"].contains((request.parameter(name) ?? "").lowercased())
  }

  /// The same, true where the parameter is absent.
  func flag(_ name: String, default standard: Bool) -> Bool {
    request.parameter(name) == nil ? standard : flag(name)
  }

  /// A parameter that is there and not empty.
  func text(_ name: String) -> String? { request.parameter(name).flatMap { $0.isEmpty ? nil : $0 } }

  func integer(_ name: String) throws(EngineError) -> Int? {
    guard let text = text(name) else { return nil }
    guard let value = Int(text) else {
      throw EngineError(.invalidArgument, "invalid value for \(name): '\(text)' is not a number")
    }
    return value
  }

  /// `1136073600.000000001`: nanoseconds since 1970; nil where absent or 0.
  func moment(_ name: String) throws(EngineError) -> Int64? {
    guard let text = text(name), text != "0" else { return nil }
    guard let moment = Timestamp(unix: text) else {
      throw EngineError(.invalidArgument, "invalid value for '\(name)': \"\(text)\" is not a time in seconds")
    }
    return moment.nanoseconds
  }

  /// What was asked for, and only what is the client's own.
  func filters() throws(EngineError) -> Filters {
    var filters = try givenFilters()
    // Every label of a filter must be there, so nothing that a client adds can take this one away.
    if let label = gate?.scope.label { filters.values["label", default: []].append(label.text) }
    return filters
  }

  /// What was asked for.
  func givenFilters() throws(EngineError) -> Filters {
    do throws(InvalidFilter) {
      return try Filters(json: request.parameter("filters") ?? "")
    } catch {
      throw EngineError(.invalidArgument, error.description)
    }
  }

  // MARK: body

  /// The JSON body. Throws what dockerd says for another content type, an empty body or malformed JSON.
  func body<Value: Decodable>(_ type: Value.Type, as dialect: JSONDialect = .docker) async throws -> Value {
    let bytes = try await request.body.collect(upTo: 16 << 20)
    try requireJSONType(isEmpty: bytes.isEmpty)
    guard !bytes.isEmpty else {
      throw EngineError(.invalidArgument, "invalid JSON: got EOF while reading request body")
    }
    return try await admitted(JSON.decode(type, from: bytes, as: dialect))
  }

  /// The request as it may be carried out, whether the client said it or it is the standard one.
  func admitted<Value>(_ value: Value) async throws -> Value {
    guard let gate else { return value }
    return try await gate.admit(value)
  }

  /// The JSON body; nil where there is none.
  func optionalBody<Value: Decodable>(_ type: Value.Type) async throws -> Value? {
    let bytes = try await request.body.collect(upTo: 16 << 20)
    return bytes.isEmpty ? nil : try await admitted(JSON.decode(type, from: bytes, as: .docker))
  }

  private func requireJSONType(isEmpty: Bool) throws(EngineError) {
    let type = request.headers["content-type"]
    if isEmpty, type == nil { return }
    let essence = (type ?? "").split(separator: ";").first.map { $0.trimmingSpaces.lowercased() } ?? ""
    guard essence == "application/json" else {
      throw EngineError(
        .invalidArgument, "unsupported Content-Type header (\(type ?? "")): must be 'application/json'")
    }
  }

  // MARK: answer

  func answer<Value: Encodable>(_ value: Value, status: Int = 200, as dialect: JSONDialect = .docker)
    async throws
  {
    let body = JSON.encode(value, as: dialect) + [0x0a]
    try await exchange.respond(status: status, headers: Self.headers + [Self.json], body: body)
  }

  /// Without a body.
  func answer(status: Int) async throws { try await exchange.respond(status: status, headers: Self.headers) }

  func refuse(_ error: any Error) async throws {
    let (status, message) = statusAndMessage(error)
    if status == 304 { return try await answer(status: 304) }
    var body = ErrorBody()
    body.message = message
    try await answer(body, status: status, as: .plain)
  }

  /// In plain text, for those who do not know the other form.
  func refusePlainly(_ error: any Error) async throws {
    let (status, message) = statusAndMessage(error)
    let type = ("Content-Type", "text/plain; charset=utf-8")
    try await exchange.respond(
      status: status, headers: Self.headers + [type], body: Array("\(message)\n".utf8))
  }

  /// Begins an answer whose body follows in pieces.
  func stream(_ contentType: String, headers: [(String, String)] = []) async throws -> HTTPResponseStream {
    try await exchange.startStream(
      status: 200, headers: Self.headers + [("Content-Type", contentType)] + headers)
  }

  static let json = ("Content-Type", "application/json")

  /// What every answer carries.
  static let headers = [
    ("Api-Version", APIVersion.newest.description), ("Docker-Experimental", "false"), ("Ostype", "linux"),
    ("Server", "Skiff/\(EngineVersion.number) (linux)"),
  ]
}

extension Substring {
  var trimmingSpaces: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

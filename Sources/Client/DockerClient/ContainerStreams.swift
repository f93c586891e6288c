import DockerAPI
import HTTP
import JSON

/// Which streams to attach to.
public struct AttachOptions: Sendable {
  public var stdin = false
  public var stdout = true
  public var stderr = true
  /// Whether what was logged so far comes first.
  public var logs = false
  public var detachKeys = ""
  /// Whether the container has a terminal: then its output is one raw stream.
  public var tty = false
  public init() {}
}

/// Which part of the logs to read. Times as seconds since 1970, RFC 3339 or a Go duration before now.
public struct LogOptions: Sendable {
  public var stdout = true
  public var stderr = true
  public var follow = false
  public var timestamps = false
  public var details = false
  public var since = ""
  public var until = ""
  /// A number of lines, or `all`.
  public var tail = ""
  public var tty = false
  public init() {}
}

extension DockerClient {
  public func attachContainer(_ id: String, _ options: AttachOptions) async throws -> AttachedStreams {
    var query = Query()
    query.set("stream", true)
    query.set("stdin", options.stdin)
    query.set("stdout", options.stdout)
    query.set("stderr", options.stderr)
    query.set("logs", options.logs)
    query.set("detachKeys", options.detachKeys)
    return try await attach("/containers/\(Query.name(id))/attach", query, isRaw: options.tty)
  }

  /// The log of a container that is gone, by the name it had; Skiff's own. `options.tty` is not looked at.
  public func previousLogs(_ name: String, _ options: LogOptions) async throws -> OutputSequence {
    let response = try await send("GET", "/previous/\(Query.name(name))/logs", Self.query(options))
    let isRaw = response.headers["content-type"] == "application/vnd.docker.raw-stream"
    return OutputSequence(body: response.body, isRaw: isRaw)
  }

  public func containerLogs(_ id: String, _ options: LogOptions) async throws -> OutputSequence {
    let response = try await send("GET", "/containers/\(Query.name(id))/logs", Self.query(options))
    return OutputSequence(body: response.body, isRaw: options.tty)
  }

  private static func query(_ options: LogOptions) -> Query {
    var query = Query()
    query.set("stdout", options.stdout)
    query.set("stderr", options.stderr)
    query.set("follow", options.follow)
    query.set("timestamps", options.timestamps)
    query.set("details", options.details)
    query.set("since", options.since)
    query.set("until", options.until)
    query.set("tail", options.tail)
    return query
  }

  public func resizeContainer(_ id: String, rows: UInt16, columns: UInt16) async throws {
    try await perform("POST", "/containers/\(Query.name(id))/resize", Self.size(rows, columns))
  }

  static func size(_ rows: UInt16, _ columns: UInt16) -> Query {
    var query = Query()
    query.set("h", Int(rows))
    query.set("w", Int(columns))
    return query
  }

  /// Usage as the engine measures it, once a second, or once.
  public func containerStats(_ id: String, stream: Bool = true) async throws -> JSONMessages<JSONValue> {
    var query = Query()
    query.set("stream", stream ? "1" : "0")
    return JSONMessages(
      body: try await send("GET", "/containers/\(Query.name(id))/stats", query).body, dialect: .plain)
  }

  /// The container's files as a tar stream.
  public func exportContainer(_ id: String) async throws -> HTTPBody {
    try await send("GET", "/containers/\(Query.name(id))/export").body
  }
}

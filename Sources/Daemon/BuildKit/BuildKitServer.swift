import Assembly
import BuildKitAPI
import DockerAPI
import GRPC
import HTTP2
import Linux
import OCISpec
import Reactor
import Synchronization

/// What a client's session says of itself in the head of its request.
public struct SessionHead: Sendable {
  public var id: String
  public var methods: Set<String>

  /// - Parameter header: the values of a header, whose name is in lower case.
  public init(_ header: (String) -> [String]) {
    id = header("x-docker-expose-session-uuid").first ?? ""
    methods = Set(header("x-docker-expose-session-grpc-method").prefix(256))
  }

  /// Whether it has a name that can be one.
  public var isValid: Bool { !id.isEmpty && id.utf8.count <= 128 }
}

/// BuildKit's protocol over one engine: sessions of clients, and what they ask for.
public final class BuildKitServer: Sendable {
  let engine: Engine
  let sessions = Arrivals<BuildSession>(most: 256)
  let uploads = ContextUploads()
  /// How the builds that came over HTTP are ended, by their names.
  let stops = Mutex<[String: Latch]>([:])
  private let jobs = BuildJobs()
  private let worker: @Sendable () async -> WorkerRecord

  /// - Parameter worker: what is told of the engine as one that builds.
  public init(_ engine: Engine, worker: @escaping @Sendable () async -> WorkerRecord) {
    self.engine = engine
    self.worker = worker
  }

  /// Answers the calls of one client until it goes; what it asked for ends with it.
  public func serve(_ channel: any ByteChannel) async {
    await withConnection(channel, as: .server) { connection in
      await GRPCServer(self.methods).serve(connection)
    }
  }

  /// Keeps a client's session until it goes; false where there is one of that name or too many.
  public func keep(_ head: SessionHead, over channel: any ByteChannel) async -> Bool {
    var isKept = false
    await withConnection(channel, as: .client) { connection in
      let session = BuildSession(id: head.id, connection, methods: head.methods)
      isKept = self.sessions.add(session.id, session)
      guard isKept else { return }
      await connection.run()
      self.sessions.remove(session.id)
    }
    return isKept
  }

  private func withConnection(
    _ channel: any ByteChannel, as role: HTTP2Connection.Role, _ body: (HTTP2Connection) async -> Void
  ) async {
    do throws(HTTP2Error) {
      let connection = try HTTP2Connection(channel, as: role)
      await body(connection)
      connection.close()
    } catch {
      Log.warning("\(error)")
      channel.close()
    }
  }

  private var methods: [String: GRPCServer.Handler] {
    let control = ControlService(engine: engine, jobs: jobs, sessions: sessions, worker: worker)
    var methods = control.methods.merging(BridgeService(control: control).methods) { first, _ in first }
    methods.merge(CacheService(engine: engine).methods) { first, _ in first }
    methods["/moby.buildkit.v1.Control/Session"] = { [self] call in
      let head = SessionHead { name in call.headers.all(name) }
      guard head.isValid else { throw GRPCStatus(.invalidArgument, "the session has no id") }
      try call.begin()
      guard await keep(head, over: CallChannel(call)) else {
        throw GRPCStatus(.resourceExhausted, "the session \(head.id) is there, or there are too many")
      }
    }
    return methods
  }
}

import DockerAPI
import Linux
import Reactor
import Synchronization

/// The socket that a step's processes take for an ssh agent's: each connection to it goes on over one that the client
/// keeps for that.
final class AgentSocket: Sendable {
  let path: String
  private let listener: Listener
  private let work = Mutex<Task<Void, Never>?>(nil)

  /// Connections at once; more wait in the socket's queue.
  private static let mostConnections = 16

  /// Listens at `path`, for the owner that the mount names.
  init(at path: String, mode: UInt32, uid: UInt32, gid: UInt32) throws(SyscallError) {
    self.path = path
    listener = try Listener.unix(path: path, mode: mode)
    try Files.changeOwner(path, uid: uid, gid: gid)
    // A change of owner may take bits away.
    try Files.changeMode(path, mode)
  }

  /// Gives a connection to the agent, as soon as there is one; nil when there will be none.
  typealias Take = @Sendable () async throws -> AgentDesk.Lender?

  /// Serves until `close`.
  func serve(_ take: @escaping Take) {
    let listener = listener
    let task = Task { await Self.serve(listener, take) }
    work.withLock { $0 = task }
  }

  /// Ends what is under way, too.
  func close() async {
    listener.close()
    let task = work.withLock { $0 }
    task?.cancel()
    await task?.value
    // It stands in the build's directory, which goes as a whole.
    try? Files.unlink(path)
  }

  private static func serve(_ listener: Listener, _ take: @escaping Take) async {
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      while let connection = await next(listener) {
        if running == mostConnections { await group.next() } else { running += 1 }
        group.addTask { await carry(connection, take) }
      }
      group.cancelAll()
    }
  }

  /// Nil once nobody listens any more.
  private static func next(_ listener: Listener) async -> AsyncDescriptor? {
    // Whatever ends it, no more connections come.
    try? await listener.accept()
  }

  private static func carry(_ connection: AsyncDescriptor, _ take: Take) async {
    defer { connection.close() }
    // Who is cancelled goes without.
    guard let lender = try? await take() else { return }
    defer {
      lender.over.open()
      lender.connection.close()
    }
    await untilFirst(
      { await passOn(from: { try await connection.read() }, to: lender.connection.write) },
      { await passOn(from: lender.connection.read, to: connection.write) },
      // Cancelled, or the build is over.
      { _ = try? await lender.over.wait() })
  }
}

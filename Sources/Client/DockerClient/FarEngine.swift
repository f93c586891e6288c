import Linux
import Reactor
import Synchronization

/// An engine on another machine, reached through a program whose standard input and output are the connection.
enum FarEngine {
  static func dial(_ address: SSHAddress) async throws -> any Connection {
    try ProgramConnection("ssh", address.arguments)
  }
}

/// The program that was to carry the bytes has failed.
struct FarEngineError: Error, CustomStringConvertible {
  let description: String
}

/// The standard streams of a program as a connection. What it says on standard error is told when it fails.
private final class ProgramConnection: Connection {
  private static let complaintLimit = 16 << 10

  private let streams: AsyncDescriptor
  private let pid: Int32
  private let command: String
  private let complaints: Task<String, Never>
  private let hasSpoken = Mutex(false)

  init(_ name: String, _ arguments: [String]) throws {
    guard let path = ProgramRun.find(name, in: Environment.value("PATH") ?? "/usr/bin:/bin") else {
      throw FarEngineError(description: "exec: \"\(name)\": executable file not found in $PATH")
    }
    let pair = try SocketPair()
    let stderr = try SocketPair()
    // A session of its own: ctrl-c at our terminal is for us to decide about.
    let spawn = Spawn(
      path, [name] + arguments, environment: Environment.all(),
      descriptors: [pair.theirs.rawValue, pair.theirs.rawValue, stderr.theirs.rawValue], newSession: true)
    pid = try spawn.start()
    command = ([name] + arguments).joined(separator: " ")
    streams = try AsyncDescriptor(pair.intoOurs())
    let words = try AsyncDescriptor(stderr.intoOurs())
    complaints = Task {
      var text: [UInt8] = []
      // What cannot be read is not told.
      while let bytes = try? await words.read(), !bytes.isEmpty {
        if text.count < Self.complaintLimit { text += bytes.prefix(Self.complaintLimit - text.count) }
      }
      return String(decoding: text, as: UTF8.self)
    }
  }

  deinit { complaints.cancel() }

  func read(upTo count: Int) async throws -> [UInt8] {
    let bytes: [UInt8]
    do { bytes = try await streams.read(upTo: count) } catch let error as SyscallError {
      throw await failure() ?? error
    }
    if !bytes.isEmpty {
      hasSpoken.withLock { $0 = true }
    } else if !hasSpoken.withLock({ $0 }), let failure = await failure() {
      throw failure
    }
    return bytes
  }

  func readNow(upTo count: Int) throws -> [UInt8]? { try streams.readNow(upTo: count) }

  func write(_ bytes: [UInt8]) async throws {
    do { try await streams.write(bytes) } catch let error as SyscallError {
      throw await failure() ?? error
    }
  }

  /// Why the program ended without having carried anything; nil where it has or did not fail.
  private func failure() async -> FarEngineError? {
    guard !hasSpoken.withLock({ $0 }), let status = await end(), status != 0 else { return nil }
    return FarEngineError(
      description:
        "command [\(command)] has exited with exit status \(status), make sure the URL is valid, and "
        + "Docker 18.09 or later, or Skiff, is installed on the remote host: stderr=\(await complaints.value)"
    )
  }

  /// The exit status, if the program ends within two seconds.
  private func end() async -> Int32? {
    for _ in 0..<200 {
      // Who cannot be waited for has been reaped.
      guard let ended = try? Wait.reap(pid) else {
        // A cancelled wait ends at the next look.
        try? await sleep(milliseconds: 10)
        continue
      }
      return ended.status.exitCode
    }
    return nil
  }

  func shutdownWrite() { streams.shutdownWrite() }
  func gone() async throws { try await streams.gone() }
  var isReadByPeer: Bool { true }

  func close() {
    streams.close()
    // It ends by itself when its streams do; one that has ended already need not be.
    _ = try? Wait.reap(pid)
  }
}

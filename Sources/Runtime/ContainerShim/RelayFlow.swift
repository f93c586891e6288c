import Linux

/// One direction of a relay: what comes from one socket goes to the other, and so does its end.
struct RelayFlow {
  /// What one call moves at most, and how many calls are made before others have their turn.
  private static let portion = 1 << 20
  private static let rounds = 16

  enum Progress { case waits, hasMore, ended }

  private let source: Int32
  private let target: Int32
  private let pipes: RelayPipes
  private var pipe: RelayPipes.Ends?
  /// Bytes in the pipe.
  private var held = 0
  private var sourceEnded = false
  private(set) var hasEnded = false

  init(from source: Int32, to target: Int32, _ pipes: RelayPipes) {
    self.source = source
    self.target = target
    self.pipes = pipes
  }

  /// Moves what can be moved now.
  mutating func move() throws(SyscallError) -> Progress {
    if hasEnded { return .ended }
    for _ in 0..<Self.rounds {
      if held > 0 {
        guard try handOver() else { return .waits }
      } else if sourceEnded {
        try finish()
        return .ended
      } else if try !fetch() {
        return .waits
      }
    }
    return .hasMore
  }

  /// Whatever is still on its way is lost.
  mutating func drop() {
    if let pipe { pipes.discard(pipe) }
    pipe = nil
    held = 0
    hasEnded = true
  }

  /// From the source into the pipe; false where there is nothing yet.
  private mutating func fetch() throws(SyscallError) -> Bool {
    let ends: RelayPipes.Ends
    if let pipe { ends = pipe } else { ends = try pipes.take() }
    pipe = ends
    guard let count = try Self.splice(source, ends.write, Self.portion) else {
      giveBack()
      return false
    }
    held = count
    sourceEnded = count == 0
    return true
  }

  /// From the pipe to the target; false where it takes nothing now.
  private mutating func handOver() throws(SyscallError) -> Bool {
    guard let pipe, let count = try Self.splice(pipe.read, target, held) else { return false }
    held -= count
    return count > 0
  }

  private mutating func finish() throws(SyscallError) {
    giveBack()
    hasEnded = true
    do throws(SyscallError) {
      try borrow(target) { socket throws(SyscallError) in try socket.shutdown(write: true) }
    } catch {
      // Its peer has gone altogether.
      guard error.errno == .notConnected else { throw error }
    }
  }

  private mutating func giveBack() {
    if let pipe { pipes.giveBack(pipe) }
    pipe = nil
  }

  /// Nil where it would have to wait.
  private static func splice(_ from: Int32, _ into: Int32, _ count: Int) throws(SyscallError) -> Int? {
    do throws(SyscallError) {
      return try borrow(from) { from throws(SyscallError) in
        try borrow(into) { into throws(SyscallError) in try from.splice(into: into, upTo: count) }
      }
    } catch {
      guard error.errno == .wouldBlock else { throw error }
      return nil
    }
  }
}

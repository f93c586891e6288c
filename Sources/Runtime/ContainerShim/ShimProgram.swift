import ContainerLog
import ContainerRuntime
import JSON
import Linux
import ShimProtocol

/// `skiff-shim --spec FILE [--connection N]`; `skiff-shim --clear FILE` to end what a killed shim has left;
/// `skiff-shim --pack FILE` to pack a rotated log.
public enum ShimProgram {
  /// Looks after one container until it has ended for good; the process's exit code.
  public static func run(_ arguments: [String]) -> Int32 {
    guard let options = Options(arguments.dropFirst()) else {
      Diagnostics.say("usage: skiff-shim --spec FILE [--connection DESCRIPTOR] | --clear FILE | --pack FILE")
      return 2
    }
    do {
      switch options.work {
      case .live: break
      case .clear:
        ShimLeftovers.clear(try readSpec(options.spec))
        return 0
      case .pack:
        try refusing("pack") { () throws(SyscallError) in try LogPacking.pack(options.spec) }
        return 0
      }
      try protect()
      let loop = try refusing("loop") { () throws(SyscallError) in try Loop() }
      let life = try ShimBirth.begin(try readSpec(options.spec), loop)
      return live(life, loop, options.connection)
    } catch {
      Diagnostics.say(error.message)
      if let connection = options.connection {
        answer(.failed(error), on: FileDescriptor(owning: connection))
      }
      return 1
    }
  }

  /// What the container's processes reach of this program's file they cannot write to.
  private static func protect() throws(ShimFailure) {
    do { try ProgramProtection.ensure() } catch { throw ShimFailure(error) }
  }

  private static func live(_ life: ShimBirth.Life, _ loop: Loop, _ connection: Int32?) -> Int32 {
    do {
      if let connection { try life.server.adopt(FileDescriptor(owning: connection)) }
      try loop.run()
      return 0
    } catch {
      Diagnostics.say("\(error)")
      return 1
    }
  }

  private static func answer(_ reply: ShimReply, on connection: consuming FileDescriptor) {
    do { try connection.write(ShimFrames.encode(.reply, JSON.encode(reply))) } catch {
      Diagnostics.say("nobody hears why: \(error)")
    }
  }

  private static func readSpec(_ path: String) throws(ShimFailure) -> ShimSpec {
    let bytes = try refusing("spec") { () throws(SyscallError) in try Files.read(path) }
    do {
      return try JSON.decode(ShimSpec.self, from: bytes)
    } catch {
      throw ShimFailure(.failed, "\(path): \(error)")
    }
  }

  private struct Options {
    enum Work { case live, clear, pack }
    var work = Work.live
    /// The file that the work is about.
    var spec = ""
    var connection: Int32?

    init?(_ arguments: ArraySlice<String>) {
      var rest = arguments
      while let flag = rest.popFirst() {
        guard let value = rest.popFirst() else { return nil }
        switch flag {
        case "--spec": spec = value
        case "--clear": (spec, work) = (value, .clear)
        case "--pack": (spec, work) = (value, .pack)
        case "--connection":
          guard let number = Int32(value), number > 2 else { return nil }
          connection = number
        default: return nil
        }
      }
      if spec.isEmpty { return nil }
    }
  }
}

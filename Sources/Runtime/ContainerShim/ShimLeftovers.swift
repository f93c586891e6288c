import ContainerLog
import ContainerRuntime
import Linux
import ShimProtocol

/// A container whose shim was killed.
enum ShimLeftovers {
  /// Ends it and leaves word in the exit file, unless the shim had done so.
  static func clear(_ spec: ShimSpec) {
    remove(spec)
    do throws(SyscallError) { try Files.unlink(spec.socket) } catch { Diagnostics.say("leftovers: \(error)") }
    if Files.exist(spec.exitFile) { return }
    var status = ExitStatus(
      code: 137, outOfMemory: false, startedAt: "", finishedAt: LogTime.text(Clock.realtime),
      failure: "the container was ended because its shim had been killed")
    status.shimWasKilled = true
    ExitFile.write(status, to: spec.exitFile)
  }

  /// Ends and deletes what is left in the runtime's state of a container of this name, made or half-made.
  static func remove(_ spec: ShimSpec) {
    do throws(RuntimeError) {
      try Container.load(spec.id, stateRoot: spec.stateRoot).delete(force: true)
    } catch  where error.kind == .noSuchContainer {
      sweep(spec)
    } catch {
      Diagnostics.say("leftovers: \(error)")
    }
  }

  private static func sweep(_ spec: ShimSpec) {
    do throws(RuntimeError) { try Container.sweep(spec.id, stateRoot: spec.stateRoot) } catch {
      Diagnostics.say("leftovers: \(error)")
    }
  }
}

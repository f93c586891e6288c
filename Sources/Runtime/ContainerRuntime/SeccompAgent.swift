import JSON
import Linux
import OCISpec

/// The program that answers calls with the action `SCMP_ACT_NOTIFY` (config-linux.md, The Container Process
/// State).
struct SeccompAgent {
  let path: String
  let metadata: String?

  private struct ProcessState: Encodable {
    var ociVersion = Bundle.version
    var fds = ["seccompFd"]
    var pid: Int32
    var metadata: String?
    var state: ContainerState
  }

  /// Gives it the listener that the process has as `number`.
  func handOver(_ number: Int32, of pid: Int32, state: ContainerState) throws(RuntimeError) {
    let listener = try step("take the seccomp listener") { () throws(SyscallError) in
      try ProcessHandle(pid: pid).descriptor(number)
    }
    let text = JSON.encode(ProcessState(pid: pid, metadata: metadata, state: state))
    do throws(SyscallError) {
      let agent = try UnixSocket.connect(path)
      try agent.send(text, descriptors: [listener.rawValue])
    } catch {
      throw RuntimeError(
        .failed, "failed to connect with seccomp agent specified in the seccomp profile: \(error)")
    }
  }
}

extension Bundle.Seccomp {
  /// Whether any call waits for an agent's answer.
  var notifies: Bool { syscalls.contains { $0.action == "SCMP_ACT_NOTIFY" } }

  /// Whether there is an agent to tell, be it that nothing waits for it.
  var hasAgent: Bool { notifies || listenerPath?.isEmpty == false }

  /// Gives the agent the listener. One that nothing waits for may be absent.
  func tellAgent(_ number: Int32, of pid: Int32, state: ContainerState) throws(RuntimeError) {
    guard let listenerPath else { return }
    do throws(RuntimeError) {
      try SeccompAgent(path: listenerPath, metadata: listenerMetadata)
        .handOver(number, of: pid, state: state)
    } catch {
      if notifies { throw error }
    }
  }

  /// Says no to what cannot work.
  func check() throws(RuntimeError) {
    guard defaultAction != "SCMP_ACT_NOTIFY" else {
      throw RuntimeError(.invalid, "SCMP_ACT_NOTIFY cannot be used as default action")
    }
    guard notifies else { return }
    // With it the runtime itself tells of the listener.
    if syscalls.contains(where: { $0.action == "SCMP_ACT_NOTIFY" && $0.names.contains("write") }) {
      throw RuntimeError(.invalid, "SCMP_ACT_NOTIFY cannot be used for the write syscall")
    }
    guard let listenerPath, listenerPath.hasPrefix("/") else {
      throw RuntimeError(
        .invalid, "SCMP_ACT_NOTIFY needs the absolute path of an agent's socket: listenerPath")
    }
  }
}

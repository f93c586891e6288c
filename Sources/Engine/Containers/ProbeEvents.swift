import DockerAPI
import ShimProtocol

extension Container {
  /// As dockerd tells of it: a probe that is a process is an exec, which nobody has asked for.
  func probeStarted() {
    guard let check = HealthWishes.check(record.config) else { return }
    let exec = ObjectID.random()
    probe = exec
    let command = ExecSession.text(check.arguments)
    publish("exec_create: \(command)", ["execID": exec])
    publish("exec_start: \(command)", ["execID": exec])
  }

  /// The end of one that began under another engine is not told: nobody has heard of it.
  func probeEnded(_ code: Int32) {
    guard let exec = probe else { return }
    probe = nil
    publish("exec_die", ["execID": exec, "exitCode": String(code)])
  }
}

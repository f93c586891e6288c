import ShimProtocol
import Testing

@testable import Containers

@Suite struct ContainerLifeTests {
  private func exit(_ code: Int32, restarts: Int = 0) -> ShimProtocol.ExitStatus {
    ShimProtocol.ExitStatus(
      code: code, outOfMemory: false, startedAt: "t1", finishedAt: "t2", restartCount: restarts)
  }

  @Test func `a container starts, ends, and gives back what it held`() {
    var life = ContainerLife()
    #expect(life.handle(.started(pid: 9, at: "t1")) == [.publish("start", [:])])
    #expect(life.phase == .running)
    #expect(
      life.handle(.exited(exit(3), willRestart: false)) == [
        .publish("die", ["exitCode": "3"]), .release, .tellWaiters(code: 3), .removeIfAutomatic,
      ])
    #expect(life.phase == .exited)
    #expect(life.exitCode == 3)
    #expect(life.pid == 0)
  }

  @Test func `a restart keeps the network and tells only who waits for an exit`() {
    var life = ContainerLife()
    _ = life.handle(.started(pid: 9, at: "t1"))
    #expect(
      life.handle(.exited(exit(1), willRestart: true)) == [
        .publish("die", ["exitCode": "1"]), .tellOfNetworks(isPluggedIn: false), .tellOfExit(code: 1),
      ])
    #expect(life.phase == .restarting)
    #expect(life.isRunning)
    #expect(
      life.handle(.started(pid: 10, at: "t3")) == [
        .tellOfNetworks(isPluggedIn: true), .publish("start", [:]),
      ])
    #expect(life.restartCount == 1)
  }

  @Test func `a failed start leaves a new container as it was, with the reason`() {
    var life = ContainerLife()
    #expect(
      life.handle(.startFailed(message: "no", code: 127, at: "t")) == [
        .release, .tellWaiters(code: 127), .removeIfAutomatic,
      ])
    #expect(life.phase == .created)
    #expect(life.error == "no")
    #expect(life.exitCode == 127)
  }

  @Test func `pausing needs a running container and resuming a paused one`() {
    var life = ContainerLife()
    #expect(life.handle(.paused).isEmpty)
    _ = life.handle(.started(pid: 1, at: "t"))
    #expect(life.handle(.paused) == [.publish("pause", [:])])
    #expect(life.handle(.paused).isEmpty)
    #expect(life.handle(.resumed) == [.publish("unpause", [:])])
    #expect(life.phase == .running)
  }

  @Test func `an exit that is heard twice counts once`() {
    var life = ContainerLife()
    _ = life.handle(.started(pid: 1, at: "t"))
    _ = life.handle(.exited(exit(0), willRestart: false))
    #expect(life.handle(.exited(exit(5), willRestart: false)).isEmpty)
    #expect(life.exitCode == 0)
  }

  @Test func `health is told when it changes`() {
    var life = ContainerLife()
    _ = life.handle(.started(pid: 1, at: "t"))
    let healthy = HealthState(status: .healthy, failingStreak: 0, log: [])
    #expect(life.handle(.health(healthy)) == [.publish("health_status: healthy", [:])])
    #expect(life.handle(.health(healthy)).isEmpty)
    let ill = HealthState(status: .unhealthy, failingStreak: 3, log: [])
    #expect(life.handle(.health(ill)) == [.publish("health_status: unhealthy", [:])])
  }

  @Test func `who became unhealthy is told with the last probe's output, on one line`() {
    var life = ContainerLife()
    _ = life.handle(.started(pid: 1, at: "t"))
    let said = ["first", "no\n  answer\n"].map {
      HealthState.Probe(start: "", end: "", exitCode: 1, output: $0)
    }
    let ill = HealthState(status: .unhealthy, failingStreak: 3, log: said)
    #expect(life.handle(.health(ill)) == [.publish("health_status: unhealthy", ["output": "no answer"])])
  }

  @Test func `why it ended is kept until it starts again`() {
    var life = ContainerLife()
    _ = life.handle(.started(pid: 1, at: "t"))
    var status = exit(137)
    status.explanation = "killed: memory"
    _ = life.handle(.exited(status, willRestart: true))
    #expect(life.error == "killed: memory")
    _ = life.handle(.started(pid: 2, at: "t"))
    #expect(life.error.isEmpty)
  }

  @Test func `what is killed while it runs is told at once, and kept until it ends`() {
    var life = ContainerLife()
    #expect(life.handle(.outOfMemory("too early")).isEmpty)
    _ = life.handle(.started(pid: 1, at: "t"))
    #expect(life.handle(.outOfMemory("killed")) == [.publish("oom", [:])])
    #expect(life.outOfMemory)
    #expect(life.memoryNote == "killed")
    _ = life.handle(.exited(exit(0), willRestart: true))
    #expect(life.memoryNote == nil)
  }

  /// Whatever comes in whatever order, a life never claims a process that is not there.
  @Test(arguments: 0..<50) func `no order of events makes a life that contradicts itself`(seed: Int) {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    var life = ContainerLife()
    for _ in 0..<200 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      switch state >> 33 & 7 {
      case 0: _ = life.handle(.started(pid: 7, at: "t"))
      case 1: _ = life.handle(.exited(exit(1), willRestart: true))
      case 2: _ = life.handle(.exited(exit(2), willRestart: false))
      case 3: _ = life.handle(.paused)
      case 4: _ = life.handle(.resumed)
      case 5: _ = life.handle(.outOfMemory("m"))
      case 6: _ = life.handle(.startFailed(message: "m", code: 1, at: "t"))
      default: _ = life.handle(.health(HealthState(status: .healthy, failingStreak: 0, log: [])))
      }
      #expect(life.hasProcess == (life.pid != 0))
    }
  }
}

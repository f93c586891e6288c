import ShimProtocol
import Testing

@testable import ContainerShim

private let second: Int64 = 1_000_000_000

/// Plays events one after the other; each takes the time given before it happens.
private func play(_ policy: RestartPolicy, _ script: [(Int64, Lifecycle.Event)]) -> (
  Lifecycle, [[Lifecycle.Effect]]
) {
  var life = Lifecycle(policy: policy)
  var now: Int64 = 0
  let effects = script.map { pause, event in
    now += pause
    return life.handle(event, at: now)
  }
  return (life, effects)
}

@Suite struct LifecycleTests {
  @Test func `without a policy one run is all`() {
    let (life, effects) = play(.no, [(0, .start), (0, .started), (5, .exited(code: 1))])
    #expect(effects == [[.launch(again: false)], [], [.end]])
    #expect(life.phase == .ended && life.restartCount == 0)
  }

  @Test func `the pause doubles up to a minute`() {
    var life = Lifecycle(policy: RestartPolicy(.always))
    _ = life.handle(.start, at: 0)
    var pauses: [Int64] = []
    for _ in 0..<12 {
      _ = life.handle(.started, at: 0)
      guard case .pause(let pause)? = life.handle(.exited(code: 0), at: 1).first else { break }
      pauses.append(pause / 1_000_000)
      #expect(life.handle(.pauseOver, at: 2) == [.launch(again: true)])
    }
    #expect(pauses == [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000])
    #expect(life.restartCount == 12)
  }

  @Test func `who ran for ten seconds starts over with the shortest pause`() {
    let (_, effects) = play(
      RestartPolicy(.unlessStopped),
      [
        (0, .start), (0, .started), (1, .exited(code: 1)), (1, .pauseOver), (0, .started),
        (1, .exited(code: 1)),
        (1, .pauseOver), (0, .started), (10 * second, .exited(code: 1)),
      ])
    #expect(effects[2] == [.pause(nanoseconds: second / 10)])
    #expect(effects[5] == [.pause(nanoseconds: second / 5)])
    #expect(effects[8] == [.pause(nanoseconds: second / 10)])
  }

  @Test func `on failure restarts failures only, and only so often`() {
    let success = play(RestartPolicy(.onFailure), [(0, .start), (0, .started), (1, .exited(code: 0))])
    #expect(success.1.last == [.end])
    let failures = play(
      RestartPolicy(.onFailure, maximumRetries: 1),
      [
        (0, .start), (0, .started), (1, .exited(code: 2)), (1, .pauseOver), (0, .started),
        (1, .exited(code: 2)),
      ])
    #expect(failures.1[2] == [.pause(nanoseconds: second / 10)] && failures.1[5] == [.end])
  }

  @Test func `what the user ends is not restarted`() {
    let running = play(
      RestartPolicy(.always), [(0, .start), (0, .started), (1, .userEnds), (1, .exited(code: 137))])
    #expect(running.1[2...] == [[], [.end]])
    let waiting = play(
      RestartPolicy(.always),
      [(0, .start), (0, .started), (1, .exited(code: 1)), (1, .userEnds), (1, .pauseOver)])
    #expect(waiting.1[3...] == [[.cancelPause, .end], []])
  }

  @Test func `a start that fails ends it, a restart that fails is tried again`() {
    #expect(play(RestartPolicy(.always), [(0, .start), (0, .exited(code: 127))]).1.last == [.end])
    let again = play(
      RestartPolicy(.always),
      [(0, .start), (0, .started), (1, .exited(code: 1)), (1, .pauseOver), (0, .exited(code: 128))])
    #expect(again.1.last == [.pause(nanoseconds: second / 5)])
  }

  @Test func `what is unwell is started again whatever its policy, ever more seldom until it has been well`()
  {
    let sick: [(Int64, Lifecycle.Event)] = [
      (0, .started), (20 * second, .unwell), (1, .exited(code: 0)), (1, .pauseOver),
    ]
    let well: [(Int64, Lifecycle.Event)] = [
      (0, .started), (1, .healthy), (20 * second, .unwell), (1, .exited(code: 143)),
    ]
    let (_, effects) = play(.no, [(0, .start)] + sick + sick + well)
    #expect(effects[3] == [.pause(nanoseconds: second / 10)])
    #expect(effects[7] == [.pause(nanoseconds: second / 5)])
    #expect(effects[12] == [.pause(nanoseconds: second / 10)])
  }

  @Test func `what is unwell is started no more often than the policy says, and not after the user`() {
    let once = RestartPolicy(.onFailure, maximumRetries: 1)
    let (_, effects) = play(
      once,
      [
        (0, .start), (0, .started), (1, .unwell), (1, .exited(code: 0)), (1, .pauseOver), (0, .started),
        (1, .unwell), (1, .exited(code: 0)),
      ])
    #expect(effects[3] == [.pause(nanoseconds: second / 10)] && effects[7] == [.end])
    let ended = play(.no, [(0, .start), (0, .started), (1, .unwell), (1, .userEnds), (1, .exited(code: 0))])
    #expect(ended.1.last == [.end])
  }

  @Test func `a policy can be changed while it runs`() {
    let (_, effects) = play(
      .no, [(0, .start), (0, .started), (1, .policy(RestartPolicy(.always))), (1, .exited(code: 0))])
    #expect(effects.last == [.pause(nanoseconds: second / 10)])
  }

  @Test func `events that make no sense do nothing`() {
    #expect(play(.no, [(0, .pauseOver), (0, .userEnds)]).1 == [[], []])
    #expect(
      play(.no, [(0, .start), (0, .started), (0, .start), (0, .exited(code: 0)), (0, .exited(code: 0))]).1
        .last == [])
  }
}

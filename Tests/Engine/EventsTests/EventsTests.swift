import DockerAPI
import Synchronization
import Testing

@testable import Events

struct EventsTests {
  private func collected(_ stream: AsyncStream<EventMessage>) async -> [String] {
    var actions: [String] = []
    for await message in stream { actions.append(message.action) }
    return actions
  }

  @Test func `the past is told from since to until, and then the stream ends`() async {
    let time = Atomic<Int64>(100)
    let events = Events(clock: { time.load(ordering: .relaxed) })
    for (moment, action) in [(100, "create"), (200, "start"), (300, "die"), (400, "destroy")]
      as [(Int64, String)]
    {
      time.store(moment, ordering: .relaxed)
      events.publish(type: "container", action: action, id: "c1")
    }
    #expect(await collected(events.subscribe(since: 200, until: 300)) == ["start", "die"])
    #expect(await collected(events.subscribe(until: 150)) == ["create"])
    #expect(events.listenerCount == 0)
  }

  @Test func `a listener hears what comes after it subscribed`() async {
    let events = Events()
    events.publish(type: "network", action: "create", id: "n1")
    var listener = events.subscribe().makeAsyncIterator()
    events.publish(type: "network", action: "connect", id: "n1", attributes: ["name": "web"])
    let heard = await listener.next()
    #expect(heard?.action == "connect")
    #expect(heard?.actor.attributes == ["name": "web"])
    #expect(heard?.status == nil && heard?.scope == "local")
  }

  @Test func `a listener whose task is cancelled is forgotten`() async {
    let events = Events()
    let task = Task { await collected(events.subscribe()) }
    while events.listenerCount == 0 { await Task.yield() }
    task.cancel()
    _ = await task.value
    #expect(events.listenerCount == 0)
  }

  @Test func `only the last thousand are kept, in strictly rising times`() async {
    let events = Events(clock: { 5 })
    for number in 0..<1010 { events.publish(type: "volume", action: "a\(number)", id: "v") }
    let told = await collected(events.subscribe(until: 0))
    #expect(told.isEmpty)
    var iterator = events.subscribe(since: 1).makeAsyncIterator()
    #expect(await iterator.next()?.action == "a10")
    #expect(await iterator.next()?.timeNano == 16)
  }

  @Test(
    arguments: [
      (["type": ["container"]], true), (["type": ["image", "network"]], false),
      (["event": ["exec_start"]], true),
      (["event": ["exec"]], false), (["container": ["0123"]], true), (["container": ["web"]], true),
      (["container": ["db"]], false), (["image": ["python"]], true), (["image": ["python:3.11"]], true),
      (["image": ["python:3.12"]], false), (["label": ["tier=front"]], true),
      (["label": ["tier", "nope"]], false),
      (["scope": ["swarm"]], false),
    ] as [([String: [String]], Bool)])
  func `filters match as docker's do`(filters: [String: [String]], expected: Bool) {
    let message = EventMessage(
      type: "container", action: "exec_start: /bin/sh -c true", id: "0123456789ab",
      attributes: ["name": "web", "image": "python:3.11", "tier": "front"], scope: "local", time: 1)
    #expect(EventSelection(Filters(filters)).includes(message) == expected)
    #expect(message.from == "python:3.11" && message.status == message.action)
  }
}

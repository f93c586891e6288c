import Testing

@testable import Containers

@Suite struct EarlyAttachmentsTests {
  private let options = AttachOptions(stdin: true, stdout: true, stderr: false)

  @Test func `who goes away before the start is forgotten`() async {
    let early = EarlyAttachments()
    let stays = early.add(options)
    for _ in 0..<100 {
      let stream = early.add(options)
      let client = Task { for await _ in stream {} }
      client.cancel()
      await client.value
    }
    #expect(early.count == 1)
    // The one that stays is told.
    for waiting in early.takeAll() { waiting.continuation.finish() }
    for await _ in stays {}
    #expect(early.count == 0)
  }

  @Test func `a stream that nobody reads any more is forgotten`() {
    let early = EarlyAttachments()
    for _ in 0..<100 { _ = early.add(options) }
    #expect(early.count == 0)
  }
}

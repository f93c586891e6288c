import Linux
import Testing

@testable import ContainerShim

@Suite struct EndReasonsTests {
  @Test func `running out of memory is told with limit and peak`() {
    let advice = "raise it by --memory, in a compose file by mem_limit or deploy.resources.limits.memory"
    #expect(
      EndReasons.outOfMemory(code: 137, (peak: 64 << 20, limit: 64 << 20))
        == "killed: the memory limit of 64MiB was reached (peak 64MiB); \(advice)")
    #expect(
      EndReasons.outOfMemory(code: 1, (peak: 3 << 29, limit: nil))
        == "a process in it was killed: the machine was out of memory (peak 1.5GiB)")
    #expect(EndReasons.outOfMemory(code: 137, nil) == "killed: out of memory")
  }

  @Test func `a process that cannot hear is named`() {
    #expect(
      EndReasons.deaf("python", to: .terminate)
        == "killed at once: the first process (python) has no handler for SIGTERM, and the kernel gives a first process no other; with --init (init: true in a compose file) it ends by SIGTERM"
    )
  }
}

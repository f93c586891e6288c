import DockerAPI
import EngineErrors
import OCISpec
import Testing

@testable import Bundles

@Suite struct ResourceChangeTests {
  private func host(_ set: (inout HostConfig) -> Void) -> HostConfig {
    var host = HostConfig()
    set(&host)
    return host
  }

  @Test func `what an update leaves at zero stays`() throws {
    let before = host {
      $0.memory = 400 << 20
      $0.memorySwap = 800 << 20
      $0.cpuShares = 512
      $0.restartPolicy.name = "always"
    }
    let next = try before.updated(
      by: host {
        $0.memory = 300 << 20; $0.pidsLimit = 7
      })
    #expect(next.memory == 300 << 20 && next.memorySwap == 800 << 20)
    #expect(next.cpuShares == 512 && next.pidsLimit == 7 && next.restartPolicy.name == "always")
  }

  @Test func `limits that contradict each other are refused in docker's words`() {
    let cases: [(HostConfig, HostConfig, String)] = [
      (
        host { $0.cpuPeriod = 1000 }, host { $0.nanoCpus = 1 },
        "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set"
      ),
      (
        host { $0.nanoCpus = 1 }, host { $0.cpuQuota = 1000 },
        "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set"
      ),
      (
        host {
          $0.memory = 1; $0.memorySwap = 2
        }, host { $0.memory = 3 },
        "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
      ),
      (
        host { $0.autoRemove = true }, host { $0.restartPolicy.name = "always" },
        "Restart policy cannot be updated because AutoRemove is enabled for the container"
      ),
    ]
    for (before, change, message) in cases {
      let error = #expect(throws: EngineError.self) { _ = try before.updated(by: change) }
      #expect(error?.kind == .conflict && error?.message == message)
    }
  }

  @Test func `a bundle's limits follow, its devices stay`() {
    var bundle = Bundle()
    bundle.linux = Bundle.Linux(resources: .init(devices: [.init(allow: false, access: "rwm")]))
    bundle.limit(
      by: host {
        $0.memory = 64 << 20; $0.nanoCpus = 500_000_000; $0.pidsLimit = 9
      })
    let resources = bundle.linux?.resources
    #expect(resources?.devices.count == 1)
    #expect(resources?.memory?.limit == 64 << 20 && resources?.memory?.swap == 128 << 20)
    #expect(resources?.cpu?.quota == 50_000 && resources?.pids?.limit == 9)
  }
}

import DockerAPI
import EngineErrors
import Testing

@testable import Containers

@Suite struct ResourceCheckTests {
  @Test(arguments: [("0", [0]), ("0-2,7", [0, 1, 2, 7]), ("3,3", [3])] as [(String, Set<Int>)])
  func `lists of processors are read`(_ text: String, _ numbers: Set<Int>) {
    #expect(ResourceCheck.numbers(text) == numbers)
  }

  @Test(arguments: ["x", "", "1-", "-1", "2-1", "1-2-3", "1,,2", "0-99999999999", "0-8192"])
  func `what is no list of processors is none`(_ text: String) {
    #expect(ResourceCheck.numbers(text) == nil)
  }

  private func complaint(_ set: (inout ContainerCreateRequest) -> Void) -> String? {
    var request = ContainerCreateRequest()
    request.config.image = "busybox"
    set(&request)
    do throws(EngineError) {
      try CreateRequestCheck.check(request)
      return nil
    } catch {
      return error.message
    }
  }

  @Test func `what no container can have is refused in docker's words`() {
    #expect(complaint { _ in } == nil)
    #expect(complaint { $0.hostConfig.ioMaximumIOps = 0 } == nil)
    #expect(complaint { $0.hostConfig.ioMaximumIOps = 5 }?.hasPrefix("Invalid QoS settings: ") == true)
    #expect(complaint { $0.hostConfig.ioMaximumBandwidth = 5 }?.hasPrefix("Invalid QoS settings: ") == true)
    #expect(
      complaint {
        $0.hostConfig.nanoCpus = 1; $0.hostConfig.cpuQuota = 5000
      }
        == "Conflicting options: Nano CPUs and CPU Quota cannot both be set")
    #expect(
      complaint { $0.hostConfig.nanoCpus = 9_000_000_000_000 }?.hasPrefix("range of CPUs is from 0.01")
        == true)
    #expect(
      complaint { $0.hostConfig.cpusetCpus = "x" } == "Invalid value x for cpuset cpus: invalid format: x")
    #expect(
      complaint { $0.hostConfig.memorySwap = 64 << 20 }
        == "You should always set the Memory limit when using Memoryswap limit, see usage")
    #expect(complaint { $0.hostConfig.memorySwap = -1 } == nil)
    #expect(
      complaint { $0.hostConfig.memorySwappiness = 101 }
        == "Invalid value: 101, valid memory swappiness range is 0-100")
    #expect(complaint { $0.hostConfig.memorySwappiness = -1 } == nil)
    #expect(complaint { $0.hostConfig.extraHosts = ["zzz"] } == "bad format for add-host: \"zzz\"")
    #expect(complaint { $0.hostConfig.extraHosts = ["a:zzz"] } == "invalid IP address in add-host: \"zzz\"")
    #expect(complaint { $0.hostConfig.extraHosts = ["a:1.2.3.4", "b=::1", "c:host-gateway"] } == nil)
    #expect(
      complaint { $0.hostConfig.portBindings = ["99999/tcp": []] } == "invalid port specification: \"99999\"")
    #expect(complaint { $0.hostConfig.portBindings = ["8000-8010/udp": [PortBinding()]] } == nil)
    #expect(complaint { $0.hostConfig.capAdd = ["ZZZ"] }?.contains("unknown capability: \"CAP_ZZZ\"") == true)
    #expect(complaint { $0.hostConfig.securityOpt = ["zzz=1"] }?.contains("zzz=1") == true)
    #expect(
      complaint { $0.hostConfig.runtime = "zzz" }?.contains("unknown or invalid runtime name: zzz") == true)
    #expect(complaint { $0.hostConfig.runtime = "runc" } == nil)
    #expect(
      complaint {
        $0.config.healthcheck = HealthConfig(); $0.config.healthcheck?.interval = 5
      }
        == "Interval in Healthcheck cannot be less than 1ms")
  }
}

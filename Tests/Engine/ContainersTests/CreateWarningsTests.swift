import Cgroups
import DockerAPI
import OCISpec
import Testing

@testable import Containers

@Suite struct CreateWarningsTests {
  private func warnings(
    _ lacks: WritableKeyPath<CgroupFeatures, Bool>? = nil, _ ask: (inout HostConfig) -> Void
  ) -> (text: [String], host: HostConfig) {
    var features = CgroupFeatures()
    if let lacks { features[keyPath: lacks] = false }
    var host = HostConfig()
    ask(&host)
    let text = CreateWarnings.discard(features, &host)
    return (text, host)
  }

  @Test func `what the machine can keep is kept without a word`() {
    let (text, host) = warnings {
      ($0.memory, $0.memorySwap, $0.memoryReservation, $0.memorySwappiness) = (1 << 30, 2 << 30, 1 << 29, 50)
      ($0.pidsLimit, $0.cpuShares, $0.cpuQuota, $0.cpusetCpus, $0.blkioWeight) = (10, 512, 5000, "0", 300)
    }
    #expect(text.isEmpty && host.memorySwap == 2 << 30 && host.blkioWeight == 300)
  }

  @Test func `a kernel that does not count swap limits memory alone`() {
    let (text, host) = warnings(\.swap) { $0.memory = 64 << 20 }
    #expect(
      text == [
        "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap."
      ])
    #expect(host.memory == 64 << 20 && host.memorySwap == -1)
    #expect(warnings(\.swap) { ($0.memory, $0.memorySwap) = (64 << 20, -1) }.text.isEmpty)
    #expect(warnings(\.swap) { _ in }.text.isEmpty)
  }

  @Test func `a share of processors is a word of Windows`() {
    let (text, host) = warnings { $0.cpuPercent = 50 }
    #expect(text == ["linux does not support CPU percent. Percent discarded."] && host.cpuPercent == 0)
  }

  @Test func `without memory limits there is no limit of swap either`() {
    let (text, host) = warnings(\.memory) { ($0.memory, $0.memorySwap) = (64 << 20, 128 << 20) }
    #expect(
      text == [
        "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded."
      ])
    #expect(host.memory == 0 && host.memorySwap == -1)
  }

  @Test func `no killer and no limit is worth a word`() {
    let (text, host) = warnings { $0.oomKillDisable = true }
    #expect(text.count == 1 && text[0].hasPrefix("OOM killer is disabled for the container, but no memory"))
    #expect(host.oomKillDisable == true)
    #expect(warnings { ($0.oomKillDisable, $0.memory) = (true, 64 << 20) }.text.isEmpty)
    let without = warnings(\.oomKillDisable) { $0.oomKillDisable = true }
    #expect(without.text == ["Your kernel does not support OomKillDisable. OomKillDisable discarded."])
    #expect(without.host.oomKillDisable == nil)
  }

  @Test func `what the kernel lacks is discarded`() {
    let cases: [(WritableKeyPath<CgroupFeatures, Bool>, String, String)] = [
      (\.swappiness, "memory swappiness capabilities", "Memory swappiness discarded."),
      (\.memoryReservation, "memory soft limit capabilities", "Limitation discarded."),
      (\.processes, "PIDs limit capabilities", "PIDs limit discarded."),
      (\.cpuShares, "CPU shares", "Shares discarded."), (\.cpuset, "cpuset", "Cpuset discarded."),
      (\.blockWeight, "Block I/O weight", "Weight discarded."),
      (\.blockDeviceWeight, "Block I/O weight_device", "Weight-device discarded."),
    ]
    for (lacks, what, consequence) in cases {
      let (text, host) = warnings(lacks) {
        ($0.memoryReservation, $0.memorySwappiness) = (1 << 29, 50)
        ($0.pidsLimit, $0.cpuShares, $0.cpusetCpus, $0.blkioWeight) = (10, 512, "0", 300)
        $0.blkioWeightDevice = [WeightDevice()]
      }
      #expect(
        text == ["Your kernel does not support \(what) or the cgroup is not mounted. \(consequence)"])
      #expect(warnings(lacks) { $0 = host }.text.isEmpty)
    }
  }

  @Test func `ports make no difference in the host's network`() {
    var host = HostConfig()
    host.portBindings = ["80/tcp": [PortBinding()]]
    #expect(CreateWarnings.idle(host).isEmpty)
    host.networkMode = "host"
    #expect(CreateWarnings.idle(host) == ["Published ports are discarded when using host network mode"])
  }

  @Test func `an image of another machine is told, unless it was asked for`() {
    let here = Platform(os: "linux", architecture: "amd64")
    let other = Platform(os: "linux", architecture: "arm64")
    #expect(CreateWarnings.platform(here, nil, host: here).isEmpty)
    #expect(CreateWarnings.platform(other, other, host: here).isEmpty)
    #expect(
      CreateWarnings.platform(other, nil, host: here) == [
        "The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64) "
          + "and no specific platform was requested"
      ])
  }

  @Test func `at the end the slowest container gets five seconds more than its time`() {
    #expect(Containers.shutdownLimit(15, [10, 2]) == 15)
    #expect(Containers.shutdownLimit(15, [30]) == 35)
    #expect(Containers.shutdownLimit(0, []) == 5)
    #expect(Containers.shutdownLimit(-1, [10]) == nil && Containers.shutdownLimit(15, [-1, 1]) == nil)
  }
}

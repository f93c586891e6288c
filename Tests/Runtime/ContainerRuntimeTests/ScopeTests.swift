import Cgroups
import Systemd
import Testing

@testable import ContainerRuntime

@Suite struct ScopeTests {
  @Test(arguments: [
    ("", "/system.slice/skiff-c1.scope"),
    ("user-1000.slice:crio:c1", "/user.slice/user-1000.slice/crio-c1.scope"),
    (":pre:c1", "/system.slice/pre-c1.scope"), ("-.slice::c1", "/c1.scope"),
    ("a-b-c.slice:p:x", "/a.slice/a-b.slice/a-b-c.slice/p-x.scope"),
  ]) func `a scope stands in its slices`(_ asked: String, _ path: String) throws {
    #expect(try ScopeName(asked, id: "c1").path == path)
  }

  @Test(arguments: [
    "/a/b", "a:b", "a:b:c", "a.slice:b:", "a--b.slice:p:x", "-a.slice:p:x", "x/y.slice:p:x", "a.slice:p:x/y",
  ])
  func `what names no scope is refused`(_ asked: String) {
    #expect(throws: RuntimeError.self) { try ScopeName(asked, id: "c1") }
  }

  private func text(_ limits: CgroupLimits, unified: Bool, version: Int = 252) -> [String] {
    ScopeProperties.limits(limits, unified: unified, version: version).map { "\($0.name)=\($0.value)" }
  }

  @Test func `limits become properties of both versions`() {
    var limits = CgroupLimits()
    limits.memory = 1 << 20
    limits.memoryAndSwap = 3 << 20
    limits.cpuQuota = 12_345
    limits.cpuPeriod = 50_000
    limits.cpuShares = 1024
    limits.processes = 0
    limits.cpus = "0,9"
    let separate = [
      "MemoryLimit=uint64(1048576)", "TasksMax=uint64(18446744073709551615)", "CPUShares=uint64(1024)",
      "CPUQuotaPeriodUSec=uint64(50000)", "CPUQuotaPerSecUSec=uint64(250000)",
    ]
    #expect(text(limits, unified: false) == separate)
    #expect(!text(limits, unified: false, version: 241).contains { $0.hasPrefix("CPUQuotaPeriodUSec") })
    limits.unified = ["memory.high": "max", "pids.max": "9"]
    let names = ScopeProperties.limits(limits, unified: true, version: 252).map(\.name)
    #expect(
      names == [
        "MemoryMax", "MemorySwapMax", "TasksMax", "CPUWeight", "CPUQuotaPeriodUSec", "CPUQuotaPerSecUSec",
        "AllowedCPUs", "MemoryHigh", "TasksMax",
      ])
    #expect(ScopeProperties.mask([0, 9]) == [1, 2])
  }

  @Test func `a quota that is taken away is none`() {
    var limits = CgroupLimits()
    limits.cpuQuota = -1
    #expect(text(limits, unified: true) == ["CPUQuotaPerSecUSec=uint64(18446744073709551615)"])
  }

  @Test func `device rules become a list only where they are one`() {
    let denied = CgroupLimits.DeviceRule(allow: false)
    let null = CgroupLimits.DeviceRule(allow: true, kind: .character, major: 1, minor: 3)
    let disks = CgroupLimits.DeviceRule(allow: true, kind: .block, major: 8, access: "r")
    let found = ScopeProperties.devices([denied, null, disks])
    #expect(found.map(\.name) == ["DevicePolicy", "DeviceAllow"])
    #expect(
      found.last?.value
        == .array(
          of: "(ss)",
          [
            .structure([.string("/dev/char/1:3"), .string("rwm")]),
            .structure([.string("block-8"), .string("r")]),
          ]))
    #expect(ScopeProperties.devices([null]).isEmpty)
    #expect(
      ScopeProperties.devices([denied, null, CgroupLimits.DeviceRule(allow: false, kind: .block)]).isEmpty)
    #expect(ScopeProperties.devices([denied, CgroupLimits.DeviceRule(allow: true)]).isEmpty)
  }

  @Test func `properties are asked for by annotations`() throws {
    let asked = try ScopeAnnotations.read([
      "org.systemd.property.CollectMode": "'inactive-or-failed'", "org.systemd.property.TimeoutStopSec": "5",
      "org.systemd.property.After": "['a.service', \"b.service\"]",
      "org.systemd.property.SendSIGKILL": "false",
      "something.else": "x",
    ])
    #expect(asked.map(\.name) == ["After", "CollectMode", "SendSIGKILL", "TimeoutStopUSec"])
    #expect(
      asked.map(\.value) == [
        .strings(["a.service", "b.service"]), .string("inactive-or-failed"), .boolean(false),
        .uint64(5_000_000),
      ])
    for text in ["", "word", "'open", "uint64 -1", "['a', b]"] {
      #expect(throws: RuntimeError.self) { try ScopeAnnotations.read(["org.systemd.property.X": text]) }
    }
    #expect(throws: RuntimeError.self) { try ScopeAnnotations.read(["org.systemd.property.a=b": "true"]) }
  }
}

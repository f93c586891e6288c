import Testing

@testable import Cgroups

@Suite struct CgroupLayoutTests {
  @Test func `controllers of version 1 are found by their mounts, the first of each counts`() {
    let layout = CgroupLayout.read(
      mounts: Array(
        """
        tmpfs /sys/fs/cgroup tmpfs rw,mode=755 0 0
        cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
        cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
        cgroup /elsewhere/memory cgroup rw,memory 0 0
        cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0

        """.utf8))
    let group = Cgroup("/docker/a", in: layout)
    #expect(
      group.directories == [
        "/sys/fs/cgroup/cpu,cpuacct/docker/a", "/sys/fs/cgroup/memory/docker/a",
        "/sys/fs/cgroup/systemd/docker/a", "/sys/fs/cgroup/unified/docker/a",
      ])
    #expect(group.directory(of: "cpuacct") == "/sys/fs/cgroup/cpu,cpuacct/docker/a")
    #expect(group.directory(of: "pids") == nil)
    #expect(layout.hybridMountPoint == "/sys/fs/cgroup/unified")
  }

  @Test func `version 2 alone has one directory`() {
    let layout = CgroupLayout.read(mounts: Array("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n".utf8))
    #expect(layout.kind == .unified(mountPoint: "/sys/fs/cgroup"))
    #expect(Cgroup("x", in: layout).directories == ["/sys/fs/cgroup/x"])
  }

  @Test func `limits become the files of version 2`() {
    var limits = CgroupLimits()
    limits.memory = 1 << 20
    limits.memoryAndSwap = 3 << 20
    limits.cpuQuota = 50_000
    limits.cpuShares = 1024
    limits.processes = 0
    let files = limits.unifiedFiles().map { "\($0.file)=\($0.value)" }
    #expect(
      files == [
        "memory.max=1048576", "memory.swap.max=2097152", "cpu.weight=39", "cpu.max=50000 100000",
        "pids.max=max",
      ])
  }

  @Test func `the ends of the scale of CPU shares meet`() {
    #expect(CgroupLimits.weight(shares: 0) == 1)
    #expect(CgroupLimits.weight(shares: 2) == 1)
    #expect(CgroupLimits.weight(shares: 262_144) == 10_000)
  }

  @Test func `every jump of a device filter ends inside the program`() {
    let filter = DeviceFilter([
      .init(allow: false), .init(allow: true, kind: .character, major: 1, minor: 3),
      .init(allow: true, kind: .block, access: "m"),
      .init(allow: false, kind: .character, major: 1, access: "w"),
    ])
    for (index, instruction) in filter.program.enumerated()
    where [0x56, 0x16, 0x5e].contains(instruction & 0xff) {
      let offset = Int(instruction >> 16 & 0xffff)
      #expect(offset > 0 && index + 1 + offset < filter.program.count)
    }
    #expect(filter.program.last == 0x95)
  }
}

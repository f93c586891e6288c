import Linux
import OCISpec
import Testing

@testable import ContainerRuntime

/// What a bundle may ask for and what it may not, section by section.
@Suite struct SectionChecksTests {
  private func refusal(_ change: (inout Bundle) -> Void) -> String? {
    var bundle = Bundle.example()
    change(&bundle)
    do throws(RuntimeError) { try bundle.check() } catch { return error.message }
    return nil
  }

  @Test(arguments: [
    ("1.0.2", true), ("1.0.2-dev", true), ("1.3.0", true), ("1.99.0+x", true), ("2.0.0", false), ("", false),
    ("one", false), ("1.0", false), ("1.x.0", false),
  ])
  func `versions of the first major are read`(version: String, isRead: Bool) {
    #expect((refusal { $0.ociVersion = version } == nil) == isRead)
  }

  @Test func `user namespaces and mappings go together`() {
    let mapping = Bundle.IDMapping(containerID: 0, hostID: 1000, size: 1)
    #expect(refusal { $0.linux?.namespaces.append(.init(.user)) } != nil)
    #expect(refusal { $0.linux?.uidMappings = [mapping] } != nil)
    #expect(
      refusal {
        $0.linux?.namespaces.append(.init(.user))
        $0.linux?.uidMappings = [mapping]
        $0.linux?.gidMappings = [mapping]
      } == nil)
    #expect(UserMapping.outside(0, [mapping]) == 1000)
    #expect(UserMapping.outside(1, [mapping]) == nil)
  }

  @Test func `clocks need a time namespace`() {
    #expect(refusal { $0.linux?.timeOffsets = ["monotonic": .init(secs: 1)] } != nil)
    #expect(
      refusal {
        $0.linux?.namespaces.append(.init(.time))
        $0.linux?.timeOffsets = ["boottime": .init(secs: 1)]
      } == nil)
    #expect(
      refusal {
        $0.linux?.namespaces.append(.init(.time))
        $0.linux?.timeOffsets = ["realtime": .init(secs: 1)]
      } != nil)
  }

  @Test(arguments: ["../x", "a/b", "", ".hidden"])
  func `unified resources are names of files`(name: String) {
    #expect(refusal { $0.linux?.resources?.unified = [name: "1"] }?.contains("not the name") == true)
  }

  @Test func `seccomp agents can answer most calls, not all`() {
    func notify(_ call: String, _ path: String?) -> (inout Bundle) -> Void {
      return {
        var seccomp = Bundle.Seccomp(defaultAction: "SCMP_ACT_ALLOW")
        seccomp.syscalls = [Bundle.SyscallRule(names: [call], action: "SCMP_ACT_NOTIFY")]
        seccomp.listenerPath = path
        $0.linux?.seccomp = seccomp
      }
    }
    #expect(refusal(notify("mkdir", "/run/agent.sock")) == nil)
    #expect(refusal(notify("mkdir", nil))?.contains("listenerPath") == true)
    #expect(refusal(notify("mkdir", ""))?.contains("listenerPath") == true)
    #expect(refusal(notify("write", "/run/agent.sock"))?.contains("write syscall") == true)
  }

  @Test func `schedulers, memory policies and priorities are known words`() {
    func scheduler(_ policy: String, nice: Int32? = nil, priority: Int32? = nil) -> String? {
      refusal {
        var scheduler = Bundle.Scheduler(policy: policy, flags: [])
        scheduler.nice = nice
        scheduler.priority = priority
        $0.process?.scheduler = scheduler
      }
    }
    #expect(scheduler("SCHED_BATCH", nice: 10) == nil)
    #expect(scheduler("SCHED_FIFO", priority: 5) == nil)
    #expect(scheduler("SCHED_OTHER", priority: 5) != nil)
    #expect(scheduler("SCHED_OTHER", nice: 20) != nil)
    #expect(scheduler("SCHED_NOPE") != nil)
    #expect(refusal { $0.linux?.memoryPolicy = .init(mode: "MPOL_BIND", nodes: "0-1,3") } == nil)
    #expect(refusal { $0.linux?.memoryPolicy = .init(mode: "MPOL_BIND", nodes: "3-1") } != nil)
    #expect(refusal { $0.linux?.memoryPolicy = .init(mode: "MPOL_NOPE") } != nil)
    #expect(refusal { $0.process?.ioPriority = .init(class: "IOPRIO_CLASS_RT", priority: 9) } != nil)
  }

  @Test(arguments: [
    ("0", [0]), ("0-2", [0, 1, 2]), ("0,2-3", [0, 2, 3]),
  ])
  func `lists of numbers`(text: String, numbers: [Int]) { #expect(NumberList.parse(text) == numbers) }

  @Test(arguments: ["", "a", "1-", "-1", "3-1", "0-5000000", "1,,2"])
  func `what is no list of numbers`(text: String) { #expect(NumberList.parse(text) == nil) }

  @Test func `hooks and devices have absolute paths`() {
    #expect(
      refusal {
        $0.hooks = Bundle.Hooks()
        $0.hooks?.prestart = [Bundle.Hook(path: "true", args: [])]
      } != nil)
    #expect(
      refusal {
        $0.hooks = Bundle.Hooks()
        $0.hooks?.poststop = [Bundle.Hook(path: "/bin/true", args: [], timeout: 0)]
      } != nil)
    #expect(refusal { $0.linux?.devices = [.init(type: "c", path: "dev/x", major: 1, minor: 1)] } != nil)
    #expect(refusal { $0.linux?.devices = [.init(type: "x", path: "/dev/x", major: 1, minor: 1)] } != nil)
    #expect(refusal { $0.linux?.devices = [.init(type: "cc", path: "/dev/x", major: 1, minor: 1)] } != nil)
    #expect(refusal { $0.linux?.devices = [.init(type: "c", path: "/dev/x")] } != nil)
    #expect(refusal { $0.linux?.netDevices = ["../eth0": .init(name: nil)] } != nil)
  }

  @Test func `owners are mapped on bind mounts only`() {
    let mapping = Bundle.IDMapping(containerID: 0, hostID: 1000, size: 1)
    func mount(_ type: String, _ options: [String], _ mappings: [Bundle.IDMapping]) -> String? {
      refusal {
        var mount = Bundle.Mount("/mnt", type: type, source: "/x", options: options)
        mount.uidMappings = mappings
        mount.gidMappings = mappings
        $0.mounts.append(mount)
      }
    }
    #expect(mount("bind", ["rbind", "ridmap"], [mapping]) == nil)
    #expect(mount("tmpfs", [], [mapping]) != nil)
    #expect(mount("bind", ["rbind", "idmap"], []) != nil)
  }
}

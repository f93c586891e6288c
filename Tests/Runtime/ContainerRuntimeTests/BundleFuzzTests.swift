import JSON
import OCISpec
import Testing

@testable import ContainerRuntime

/// Documents that are nearly right: each is either refused with words, or makes sense to all that reads it
/// before anything is made.
@Suite struct BundleFuzzTests {
  /// SplitMix64: the same documents every time.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }

  /// True if it was accepted.
  private func read(_ bytes: [UInt8]) -> Bool {
    do {
      let bundle = try JSON.decode(Bundle.self, from: bytes)
      try bundle.check(unifiedCgroups: true)
      _ = try CgroupCreation.path(bundle.linux?.cgroupsPath ?? "", id: "x")
      return try JSON.decode(Bundle.self, from: bundle.text) == bundle
    } catch let error as JSONError {
      #expect(!"\(error)".isEmpty)
    } catch {
      #expect(!"\(error)".isEmpty)
    }
    return false
  }

  @Test func `bytes changed, cut and doubled at random never bring the reader down`() {
    var numbers = Numbers(state: 4)
    let document = JSON.encode(full)
    for _ in 0..<600 {
      var bytes = document
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        let place = Int.random(in: 0..<bytes.count, using: &numbers)
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &numbers)
        case 1:
          bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &numbers)))
        case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
        default: bytes.removeLast(bytes.count - place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      _ = read(bytes)
    }
  }

  @Test func `values of wrong kinds and sizes are refused or harmless, wherever they stand`() throws {
    let odd: [JSONValue] = [
      .null, .bool(true), .string(""), .string("../../etc"), .string("/proc/self/exe"), .array([]),
      .object([:]), .string(String(repeating: "a", count: 5000)), .array([.null]), .string("a\u{0}b"),
      try JSON.parse(Array("-1".utf8)), try JSON.parse(Array("18446744073709551616".utf8)),
      try JSON.parse(Array("1e400".utf8)),
    ]
    let document = try JSON.parse(JSON.encode(full))
    var accepted = 0
    var count = 0
    for value in odd {
      for changed in Self.replacements(in: document, by: value) {
        count += 1
        if read(JSON.encode(changed)) { accepted += 1 }
      }
    }
    // An empty list or a null is no mistake in most places; a wrong kind is one everywhere.
    #expect(count > 500)
    #expect(accepted < count / 2)
  }

  /// The document with each value in turn replaced.
  private static func replacements(in document: JSONValue, by value: JSONValue) -> [JSONValue] {
    switch document {
    case .object(let object):
      return object.members.flatMap { name, member in
        ([value] + replacements(in: member, by: value)).map { changed in
          var copy = object
          copy[name] = changed
          return .object(copy)
        }
      }
    case .array(let elements):
      return elements.indices.prefix(2).flatMap { index in
        ([value] + replacements(in: elements[index], by: value)).map { changed in
          var copy = elements
          copy[index] = changed
          return .array(copy)
        }
      }
    default: return []
    }
  }

  /// A bundle with something in every section.
  private var full: Bundle {
    var bundle = Bundle.example()
    let mapping = Bundle.IDMapping(containerID: 0, hostID: 1000, size: 10)
    bundle.hooks = Bundle.Hooks()
    bundle.hooks?.createRuntime = [Bundle.Hook(path: "/bin/true", args: ["true"], env: ["A=b"], timeout: 1)]
    bundle.process?.scheduler = Bundle.Scheduler(policy: "SCHED_BATCH", nice: 3, flags: [])
    bundle.process?.ioPriority = Bundle.IOPriority(class: "IOPRIO_CLASS_BE", priority: 3)
    bundle.linux?.namespaces += [.init(.user), .init(.time)]
    bundle.linux?.uidMappings = [mapping]
    bundle.linux?.gidMappings = [mapping]
    bundle.linux?.timeOffsets = ["monotonic": .init(secs: 3, nanosecs: 4)]
    bundle.linux?.memoryPolicy = .init(mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"])
    bundle.linux?.netDevices = ["eth0": .init(name: "eth1")]
    bundle.linux?.devices = [.init(type: "c", path: "/dev/fuse", major: 10, minor: 229)]
    bundle.linux?.sysctl = ["net.ipv4.ip_forward": "1"]
    bundle.linux?.cgroupsPath = "/a/b"
    var seccomp = Bundle.Seccomp(defaultAction: "SCMP_ACT_ALLOW")
    seccomp.syscalls = [
      Bundle.SyscallRule(
        names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
        args: [.init(index: 0, value: 1, valueTwo: 2, op: "SCMP_CMP_EQ")])
    ]
    bundle.linux?.seccomp = seccomp
    bundle.linux?.resources?.memory = .init(limit: 1 << 20, swap: -1)
    bundle.linux?.resources?.cpu = .init(shares: 2, quota: 3, period: 4, cpus: "0", mems: "0")
    bundle.linux?.resources?.pids = .init(limit: 4)
    bundle.linux?.resources?.unified = ["memory.high": "1000"]
    bundle.mounts.append(.init("/mnt", type: "bind", source: "/x", options: ["rbind", "ro"]))
    return bundle
  }
}

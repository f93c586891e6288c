import JSON
import OCISpec
import SeededNumbers
import Testing

@testable import ContainerRuntime

/// Documents that are nearly right: each is either refused with words, or makes sense to all that reads it
/// before anything is made.
@Suite struct BundleFuzzTests {
  /// What the two ways of reading make of a document.
  private func isReadAlike(_ bytes: [UInt8]) -> Bool {
    let byHand = Result { () throws(JSONError) in try JSON.read(Bundle.self, from: bytes) }
    let byCodable = Result { () throws(JSONError) in try JSON.decode(Bundle.self, from: bytes) }
    if byHand == byCodable { return true }
    Issue.record("\(String(decoding: bytes, as: UTF8.self)): \(byHand), \(byCodable)")
    return false
  }

  @Test func `documents are read by hand as by Codable, and refused with the same words`() throws {
    #expect(isReadAlike(JSON.encode(full)))
    let odd = [
      "null", "true", "false", #""""#, #""a""#, "[]", "[null]", #"["a"]"#, "{}", #"{"a":null}"#,
      #"{"a":"b"}"#, "-1", "-0",
      "0", "1", "7e2", "1.5", "4294967296", "18446744073709551615", "18446744073709551616",
      "-9223372036854775808", "-9223372036854775809", "1e400", #"{"type":"c","path":"/x","allow":true}"#,
    ]
    let document = try JSON.parse(JSON.encode(full))
    var count = 0
    for text in odd {
      for changed in Self.replacements(in: document, by: .string("here")) {
        count += 1
        // Written by hand: a value of JSON holds no number beyond 64 bits.
        let bytes = String(decoding: JSON.encode(changed), as: UTF8.self)
          .split(separator: #""here""#, maxSplits: 1, omittingEmptySubsequences: false).joined(
            separator: text)
        guard isReadAlike(Array(bytes.utf8)) else { return }
      }
    }
    #expect(count > 1000)
  }

  @Test func `what is missing is told alike, and escaped keys are keys`() throws {
    guard case .object(let whole) = try JSON.parse(JSON.encode(full)) else { return }
    for path in [[], ["process"], ["linux"], ["root"], ["process", "scheduler"], ["linux", "seccomp"]] {
      var part = JSONValue.object(whole)
      for key in path { part = part[key] ?? .null }
      for key in part.object?.keys ?? [] {
        #expect(isReadAlike(JSON.encode(Self.removing(path + [key], from: .object(whole)))))
      }
    }
    let escaped = #"{"oci\u0056ersion":"1.0.2","root":{"p\u0061th":"/\ud83d\ude00"}}"#
    #expect(isReadAlike(Array(escaped.utf8)))
    #expect(try JSON.read(Bundle.self, from: Array(escaped.utf8)).root?.path == "/😀")
  }

  private static func removing(_ path: [String], from value: JSONValue) -> JSONValue {
    guard let key = path.first, case .object(var object) = value else { return value }
    object[key] = path.count == 1 ? nil : removing(Array(path.dropFirst()), from: object[key] ?? .null)
    return .object(object)
  }

  /// True if it was accepted.
  private func read(_ bytes: [UInt8]) -> Bool {
    do {
      let bundle = try JSON.read(Bundle.self, from: bytes)
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
    var numbers = SeededNumbers(seed: 4)
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

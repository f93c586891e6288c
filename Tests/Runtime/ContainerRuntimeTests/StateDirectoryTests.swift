import JSON
import Linux
import OCISpec
import Testing

@testable import ContainerRuntime

@Suite struct StateDirectoryTests {
  private let root = "/tmp/skiff-state-\(UInt64.random(in: 0 ... .max))"

  private func record(_ bundle: [UInt8]) throws -> (StateDirectory, StateDirectory.Record) {
    let directory = try StateDirectory(root: root, id: "a")
    _ = try directory.make()
    try directory.note(cgroup: "/x/a", unit: "a.scope")
    #expect(directory.notedCgroup()?.path == "/x/a")
    #expect(directory.notedCgroup()?.unit == "a.scope")
    let record = StateDirectory.Record(
      id: "a", bundle: "/b \"c\"", pid: 7, startTime: 99, cgroup: "/x/a", created: "then", owner: 3,
      unit: "a.scope")
    try directory.write(record, bundle: bundle)
    #expect(directory.notedCgroup()?.path == "/x/a")
    #expect(directory.notedCgroup()?.unit == "a.scope")
    #expect(throws: RuntimeError.self) { try directory.read() }
    try directory.publish()
    #expect(directory.notedCgroup() == nil)
    return (directory, record)
  }

  @Test func `record and bundle come back as they were written`() throws {
    // The directory is this test's own.
    defer { try? Files.removeTree(root) }
    let bundle = Bundle.example()
    let (directory, record) = try record(bundle.text)
    let found = try directory.read()
    #expect(found.bundle == bundle)
    #expect(found.record.bundle == record.bundle)
    #expect(found.record.startTime == 99)
    #expect(found.record.owner == 3)
    #expect(!found.record.hasNoCgroup)
    #expect(found.record.unit == "a.scope")
  }

  @Test func `a bundle with a byte order mark, as deep as may be, comes back`() throws {
    // The directory is this test's own.
    defer { try? Files.removeTree(root) }
    let depth = JSON.depthLimit - 1
    let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let text = [0xEF, 0xBB, 0xBF] + Array("{\"ociVersion\":\"1.0.2\",\"more\":\(deep)}\n".utf8)
    _ = try JSON.read(Bundle.self, from: text)
    let (directory, _) = try record(text)
    #expect(try directory.read().bundle.ociVersion == "1.0.2")
  }

  @Test func `the state that an earlier version left is read`() throws {
    // The directory is this test's own.
    defer { try? Files.removeTree(root) }
    let (directory, _) = try record(Bundle.example().text)
    let state =
      #"{"id":"a","bundle":"/b","pid":7,"startTime":99,"cgroup":"/x/a","created":"then","owner":0}"#
    try Files.write("\(directory.path)/state.json", state.utf8)
    try Files.write("\(directory.path)/config.json", Bundle.example().text)
    #expect(try directory.read().bundle == Bundle.example())
  }
}

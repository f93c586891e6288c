import Archive
import EngineErrors
import Hashing
import Linux
import OCISpec
import ShimProtocol
import Testing

@testable import Snapshots

@Suite(.enabled(if: Workplace.isRoot)) struct CommitTests {
  let place: Workplace
  let snapshots: Snapshots

  init() throws {
    place = try Workplace()
    snapshots = try place.open()
  }

  private func base() async throws -> Layer {
    let tar = try archive([
      node("etc/", .directory), file("etc/keep", "kept"), file("etc/drop", "dropped"),
      node("var/", .directory),
      file("var/old", "old"), file("top", "t"),
    ])
    return try await snapshots.unpack(ArraySource(tar), on: nil, expecting: nil)
  }

  /// Does to a container what its layer shall hold.
  private func change(_ rootfs: RootFileSystem) async throws {
    try await snapshots.withMounted(rootfs, readOnly: false) { root in
      #expect(try Files.text("\(root)/etc/keep") == "kept")
      try Files.unlink("\(root)/etc/drop")
      try Files.removeTree("\(root)/var")
      try Files.makeDirectories("\(root)/var/new")
      try Files.write("\(root)/etc/added", Array("added".utf8), mode: 0o600)
      let etc = try FileDescriptor.open("\(root)/etc", .directory)
      try etc.makeLink("linked", to: "added", in: etc)
      try Files.setAttribute("user.a", [9], of: "\(root)/etc/added")
      try Files.makeSymbolicLink("\(root)/soft", to: "top")
    }
  }

  @Test func `what a container did becomes a layer whose archive is its digest`() async throws {
    let base = try await base()
    try await change(snapshots.prepare("c1", on: base.chainID))
    let changes = try await snapshots.changes("c1").map { "\($0.kind) \($0.path)" }
    #expect(
      changes == [
        "0 /etc", "1 /etc/added", "2 /etc/drop", "1 /etc/linked", "1 /soft", "0 /var", "1 /var/new",
      ])
    #expect(try await snapshots.usage("c1") == 5)
    let layer = try await snapshots.commit("c1")
    let tar = try bytes(of: await snapshots.tar(of: layer))
    #expect(Digest(sha256: SHA256.hash(tar)) == layer.diffID)
    #expect(await snapshots.top(of: "c1") == nil)
    let reader = TarReader(ArraySource(tar))
    var paths: [String] = []
    while let entry = try reader.next() { paths.append(entry.pathText) }
    #expect(
      paths == [
        "etc/", "etc/added", "etc/.wh.drop", "etc/linked", "soft", "var/", "var/.wh..wh..opq", "var/new/",
      ])

    let other = try Workplace()
    let others = try other.open()
    let copied = try await others.unpack(await snapshots.tar(of: base), on: nil, expecting: base.diffID)
    let top = try await others.unpack(ArraySource(tar), on: copied.chainID, expecting: layer.diffID)
    try await others.withMounted(others.rootFileSystem(of: top.chainID), readOnly: true) { root throws in
      #expect(try Files.names(in: "\(root)/etc") == ["added", "keep", "linked"])
      #expect(try Files.names(in: "\(root)/var") == ["new"])
      #expect(try Files.attribute("user.a", of: "\(root)/etc/linked") == [9])
    }
  }

  @Test func `the same files give the same digest, whenever they are packed`() async throws {
    var digests: Set<Digest> = []
    for id in ["c1", "other"] {
      _ = try await snapshots.prepare(id, on: nil)
      let upper = "\(place.root)/containers/\(id)/upper"
      for name in id == "c1" ? ["a", "b", "c"] : ["c", "b", "a"] {
        try Files.write("\(upper)/\(name)", Array(name.utf8))
        let directory = try FileDescriptor.open(upper, .directory)
        try directory.changeTimes(PathBytes(name), FileTime(seconds: 5, nanoseconds: UInt32(id.utf8.count)))
      }
      digests.insert(try await snapshots.commit(id).diffID)
    }
    #expect(digests.count == 1)
  }

  @Test func `a copy leaves the container as it is`() async throws {
    _ = try await snapshots.prepare("c1", on: nil)
    try Files.write("\(place.root)/containers/c1/upper/file", Array("text".utf8))
    let copy = try await snapshots.copy("c1")
    #expect(try Files.text("\(place.root)/layers/\(copy.name)/file") == "text")
    #expect(try Files.text("\(place.root)/containers/c1/upper/file") == "text")
    #expect(try Files.names(in: "\(place.root)/tmp").isEmpty)
  }

  @Test func `an upper whose root looks otherwise says so`() async throws {
    _ = try await snapshots.prepare("c1", on: nil)
    try Files.changeMode("\(place.root)/containers/c1/upper", 0o700)
    let layer = try await snapshots.commit("c1")
    let entry = try TarReader(try await snapshots.tar(of: layer)).next()
    #expect(entry?.pathText == "./")
    #expect(entry?.mode == 0o700)
    _ = try await snapshots.prepare("c2", on: layer.chainID)
    #expect(try Files.status("\(place.root)/containers/c2/upper").permissions == 0o700)
  }

  @Test func `a hundred and twenty layers are mounted at once`() async throws {
    var top: Layer?
    for number in 0..<120 {
      top = try await snapshots.unpack(
        ArraySource(archive([file("f\(number)")])), on: top?.chainID, expecting: nil)
    }
    try await snapshots.withMounted(snapshots.rootFileSystem(of: top?.chainID), readOnly: true) {
      root throws in
      #expect(try Files.names(in: root).count == 120)
    }
  }

  @Test func `nothing at all can be mounted, and written on`() async throws {
    let empty = try await snapshots.rootFileSystem(of: nil)
    try await snapshots.withMounted(empty, readOnly: true) { root throws in
      #expect(try Files.names(in: root).isEmpty)
    }
    let scratch = try await snapshots.prepare("c1", on: nil)
    try await snapshots.withMounted(scratch, readOnly: false) { root in try Files.write("\(root)/a", [1]) }
    #expect(try Files.read("\(place.root)/containers/c1/upper/a") == [1])
    #expect(try Files.names(in: "\(place.root)/tmp").isEmpty)
  }

  @Test func `removing goes as deep as it must`() throws {
    let path = "\(place.root)/deep"
    try Files.makeDirectories(path)
    var directory = try FileDescriptor.open(path, .directory)
    for _ in 0..<3000 {
      try directory.makeDirectory("d")
      directory = try directory.open(at: "d", .directory)
    }
    try Files.removeTree(path)
    #expect(!Files.exist(path))
  }
}

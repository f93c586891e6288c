import Archive
import Linux
import Testing

@testable import Snapshots

@Suite(.enabled(if: Workplace.isRoot)) struct FileTreeTests {
  let place: Workplace
  let root: String
  let tree: FileTree

  init() throws {
    place = try Workplace()
    root = "\(place.root)/root"
    try Files.makeDirectories("\(root)/etc/deep")
    try Files.write("\(root)/etc/passwd", Array("root".utf8), mode: 0o640)
    try Files.makeSymbolicLink("\(root)/link", to: "/etc/passwd")
    try Files.makeSymbolicLink("\(root)/out", to: "../../../../etc")
    try Files.makeSymbolicLink("\(root)/broken", to: "nowhere/file")
    tree = try FileTree(root: root)
  }

  private func names(_ path: String) throws -> [String] {
    let file = "\(place.root)/out.tar"
    try tree.pack(path, to: FileDescriptor.open(file, [.writeOnly, .create, .truncate]))
    return try names(of: file)
  }

  private func names(of file: String) throws -> [String] {
    let reader = TarReader(ArraySource(try Files.read(file)))
    var names: [String] = []
    while let entry = try reader.next() { names.append(entry.pathText) }
    return names
  }

  @Test func `what is at a path is told, links as links`() throws {
    let file = try tree.entry(at: "/etc/../etc/./passwd")
    #expect(file.name == "passwd")
    #expect(file.status.permissions == 0o640)
    #expect(try tree.entry(at: "/").status.kind == .directory)
    #expect(try tree.entry(at: "/link").linkTarget == "/etc/passwd")
    #expect(try tree.entry(at: "/out").linkTarget == "/etc")
    #expect(try tree.entry(at: "/broken").linkTarget == "/nowhere/file")
    #expect(try tree.entry(at: "/out/").name == "out")
    #expect(try tree.entry(at: "/out/.").name == ".")
    #expect(throws: SyscallError.self) { try tree.entry(at: "/missing") }
    #expect(throws: SyscallError.self) { try tree.entry(at: "/etc/passwd/") }
  }

  @Test func `an archive has the path's last name, or none after a dot`() throws {
    #expect(try names("/etc/passwd") == ["passwd"])
    #expect(try names("/etc") == ["etc/", "etc/deep/", "etc/passwd"])
    #expect(try names("/out/.") == ["./", "./deep/", "./passwd"])
    #expect(try names("/link") == ["link"])
    #expect(try names("/") == ["/", "/broken", "/etc/", "/etc/deep/", "/etc/passwd", "/link", "/out"])
    #expect(try names("/.").prefix(3) == ["./", "./broken", "./etc/"])
  }

  @Test func `everything is packed under names seen from the root`() throws {
    let file = "\(place.root)/all.tar"
    try tree.packAll(to: FileDescriptor.open(file, [.writeOnly, .create, .truncate]))
    #expect(try names(of: file) == ["./", "broken", "etc/", "etc/deep/", "etc/passwd", "link", "out"])
  }

  @Test func `what the kernel only shows stays out`() throws {
    let host = try FileTree(root: "/")
    let file = "\(place.root)/proc.tar"
    try host.pack("/proc", to: FileDescriptor.open(file, [.writeOnly, .create, .truncate]))
    #expect(try names(of: file) == ["proc/"])
  }

  @Test func `an archive is unpacked where the path leads, within the root`() throws {
    let tar = try archive([
      file("a", "1"), node("sub/", .directory), file("sub/.wh.b", "2"), file("etc/c", "3"),
    ])
    try tree.unpack(ArraySource(tar), into: "/out/deep", keepingKinds: true)
    #expect(try Files.text("\(root)/etc/deep/a") == "1")
    #expect(try Files.text("\(root)/etc/deep/sub/.wh.b") == "2")
    try Files.makeSymbolicLink("\(root)/etc/deep/up", to: "/etc")
    try tree.unpack(ArraySource(archive([file("up/d", "4")])), into: "/etc/deep", keepingKinds: true)
    #expect(try Files.text("\(root)/etc/d") == "4")
  }

  @Test func `a directory is not replaced by a file, unless that is wanted`() throws {
    let tar = try archive([file("deep", "file")])
    #expect(throws: UnpackError.self) { try tree.unpack(ArraySource(tar), into: "/etc", keepingKinds: true) }
    #expect(Files.isDirectory("\(root)/etc/deep"))
    try tree.unpack(ArraySource(tar), into: "/etc", keepingKinds: false)
    #expect(try Files.text("\(root)/etc/deep") == "file")
    let other = try archive([node("passwd/", .directory)])
    #expect(throws: UnpackError.self) {
      try tree.unpack(ArraySource(other), into: "/etc", keepingKinds: true)
    }
  }

  @Test func `what only stands there to be mounted upon is no change`() async throws {
    let snapshots = try place.open()
    let base = try archive([node("etc/", .directory), file("etc/own", "x")])
    let layer = try await snapshots.unpack(ArraySource(base), on: nil, expecting: nil)
    _ = try await snapshots.prepare("c1", on: layer.chainID)
    let upper = "\(place.root)/containers/c1/upper"
    try Files.makeDirectories("\(upper)/etc")
    try Files.makeDirectories("\(upper)/proc")
    try Files.makeDirectories("\(upper)/data")
    try Files.write("\(upper)/etc/hosts", [])
    try Files.write("\(upper)/etc/resolv.conf", Array("written by the user".utf8))
    let points = MountPoints.container(["/data"])
    #expect(
      try await snapshots.changes("c1", mountPoints: points).map(\.path) == ["/etc", "/etc/resolv.conf"])
    let copy = try await snapshots.copy("c1", mountPoints: points)
    #expect(try Files.names(in: "\(place.root)/layers/\(copy.name)") == ["etc"])
    #expect(try Files.names(in: "\(place.root)/layers/\(copy.name)/etc") == ["resolv.conf"])
  }

  @Test func `the link at etc/mtab is of every container and of no image`() async throws {
    let snapshots = try place.open()
    let base = try archive([node("etc/", .directory, mode: 0o750), file("etc/mtab", "old")])
    let layer = try await snapshots.unpack(ArraySource(base), on: nil, expecting: nil)
    let points = MountPoints.container([])
    for (name, top) in [("c1", Optional(layer.chainID)), ("c2", nil)] {
      _ = try await snapshots.prepare(name, on: top, isMarked: true)
      let upper = "\(place.root)/containers/\(name)/upper"
      #expect(try Files.readLink("\(upper)/etc/mtab") == "/proc/mounts")
      #expect(try Files.status("\(upper)/etc").permissions == (top == nil ? 0o755 : 0o750))
      #expect(try await snapshots.changes(name, mountPoints: points).isEmpty)
      let copy = try await snapshots.copy(name, mountPoints: points)
      #expect(try Files.names(in: "\(place.root)/layers/\(copy.name)") == [])
    }
    try Files.changeMode("\(place.root)/containers/c1/upper/etc", 0o700)
    #expect(try await snapshots.changes("c1", mountPoints: points).map(\.path) == ["/etc"])
    let copy = try await snapshots.copy("c1", mountPoints: points)
    #expect(try Files.names(in: "\(place.root)/layers/\(copy.name)/etc") == [])
  }

  @Test func `what an image has at etc or etc/mtab stays where dockerd would leave it`() async throws {
    let snapshots = try place.open()
    let link = node("etc/mtab", .symbolicLink(target: Array("/proc/mounts".utf8)))
    for members in [
      [node("etc/", .directory), node("etc/mtab/", .directory)], [node("etc/", .directory), link],
      [node("etc", .symbolicLink(target: Array("/elsewhere".utf8)))],
    ] {
      let layer = try await snapshots.unpack(ArraySource(archive(members)), on: nil, expecting: nil)
      _ = try await snapshots.prepare("c1", on: layer.chainID, isMarked: true)
      #expect(try Files.names(in: "\(place.root)/containers/c1/upper") == [".dockerenv"])
      try await snapshots.discard("c1")
    }
  }
}

import Archive
import Compression
import EngineErrors
import Hashing
import Linux
import OCISpec
import Records
import Testing

@testable import Snapshots

@Suite(.enabled(if: Workplace.isRoot)) struct UnpackTests {
  let place: Workplace
  let snapshots: Snapshots

  init() throws {
    place = try Workplace()
    snapshots = try place.open()
  }

  private func unpack(_ members: [(TarEntry, String)], on parent: Layer? = nil) async throws -> Layer {
    try await snapshots.unpack(ArraySource(archive(members)), on: parent?.chainID, expecting: nil)
  }

  private func path(_ layer: Layer, _ path: String = "") -> String {
    "\(place.root)/layers/\(layer.name)/\(path)"
  }

  @Test func `files keep contents, modes, owners, times and attributes`() async throws {
    let redirect = TarAttribute(name: "trusted.overlay.redirect", value: [47])
    let layer = try await unpack([
      node("bin/", .directory), file("bin/su", "program") { ($0.mode, $0.uid, $0.gid) = (0o4755, 7, 8) },
      file("./etc/deep/down", "x") {
        $0.attributes = [TarAttribute(name: "user.note", value: [1, 2]), redirect]
      },
      node("tmp/", .directory, mode: 0o3777), file("tmp/inside"),
      node("null", .characterDevice(major: 1, minor: 3)),
      node("pipe", .fifo, mode: 0o600), node("link", .symbolicLink(target: Array("/bin/su".utf8))),
      node("again", .hardLink(target: Array("bin/su".utf8))),
    ])
    let su = try Files.status(path(layer, "bin/su"))
    #expect(su.permissions == 0o4755)
    #expect([su.uid, su.gid] == [7, 8])
    #expect(su.modified == FileTime(seconds: 1_600_000_000))
    #expect(try Files.status(path(layer, "again")).inode == su.inode)
    #expect(try Files.status(path(layer, "bin")).modified == FileTime(seconds: 1_500_000_000))
    #expect(try Files.status(path(layer, "tmp")).permissions == 0o3777)
    #expect(try Files.status(path(layer, "tmp/inside")).gid == 0)
    #expect(try Files.attribute("user.note", of: path(layer, "etc/deep/down")) == [1, 2])
    #expect(try Files.attribute("trusted.overlay.redirect", of: path(layer, "etc/deep/down")) == nil)
    #expect(try Files.status(path(layer, "null")).deviceNumber == DeviceNumber(major: 1, minor: 3))
    #expect(try Files.readLink(path(layer, "link")) == "/bin/su")
    #expect(layer.size == 8)
  }

  @Test func `whiteouts become what overlayfs understands`() async throws {
    let layer = try await unpack([
      file("dir/.wh.gone"), file("other/.wh..wh..opq"), file(".wh.tree"), node("tree/", .directory),
      file("stays"),
      file(".wh.stays"), file(".wh..wh.plnk"),
    ])
    #expect(try Overlay.isWhiteout(Files.linkStatus(path(layer, "dir/gone"))))
    #expect(try Files.attribute(Overlay.opaque, of: path(layer, "other")) == [UInt8(ascii: "y")])
    #expect(try Files.attribute(Overlay.opaque, of: path(layer, "tree")) == [UInt8(ascii: "y")])
    #expect(try Files.linkStatus(path(layer, "stays")).kind == .regular)
    #expect(try Files.names(in: path(layer)) == ["dir", "other", "stays", "tree"])
  }

  @Test(arguments: [
    [file("../outside")], [file("a/../../outside")], [file("/..")],
    [
      node("out", .symbolicLink(target: Array("/tmp".utf8))),
      node("l", .hardLink(target: Array("../../../etc/passwd".utf8))),
    ],
    [node("l", .hardLink(target: Array("/etc/passwd".utf8)))],
    [
      node("out", .symbolicLink(target: Array("/etc".utf8))),
      node("l", .hardLink(target: Array("out/passwd".utf8))),
    ],
    [node("zero", .characterDevice(major: 0, minor: 0))], [file(".wh.")], [file(".wh...")],
    [file("a"), file("a/b")],
  ]) func `what leads outside or cannot be kept is refused, and nothing stays`(members: [(TarEntry, String)])
    async throws
  {
    await #expect(throws: EngineError.self) { try await unpack(members) }
    #expect(try place.layerNames() == ["empty"])
  }

  @Test func `a link that points outside is followed within the layer`() async throws {
    let layer = try await unpack([
      node("out", .symbolicLink(target: Array("/../../etc".utf8))), node("etc/", .directory),
      file("out/skiff-was-here", "x"),
    ])
    #expect(Files.exist(path(layer, "etc/skiff-was-here")))
    #expect(!Files.exist("/etc/skiff-was-here"))
  }

  @Test func `another digest than promised is refused`() async throws {
    let wrong = Digest(sha256: SHA256.hash([1]))
    await #expect(throws: EngineError.self) {
      try await snapshots.unpack(ArraySource(archive([file("a")])), on: nil, expecting: wrong)
    }
    #expect(try place.layerNames() == ["empty"])
  }

  @Test func `a cut archive leaves nothing behind`() async throws {
    let whole = try archive([file("a", "contents"), file("b", String(repeating: "x", count: 5000))])
    await #expect(throws: EngineError.self) { try await snapshots.unpack(ArraySource(whole.prefix(2500))) }
    #expect(try place.layerNames() == ["empty"])
  }

  @Test func `gzip is seen through, and the archive comes back to the byte`() async throws {
    let plain =
      try archive([file("dir/a", "one"), file("b", "two"), node("c", .hardLink(target: [98]))]) + [0, 0, 7]
    var packed: [UInt8] = []
    let writer = GzipWriter { packed += $0 }
    try plain.withUnsafeBytes(writer.write)
    try writer.finish()
    let digest = Digest(sha256: SHA256.hash(plain))
    let layer = try await snapshots.unpack(ArraySource(packed), on: nil, expecting: digest)
    #expect(try bytes(of: await snapshots.tar(of: layer)) == plain)
  }

  @Test func `a file written twice is the later one, and the archive still comes back`() async throws {
    let tar = try archive([
      file("a", "first"), node("d/", .directory), file("d/x", "in d"), node("d/e/", .directory),
      file("d/e/y", "in e"),
      file("a", "second"), file("d"), node("a", .symbolicLink(target: [98])), file("a", "third"),
    ])
    let layer = try await snapshots.unpack(ArraySource(tar), on: nil, expecting: nil)
    #expect(try Files.text(path(layer, "a")) == "third")
    #expect(try Files.status(path(layer, "d")).kind == .regular)
    #expect(try Files.names(in: path(layer)) == ["a", "d"])
    #expect(layer.isReproducible)
    #expect(try bytes(of: await snapshots.tar(of: layer)) == tar)
    _ = try place.open()
    #expect(try place.layerNames() == ["1", "1.frame", "1.kept", "empty"])
    try await snapshots.remove(chainID: layer.chainID)
    #expect(try place.layerNames() == ["empty"])
  }

  @Test func `a file replaced under another name is not promised back`() async throws {
    let layer = try await unpack([
      node("usr/", .directory), node("lib", .symbolicLink(target: Array("usr".utf8))), file("lib/a", "one"),
      file("usr/a", "two"),
    ])
    #expect(try Files.text(path(layer, "usr/a")) == "two")
    #expect(!layer.isReproducible)
    await #expect(throws: EngineError.self) { try await snapshots.tar(of: layer) }
  }

  @Test func `the same layer twice is kept once`() async throws {
    let first = try await unpack([file("a")])
    #expect(try await unpack([file("a")]) == first)
    #expect(try place.layerNames() == ["1", "1.frame", "empty"])
  }

  @Test func `layers are found again, and half ones swept`() async throws {
    let base = try await unpack([file("a")])
    let top = try await unpack([file("b")], on: base)
    try Files.makeDirectories("\(place.root)/layers/7.new/x")
    try Files.makeDirectories("\(place.root)/layers/9")
    let again = try place.open()
    #expect(await again.chain(of: top.chainID) == [base, top])
    #expect(try place.layerNames() == ["1", "1.frame", "2", "2.frame", "empty"])
    #expect(top.chainID == ChainID.of(top.diffID, on: base.diffID))
  }

  @Test func `a layer that was not on disk when the machine went down is lost, with what stood on it`()
    async throws
  {
    let base = try await unpack([file("a")])
    let lost = try await unpack([file("b")], on: base)
    let top = try await unpack([file("c")], on: lost)
    await snapshots.synchronize()
    while await !snapshots.unsynced.isEmpty { await Task.yield() }
    try await snapshots.unsyncedTable.put(lost.chainID.description, "another run of the kernel")
    let again = try place.open()
    #expect(await again.chain(of: base.chainID) == [base])
    #expect(await again.chain(of: top.chainID).isEmpty)
    #expect(await again.layer(chainID: lost.chainID) == nil)
    let new = try await again.unpack(
      ArraySource(archive([file("b")])), on: base.chainID, expecting: lost.diffID)
    #expect(await again.chain(of: top.chainID) == [base, new, top])
  }

  @Test func `a layer that others stand on is not removed`() async throws {
    let base = try await unpack([file("a")])
    let top = try await unpack([file("b")], on: base)
    await #expect(throws: EngineError.self) { try await snapshots.remove(chainID: base.chainID) }
    _ = try await snapshots.prepare("c1", on: top.chainID)
    await #expect(throws: EngineError.self) { try await snapshots.remove(chainID: top.chainID) }
    try await snapshots.discard("c1")
    try await snapshots.remove(chainID: top.chainID)
    try await snapshots.remove(chainID: base.chainID)
    #expect(try place.layerNames() == ["empty"])
  }
}

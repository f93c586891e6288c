import Archive
import EngineErrors
import Linux
import OCISpec
import SeededNumbers
import Testing

@testable import Snapshots

/// GNU tar as the judge: what it writes we read, what we write it finds the same.
@Suite(.enabled(if: Workplace.isRoot && Files.exist("/usr/bin/tar"))) struct OracleTests {
  let place: Workplace
  let snapshots: Snapshots

  init() throws {
    place = try Workplace()
    snapshots = try place.open()
  }

  private func tar(_ arguments: [String]) throws -> Int32 {
    let null = try FileDescriptor.open("/dev/null", .readWrite)
    let raw = null.rawValue
    let pid = try Spawn(
      "/usr/bin/tar", ["tar"] + arguments, environment: ["LC_ALL=C"], descriptors: [raw, raw, raw]
    ).start()
    return try Wait.forEnd(of: pid)?.exitCode ?? -1
  }

  private func makeTree(_ root: String) throws {
    try Files.makeDirectories(
      "\(root)/dir/\(String(repeating: "long-", count: 30))/\(String(repeating: "n", count: 120))")
    try Files.write("\(root)/dir/plain", Array("plain".utf8))
    try Files.write("\(root)/dir/Főtanúsítvány.crt", [UInt8](repeating: 7, count: 100_000))
    try Files.write("\(root)/setuid", Array("su".utf8))
    try Files.changeOwner("\(root)/setuid", uid: 12, gid: 34)
    try Files.changeMode("\(root)/setuid", 0o6711)
    try Files.makeSymbolicLink("\(root)/link", to: "../\(String(repeating: "x", count: 150))")
    let directory = try FileDescriptor.open("\(root)/dir", .directory)
    try directory.makeLink("hard", to: "plain", in: directory)
    try Files.makeFIFO("\(root)/pipe")
    try directory.makeNode("null", mode: 0o020666, device: DeviceNumber(major: 1, minor: 3))
    for name in ["dir/plain", "setuid", "dir"] {
      try FileDescriptor.open(root, .directory).changeTimes(PathBytes(name), FileTime(seconds: 1_000_000_000))
    }
  }

  @Test(arguments: ["gnu", "posix"]) func `what GNU tar writes is unpacked as it was`(format: String)
    async throws
  {
    let (tree, file) = ("\(place.root)/tree", "\(place.root)/tree.tar")
    try makeTree(tree)
    #expect(try tar(["--format=\(format)", "--xattrs", "-cf", file, "-C", tree, "."]) == 0)
    let layer = try await snapshots.unpack(
      DescriptorSource(FileDescriptor.open(file, .readOnly)), on: nil, expecting: nil)
    #expect(try tar(["--compare", "-f", file, "-C", "\(place.root)/layers/\(layer.name)"]) == 0)
  }

  @Test func `what we write is the same to GNU tar`() async throws {
    _ = try await snapshots.prepare("c1", on: nil)
    try makeTree("\(place.root)/containers/c1/upper")
    let layer = try await snapshots.commit("c1")
    let file = "\(place.root)/out.tar"
    try Files.write(file, bytes(of: await snapshots.tar(of: layer)))
    try Files.makeDirectories("\(place.root)/extracted")
    #expect(try tar(["--extract", "-f", file, "-C", "\(place.root)/extracted"]) == 0)
    let again = try await snapshots.adopt(directory: "\(place.root)/extracted", on: nil)
    #expect(again.diffID == layer.diffID)
  }

  @Test func `damaged archives are unpacked or refused, and nothing leaves the layer`() async throws {
    let (tree, file) = ("\(place.root)/tree", "\(place.root)/tree.tar")
    try makeTree(tree)
    #expect(try tar(["--format=posix", "-cf", file, "-C", tree, "."]) == 0)
    let whole = try Files.read(file)
    var random = SeededNumbers(seed: 77)
    for _ in 0..<150 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&bytes, &random) }
      do throws(EngineError) {
        let loose = try await snapshots.unpack(ArraySource(bytes))
        await snapshots.drop(loose)
      } catch {}
    }
    #expect(try place.layerNames() == ["empty"])
    #expect(
      try Files.names(in: place.root) == [
        "containers", "layers", "skiff.db", "skiff.db-shm", "skiff.db-wal", "skiff.db.reserve", "tmp", "tree",
        "tree.tar",
      ])
  }

  /// Writes a path that wants out, or any byte, into a header and makes its checksum right again.
  private func damage(_ bytes: inout [UInt8], _ random: inout SeededNumbers) {
    let start = Int.random(in: 0..<(bytes.count / 512), using: &random) * 512
    let paths = [
      "../../escaped", "/tmp/../../escaped", "link/escaped", ".wh.dir", "dir/.wh..wh..opq", "./", "dir", ".",
    ]
    let text = Array((paths.randomElement(using: &random) ?? "").utf8) + [0]
    let field = [0, 157].randomElement(using: &random) ?? 0
    if Bool.random(using: &random) {
      bytes.replaceSubrange((start + field)..<(start + field + text.count), with: text)
    } else {
      bytes[start + Int.random(in: 0..<512, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    if Bool.random(using: &random) { bytes[start + 156] = UInt8.random(in: 0x30...0x37, using: &random) }
    let sum = bytes[start..<(start + 512)].enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
    }
    let digits = String(sum, radix: 8)
    let checksum = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "\u{0} "
    bytes.replaceSubrange((start + 148)..<(start + 156), with: Array(checksum.utf8.prefix(8)))
  }
}

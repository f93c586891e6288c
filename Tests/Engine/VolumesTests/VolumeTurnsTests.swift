import DockerAPI
import Events
import Linux
import Records
import Testing

@testable import Volumes

struct VolumeTurnsTests {
  @Test func `nothing is kept of the turns of volumes that are gone`() async throws {
    let root = "/tmp/skiff-volumes-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories(root)
    // What cannot be removed from /tmp does not fail a test that has already ended.
    defer { try? Files.removeTree(root) }
    let volumes = try Volumes(
      dataRoot: root, database: Database(path: "\(root)/skiff.db"), events: Events())
    for _ in 0..<3 {
      let volume = try await volumes.create(VolumeCreateRequest())
      try await volumes.remove(volume.name, force: false, usedBy: [])
    }
    #expect(await volumes.turns.isEmpty)
  }
}

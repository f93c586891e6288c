import DockerAPI
import EngineErrors
import Testing

@testable import Volumes

@Suite struct VolumeNameTests {
  @Test(arguments: ["redis-data", "a1", "project_db.data", "0_0"])
  func `docker's names are taken`(name: String) throws { try VolumeName.check(name) }

  @Test(arguments: ["a", "", "-a", ".hidden", "a/b", "a b", "ä1", "..", "a\u{0}b"])
  func `names that could leave the directory are refused`(name: String) {
    let error = #expect(throws: EngineError.self) { try VolumeName.check(name) }
    #expect(error?.kind == .invalidArgument)
  }

  @Test func `names given by the engine are names`() throws {
    let name = ObjectID.random()
    #expect(name.utf8.count == 64)
    try VolumeName.check(name)
  }
}

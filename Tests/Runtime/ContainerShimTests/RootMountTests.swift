import ShimProtocol
import Testing

@testable import ContainerShim

@Suite struct RootMountTests {
  @Test func `separators in names are escaped`() {
    let root = RootFileSystem(layersDirectory: "/l", lower: ["3", "2:x"], upper: "/a,b", work: #"/w\"#)
    #expect(RootMount.options(root).hasSuffix(#",lowerdir=3:2\:x,upperdir=/a\,b,workdir=/w\\"#))
  }

  @Test func `without a writable layer there is none to name`() {
    let root = RootFileSystem(layersDirectory: "/l", lower: ["3", "2"], upper: nil, work: nil)
    #expect(RootMount.options(root).hasSuffix(",lowerdir=3:2"))
  }
}

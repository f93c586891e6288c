import Linux
import Testing

@testable import ContainerRuntime

@Suite struct MountOptionsTests {
  @Test func `options are sorted into flags, attributes, propagation and data`() throws {
    let options = try MountOptions(["rbind", "ro", "nosuid", "rslave", "size=64k", "mode=755"])
    #expect(options.isBind && options.isRecursive)
    #expect(options.flags == [.readOnly, .noSetUserID])
    #expect(options.set == [.readOnly, .noSetUserID])
    #expect(options.propagation == [.init(propagation: .slave, recursive: true)])
    #expect(options.data == ["size=64k", "mode=755"])
  }

  @Test func `the later of two opposites counts`() throws {
    let options = try MountOptions(["ro", "rw", "nodev", "dev", "nodev"])
    #expect(options.flags == [.noDevices])
    #expect(options.set == [.noDevices])
    #expect(options.clear == [.readOnly])
  }

  @Test func `an r before an attribute means the whole tree`() throws {
    let options = try MountOptions(["rbind", "rro", "rnosuid"])
    #expect(options.setBelow == [.readOnly, .noSetUserID])
    #expect(options.set.isEmpty)
  }

  @Test func `a policy of access times replaces the one before`() throws {
    let options = try MountOptions(["noatime"])
    #expect(options.set == .noAccessTime)
    #expect(options.clear == .accessTimePolicy)
  }

  @Test func `owners are mapped for one mount or all below`() throws {
    let one = try MountOptions(["bind", "idmap"])
    #expect(one.mapsOwners && !one.mapsOwnersBelow)
    let all = try MountOptions(["rbind", "ridmap"])
    #expect(all.mapsOwners && all.mapsOwnersBelow && all.data.isEmpty)
  }
}

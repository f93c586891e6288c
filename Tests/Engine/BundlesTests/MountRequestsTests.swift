import DockerAPI
import EngineErrors
import Testing

@testable import Bundles

@Suite struct MountRequestsTests {
  private func requests(binds: [String] = [], mounts: [Mount] = [], volumes: [String] = []) throws
    -> [MountRequest]
  {
    var config = ContainerConfig()
    config.volumes = Dictionary(uniqueKeysWithValues: volumes.map { ($0, EmptyObject()) })
    var host = HostConfig()
    host.binds = binds
    host.mounts = mounts
    return try mountRequests(config, host)
  }

  @Test func `a path before the colon is a bind mount, and a missing directory is made`() throws {
    let request = try #require(try requests(binds: ["/srv/../data:/in/:ro"]).first)
    #expect(request.source == .bind(path: "/data", create: true))
    #expect(request.destination == "/in")
    #expect(request.readOnly)
    #expect(request.propagation == "rprivate")
  }

  @Test func `a name before the colon is a volume`() throws {
    let request = try #require(try requests(binds: ["redis-data:/data"]).first)
    guard case .volume(let name, "local", _, _, true, nil) = request.source else {
      Issue.record("not a volume: \(request.source)")
      return
    }
    #expect(name == "redis-data")
  }

  @Test(arguments: [
    ("a:b:c:d", "invalid volume specification: 'a:b:c:d'"),
    ("/a:/b:weird", "invalid mode: weird"),
    (
      "/a:/b:nocopy",
      "invalid volume specification: '/a:/b:nocopy': invalid mount config for type \"bind\": field VolumeOptions must not be specified"
    ),
    (
      "/a:relative",
      "invalid volume specification: '/a:relative': invalid mount config for type \"bind\": invalid mount path: 'relative' mount path must be absolute"
    ),
    (
      "/a:/",
      "invalid volume specification: '/a:/': invalid mount config for type \"bind\": invalid specification: destination can't be '/'"
    ),
  ])
  func `what makes no sense is refused in docker's words`(bind: String, message: String) {
    let error = #expect(throws: EngineError.self) { _ = try requests(binds: [bind]) }
    #expect(error?.message == message)
    #expect(error?.kind == .invalidArgument)
  }

  @Test func `two mounts at one place are refused`() {
    let error = #expect(throws: EngineError.self) { _ = try requests(binds: ["/a:/x", "/b:/x/"]) }
    #expect(error?.message == "Duplicate mount point: /x")
  }

  @Test func `a volume of the image gives way to what the user mounts there`() throws {
    let all = try requests(binds: ["named:/data"], volumes: ["/data", "/other"])
    #expect(all.map(\.destination) == ["/data", "/other"])
    guard case .volume(nil, _, _, _, true, _) = all[1].source else {
      Issue.record("not anonymous: \(all[1].source)")
      return
    }
  }
}

@Suite struct TmpfsWordTests {
  @Test func `what mount takes is taken`() throws {
    #expect(try TmpfsWords.checked("rw,noexec,size=1m,uid=33") == ["rw", "noexec", "size=1m", "uid=33"])
    #expect(try TmpfsWords.checked("").isEmpty)
  }

  @Test(arguments: ["nonsense", "size", "uid=", "rw=1", "huge=always"])
  func `what mount would not take is refused in docker's words`(_ word: String) {
    let error = #expect(throws: EngineError.self) { try TmpfsWords.checked("rw,\(word)") }
    #expect(error?.message == "invalid tmpfs option [\"\(word)\"]")
  }
}

@Suite struct UserRangeTests {
  private let database = UserDatabase(passwd: "web:x:33:33::/:/bin/sh\n", group: "extra:x:44:\n")

  @Test(arguments: ["-1", "99999999999", "2147483648", "1:-1", "1:4294967295"])
  func `numbers that no user has are refused`(_ text: String) {
    let error = #expect(throws: EngineError.self) { try database.resolve(text) }
    #expect(error?.message == "uids and gids must be in range 0-2147483647")
  }

  @Test func `numbers within the range need no entry`() throws {
    #expect(try database.resolve("2147483647:7").uid == 2_147_483_647)
    #expect(try database.resolve("web").uid == 33)
  }
}

@Suite struct TmpfsOptionTests {
  private func words(_ options: [[String]]) throws -> MountRequest.Source? {
    var mount = Mount()
    mount.type = "tmpfs"
    mount.target = "/t"
    mount.tmpfsOptions = TmpfsOptions()
    mount.tmpfsOptions?.sizeBytes = 4096
    mount.tmpfsOptions?.options = options
    var host = HostConfig()
    host.mounts = [mount]
    return try mountRequests(ContainerConfig(), host).first?.source
  }

  @Test func `a tmpfs has the words it is given`() throws {
    #expect(try words([["exec"], ["uid", "33"]]) == .tmpfs(options: ["size=4096", "exec", "uid=33"]))
  }

  @Test(arguments: [[[]], [["a", "b", "c"]], [["exec,suid"]], [["uid=3"]], [[""]]])
  func `words that hide others are refused`(_ options: [[String]]) {
    #expect(throws: EngineError.self) { try words(options) }
  }
}

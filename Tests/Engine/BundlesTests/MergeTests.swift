import DockerAPI
import EngineErrors
import OCISpec
import Testing

@testable import Bundles

@Suite struct MergeTests {
  private var image: ImageDefaults {
    var image = ImageDefaults()
    image.entrypoint = ["python"]
    image.cmd = ["app.py"]
    image.env = ["PATH=/bin", "NAME=World"]
    image.user = "app"
    image.labels = ["a": "1", "b": "1"]
    return image
  }

  @Test func `the image's command and entrypoint stand where the user gave none`() throws {
    let merged = try ContainerConfig().merged(with: image)
    #expect(merged.entrypoint == ["python"])
    #expect(merged.cmd == ["app.py"])
    #expect(merged.user == "app")
  }

  @Test func `a command of the user keeps the entrypoint of the image`() throws {
    var own = ContainerConfig()
    own.cmd = ["other.py"]
    let merged = try own.merged(with: image)
    #expect(merged.entrypoint == ["python"])
    #expect(merged.cmd == ["other.py"])
  }

  @Test func `an entrypoint of the user drops the command of the image`() throws {
    var own = ContainerConfig()
    own.entrypoint = ["sh"]
    let merged = try own.merged(with: image)
    #expect(merged.entrypoint == ["sh"])
    #expect(merged.cmd == nil)
  }

  @Test func `variables and labels of the user win`() throws {
    var own = ContainerConfig()
    own.env = ["NAME=Skiff", "EXTRA=1"]
    own.labels = ["b": "2"]
    let merged = try own.merged(with: image)
    #expect(merged.env == ["NAME=Skiff", "EXTRA=1", "PATH=/bin"])
    #expect(merged.labels == ["a": "1", "b": "2"])
  }

  @Test func `a variable without a value is kept, and unsets the image's at the start`() throws {
    var own = ContainerConfig()
    own.env = ["NAME", "BLANK="]
    let merged = try own.merged(with: image)
    #expect(merged.env == ["NAME", "BLANK=", "PATH=/bin"])
    let environment = defaultEnvironment(
      terminal: false, hostname: "h", home: "/root", own: merged.env ?? [])
    #expect(environment == ["PATH=/bin", "HOSTNAME=h", "BLANK=", "HOME=/root"])
  }

  @Test func `without any command there is nothing to run`() {
    let error = #expect(throws: EngineError.self) { _ = try ContainerConfig().merged(with: ImageDefaults()) }
    #expect(error?.message == "No command specified")
  }

  @Test(arguments: [
    ("", 0, 0, "/root"), ("www", 33, 33, "/var/www"), ("www:staff", 33, 50, "/var/www"),
    ("33:7", 33, 7, "/var/www"),
    ("4242", 4242, 0, "/"),
  ])
  func `users are found by name and number`(text: String, uid: UInt32, gid: UInt32, home: String) throws {
    let database = UserDatabase(
      passwd: "root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/bin/false\nbroken\n",
      group: "root:x:0:\nstaff:x:50:www\n")
    let user = try database.resolve(text)
    #expect(user.uid == uid)
    #expect(user.gid == gid)
    #expect(user.home == home)
  }

  @Test func `the primary group is one of the additional groups, and the first`() throws {
    let database = UserDatabase(
      passwd: "www:x:33:33::/var/www:/bin/false\n", group: "www:x:33:www\nstaff:x:50:www\n")
    #expect(try database.resolve("www").additionalGroups == [33, 50])
    #expect(try database.resolve("www:7", adding: ["staff", "7"]).additionalGroups == [7, 50])
    #expect(try database.resolve("").additionalGroups == [0])
  }

  @Test func `a user that the container does not know is refused`() {
    let error = #expect(throws: EngineError.self) {
      _ = try UserDatabase(passwd: "", group: "").resolve("nobody")
    }
    #expect(error?.message == "unable to find user nobody: no matching entries in passwd file")
  }

  @Test func `capabilities are the standard ones with what is added and without what is dropped`() throws {
    let all = Set(Capabilities.all)
    #expect(try Capabilities.resolve(add: [], drop: [], privileged: false, available: all).count == 14)
    #expect(
      try Capabilities.resolve(add: ["NET_ADMIN"], drop: ["ALL"], privileged: false, available: all) == [
        "CAP_NET_ADMIN"
      ])
    #expect(
      try !Capabilities.resolve(add: ["all"], drop: ["mknod"], privileged: false, available: all).contains(
        "CAP_MKNOD"))
  }
}

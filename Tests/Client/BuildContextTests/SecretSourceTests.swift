import Linux
import Testing

@testable import BuildContext

struct SecretSourceTests {
  @Test(arguments: [
    ("id=a,src=f", "a", SecretSource.file("f")), ("id=a,source=f", "a", .file("f")),
    ("id=a,env=V", "a", .variable("V")),
    ("id=NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE", .file("NOT_SET_ANYWHERE")),
    ("id=PATH", "PATH", .variable("PATH")),
    ("type=env,id=a", "a", .variable("a")), ("type=env,id=a,src=V", "a", .variable("V")),
    ("type=file,id=PATH", "PATH", .file("PATH")),
  ])
  func `a secret is found where docker finds it`(text: String, id: String, source: SecretSource) throws {
    let parsed = try SecretSource.parse(text)
    #expect(parsed.id == id)
    #expect(parsed.source == source)
  }

  @Test(arguments: ["", "src=f", "id=", "a", "id=a,colour=red", "id=a,type=vault"])
  func `what is no secret is refused`(text: String) {
    #expect(throws: BuildContextError.self) { try SecretSource.parse(text) }
  }

  @Test func `a value is read up to its limit, and its absence is said`() throws {
    #expect(try SecretSource.variable("V").read(id: "a", limit: 3) { _ in "abc" } == Array("abc".utf8))
    #expect(throws: BuildContextError.secret("a", "larger than 0 KiB")) {
      try SecretSource.variable("V").read(id: "a", limit: 2) { _ in "abc" }
    }
    #expect(throws: BuildContextError.secret("a", "the environment variable V is not set")) {
      try SecretSource.variable("V").read(id: "a", limit: 2) { _ in nil }
    }
    #expect(throws: BuildContextError.secret("a", "larger than 1 KiB")) {
      try SecretSource.file("/dev/zero").read(id: "a", limit: 1 << 10)
    }
  }
}

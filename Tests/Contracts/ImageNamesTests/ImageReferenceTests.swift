import Testing

@testable import ImageNames

private let hash = "sha256:" + String(repeating: "a1", count: 32)

@Suite struct ImageReferenceTests {
  @Test(arguments: [
    ("alpine", "docker.io/library/alpine", "alpine"),
    ("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
    ("library/alpine", "docker.io/library/alpine", "alpine"),
    ("docker.io/alpine", "docker.io/library/alpine", "alpine"),
    ("index.docker.io/alpine", "docker.io/library/alpine", "alpine"),
    ("user/app:v1", "docker.io/user/app:v1", "user/app:v1"),
    ("localhost/app", "localhost/app", "localhost/app"),
    ("localhost:5000/app:v1", "localhost:5000/app:v1", "localhost:5000/app:v1"),
    ("ghcr.io/a/b/c", "ghcr.io/a/b/c", "ghcr.io/a/b/c"),
    ("[::1]:5000/app", "[::1]:5000/app", "[::1]:5000/app"),
    ("library/a/b", "docker.io/library/a/b", "library/a/b"),
    ("Host/app", "Host/app", "Host/app"),
    ("a__b/c-----d.e_f", "docker.io/a__b/c-----d.e_f", "a__b/c-----d.e_f"),
  ]) func `a name is normalised and made familiar again`(text: String, full: String, familiar: String) throws
  {
    let reference = try ImageReference.parse(text)
    #expect(reference.full == full)
    #expect(reference.familiar == familiar)
    #expect(try ImageReference.parse(full) == reference)
  }

  @Test func `a digest stands beside or instead of a tag`() throws {
    let both = try ImageReference.parse("app:v1@\(hash)")
    #expect(both.tag == "v1")
    #expect(both.digest == hash)
    #expect(both.familiar == "app:v1@\(hash)")
    let alone = try ImageReference.parse("app@\(hash)")
    #expect(alone.tag == nil)
    #expect(alone.withDefaultTag == alone)
    #expect(try ImageReference.parse("app").withDefaultTag.familiar == "app:latest")
  }

  @Test(arguments: [
    "", ":tag", "a:", "a@", "a//b", "/a", "a/", "-a", "a-", "a..b", "a___b", "a b", "a:-x", "a@sha256:12",
    "http://a/b", "a@md5:d41d8cd98f00b204e9800998ecf8427e", "ho_st:5000/x",
    "a:" + String(repeating: "x", count: 129),
    "ünïcode", "host:port/a",
  ]) func `what is no reference is refused in docker's words`(text: String) {
    #expect(throws: InvalidReference.format) { try ImageReference.parse(text) }
  }

  @Test func `capitals in a repository are named`() {
    #expect(throws: InvalidReference.uppercase("library/Ubuntu")) { try ImageReference.parse("Ubuntu:x") }
    #expect(
      InvalidReference.uppercase("library/Ubuntu").description
        == "invalid reference format: repository name (library/Ubuntu) must be lowercase")
  }

  @Test func `an image id is no repository name`() {
    let id = String(repeating: "0f", count: 32)
    #expect(throws: InvalidReference.looksLikeID(id)) { try ImageReference.parse(id) }
  }

  @Test func `a name has an end`() {
    #expect(throws: InvalidReference.tooLong) { try ImageReference.parse(String(repeating: "a", count: 256)) }
  }
}

import JSON
import Testing

@testable import Commands

struct ImageTreeTests {
  private func tree(_ text: String, width: Int) throws -> String {
    ImageTree(try JSON.parse(Array(text.utf8))).text(width: width, isPainted: false)
  }

  @Test func `images without platforms stand in a table, the latest first`() throws {
    let images = #"""
      [{"Id": "sha256:9698ba2775d7aa", "RepoTags": ["busybox:latest"], "Size": 1980000, "Containers": 1, "Created": 1},
      {"Id": "sha256:fbfa1c3a84f5aa", "RepoTags": ["nginx:b", "nginx:alpine"], "Size": 92500000, "Created": 2},
      {"Id": "sha256:0000000000000a", "RepoTags": [], "Size": 0, "Created": 0}]
      """#
    let expected = """
      IMAGE            ID             DISK USAGE   CONTENT SIZE   EXTRA
      nginx:alpine
      nginx:b          fbfa1c3a84f5       92.5MB             0B
      busybox:latest   9698ba2775d7       1.98MB             0B   U
      <untagged>       000000000000           0B             0B

      """
    let lines = try tree(images, width: 80).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == String(repeating: " ", count: 62) + "Info ->  U In Use")
    #expect(lines.dropFirst(2).joined(separator: "\n") == expected)
  }

  @Test func `platforms hang below their image`() throws {
    let images = #"""
      [{"Id": "sha256:9698ba2775d7aa", "RepoTags": ["a:1"], "Size": 30, "Manifests": [
      {"ID": "sha256:111111111111aa", "Kind": "image", "Size": {"Total": 20, "Content": 5},
       "ImageData": {"Platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}, "Containers": ["x"]}},
      {"ID": "sha256:222222222222aa", "Kind": "image", "Size": {"Total": 10, "Content": 3},
       "ImageData": {"Platform": {"os": "linux", "architecture": "amd64"}, "Containers": []}},
      {"Kind": "attestation", "Size": {"Total": 1, "Content": 1}}]}]
      """#
    let lines = try tree(images, width: 80).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.dropFirst(2) == [
        "IMAGE               ID             DISK USAGE   CONTENT SIZE   EXTRA",
        "a:1                 9698ba2775d7          30B             9B   U",
        "├─ linux/arm64/v8   111111111111          20B             5B   U",
        "└─ linux/amd64      222222222222          10B             3B", "", "",
      ])
  }

  @Test func `a narrow terminal has fewer columns, and a long name a line of its own`() throws {
    let image = #"[{"Id": "sha256:9698ba2775d7aa", "RepoTags": ["a-rather-long-name:latest"], "Size": 3}]"#
    let lines = try tree(image, width: 30).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.dropFirst(2) == [
        "IMAGE             ID", "a-rather-long-name:latest", "                  9698ba2775d7", "",
      ])
  }
}

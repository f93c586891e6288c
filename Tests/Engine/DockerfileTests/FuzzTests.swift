import SeededNumbers
import Testing

@testable import Dockerfile

@Suite struct FuzzTests {
  private let pieces = [
    "FROM a", "RUN ", "COPY --from=x ", "<<EOF", "EOF", "\n", "\\\n", " # c", "${A:-", "}", "'", "\"",
    "[\"x\", ", "]", "\\", "ENV A=b ",
    "ONBUILD ", "HEALTHCHECK --interval=1s CMD x", "ARG ", "# escape=`\n", "`", "\u{FEFF}", "\r\n", "\t",
    "é😀", "--", "=", "$", "${x//a/b}",
    "LABEL ", "SHELL [\"a\"]", "WORKDIR /x", "<<-'E'", "\\u12", "\0", "USER u", "EXPOSE 1", "{", "null",
    "1e9",
  ]

  @Test func `no text stops the parser`() {
    var numbers = SeededNumbers(seed: 42)
    for _ in 0..<1200 {
      let text = (0..<Int.random(in: 1...25, using: &numbers)).map { _ in
        pieces.randomElement(using: &numbers) ?? ""
      }.joined()
      guard let file = try? Dockerfile(text) else { continue }
      for instruction in file.stages.flatMap(\.instructions) {
        // A text that cannot be expanded is refused, not more.
        _ = try? instruction.action.expanded(ShellExpansion(escape: file.escape)) { $0 == "A" ? "v" : nil }
      }
    }
  }

  @Test func `what is read can be read again`() throws {
    var numbers = SeededNumbers(seed: 7)
    for _ in 0..<400 {
      let text =
        "FROM a\n"
        + (0..<Int.random(in: 1...8, using: &numbers)).map { _ in pieces.randomElement(using: &numbers) ?? ""
        }.joined()
      guard let file = try? Dockerfile(text) else { continue }
      for instruction in file.stages.flatMap(\.instructions) where !instruction.text.contains("<<") {
        #expect(
          (try? Dockerfile.instructions(instruction.text))?.count == 1 || file.escape != "\\",
          "\(instruction.text)")
      }
    }
  }

  @Test func `deep nesting and long lines are refused, not followed`() {
    let deep = String(repeating: "${a:-", count: 5000)
    #expect(throws: ShellExpansion.Failure.self) { try ShellExpansion().word(deep, { _ in nil }) }
    #expect(throws: DockerfileError.self) {
      try Dockerfile("FROM a\nRUN " + String(repeating: "x", count: 70000))
    }
    #expect((try? Dockerfile("FROM a\nCMD " + String(repeating: "[", count: 60000)))?.stages.count == 1)
    #expect(throws: DockerfileError.self) {
      try Dockerfile("FROM a\n" + String(repeating: "ONBUILD ", count: 5000) + "RUN x")
    }
  }
}

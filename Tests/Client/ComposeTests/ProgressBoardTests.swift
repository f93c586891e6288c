import ComposeModel
import Testing

@testable import Compose

/// The last thing that was told, without its sign and its time; `…` where the board draws on.
private func told(_ board: ProgressBoard) async -> String {
  let picture = await board.picture
  let line = picture.lines(columns: 80, rows: 24, at: .max).last?.text ?? ""
  let words = line.split(separator: " ").dropFirst().dropLast().joined(separator: " ")
  return picture.isMoving ? "\(words)…" : words
}

struct ProgressBoardTests {
  private struct Broken: Error {}

  private func board() -> ProgressBoard {
    let source = ProjectSource(environment: [:], currentDirectory: "/")
    var invocation = Invocation(
      source: source, connect: { throw Broken() }, authentication: { _ in "" }, call: { _ in 1 })
    invocation.progress = "quiet"
    invocation.ansi = "never"
    return ProgressBoard(invocation)
  }

  @Test func `what is done is told before and after`() async throws {
    let board = board()
    let value = try await board.during("web", "Starting", "Started") {
      #expect(await told(board) == "web Starting…")
      return 7
    }
    #expect(value == 7)
    #expect(await told(board) == "web Started")
  }

  @Test func `what fails is not under way any more`() async {
    let board = board()
    await #expect(throws: Broken.self) {
      try await board.during("web", "Stopping", "Stopped", failure: "Error while Stopping") { throw Broken() }
    }
    #expect(await told(board) == "web Error while Stopping")
  }

  @Test func `what is cut short has not failed, and is not under way any more`() async {
    let board = board()
    let task = Task {
      try await board.during("web", "Starting", "Started") {
        while !Task.isCancelled { await Task.yield() }
        throw CancellationError()
      }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(await told(board) == "web Interrupted")
  }
}

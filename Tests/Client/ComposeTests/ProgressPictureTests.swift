import DockerAPI
import TerminalUI
import Testing

@testable import Compose

struct ProgressPictureTests {
  private static let long = "Container proj-" + String(repeating: "long-", count: 30) + "1"

  private func picture(_ events: [ProgressEvent]) -> ProgressPicture {
    var picture = ProgressPicture(title: "Running", prefix: "", isColoured: false)
    for event in events { _ = picture.take(event, at: 0) }
    return picture
  }

  /// What becomes of an engine's message.
  private func layer(
    _ id: String, of parent: String, _ status: String, current: Int64? = nil, total: Int64? = nil
  ) throws -> ProgressEvent {
    var message = ProgressMessage()
    (message.id, message.status) = (id, status)
    var detail = ProgressDetail()
    (detail.current, detail.total) = (current, total)
    message.progressDetail = detail
    return try #require(ProgressEvent(message, of: parent))
  }

  @Test(arguments: [8, 20, 40, 80, 200])
  func `no line is wider than the terminal`(columns: Int) throws {
    let picture = picture([
      .init(Self.long, status: "Started", .done), .init("Network a", status: "Creating", .working),
      .init("web", text: "Error", status: String(repeating: "a long reason ", count: 20), .failed),
      .init("db", text: "Pulling", .working),
      try layer("be3a98153363", of: "db", "Downloading", current: 2_500_000, total: 5_000_000),
      .init("データベース", text: "Error", status: "ファイルが見つかりません", .failed),
    ])
    for line in picture.lines(columns: columns, rows: 24, at: 3_000_000_000) {
      #expect(Ellipsis.columns(of: line.text) < columns, "\(line.text)")
      #expect(Ellipsis.columns(of: line.text) == line.width)
    }
  }

  @Test func `a name that is too long leaves room for what became of it`() {
    let lines = picture([.init(Self.long, status: "Started", .done)]).lines(columns: 60, rows: 24, at: 0)
    #expect(lines[1].text.contains("…"))
    #expect(lines[1].text.contains(" Started "))
    #expect(lines[1].text.hasSuffix("0.0s"))
  }

  @Test func `times stand at the right edge`() {
    let lines = picture([
      .init("Container a-1", status: "Started", .done), .init("Container longer-1", status: "Created", .done),
    ]).lines(columns: 60, rows: 24, at: 0)
    #expect(
      lines.map(\.text) == [
        "[+] Running 2/2",
        " ✔ Container a-1       Started                         0.0s",
        " ✔ Container longer-1  Created                         0.0s",
      ])
  }

  @Test func `letters that are two columns wide leave the columns where they are`() {
    let lines = picture([
      .init("Container 日本-1", status: "Started", .done), .init("Container abcd-1", status: "作成", .done),
    ]).lines(columns: 60, rows: 24, at: 0)
    #expect(
      lines.dropFirst().map(\.text) == [
        " ✔ Container 日本-1  Started                           0.0s",
        " ✔ Container abcd-1  作成                              0.0s",
      ])
  }

  @Test func `layers stand below their service, and end with it`() throws {
    var events: [ProgressEvent] = [
      .init("web", text: "Pulling", .working),
      try layer("latest", of: "web", "Pulling from library/web"),
      try layer("be3a98153363", of: "web", "Downloading", current: 2_500_000, total: 5_000_000),
    ]
    let before = picture(events).lines(columns: 80, rows: 24, at: 0)
    #expect(before[0].text == "[+] Running 0/3")
    #expect(before[1].text.hasPrefix(" ⠋ web [⠀⣤] Pulling"))
    #expect(before[3].text.hasPrefix("   ⠋ be3a98153363 Downloading"))
    #expect(before[3].text.contains("2.5MB/5MB"))
    events.append(.init("web", text: "Pulled", .done))
    let after = picture(events).lines(columns: 80, rows: 24, at: 0)
    #expect(after[0].text == "[+] Running 3/3")
    #expect(after.dropFirst().allSatisfy { $0.text.contains("✔") })
  }

  @Test func `a layer that is there counts with all its bytes`() throws {
    let lines = picture([
      .init("web", text: "Pulling", .working),
      try layer("a", of: "web", "Downloading", current: 1_000_000, total: 4_000_000),
      try layer("a", of: "web", "Download complete"),
      try layer("b", of: "web", "Downloading", current: 1_000_000, total: 4_000_000),
    ]).lines(columns: 80, rows: 24, at: 0)
    #expect(lines[1].text.hasPrefix(" ⠋ web [⣿⣀] 5MB / 8MB Pulling"), "\(lines[1].text)")
  }

  @Test func `where there is no room for layers the services are told alone`() throws {
    let services = try (1...3).flatMap { number in
      try [ProgressEvent("s\(number)", text: "Pulling", .working)]
        + (1...4).map { try layer("layer\($0)", of: "s\(number)", "Waiting") }
    }
    #expect(picture(services).lines(columns: 80, rows: 10, at: 0).count == 4)
    #expect(picture(services).lines(columns: 80, rows: 24, at: 0).count == 16)
  }

  @Test func `what has failed does not move any more`() {
    #expect(picture([.init("a", text: "Pulling", .working)]).isMoving)
    #expect(!picture([.init("a", text: "Pulling", .working), .init("b", text: "Error", .failed)]).isMoving)
    #expect(!picture([.init("a", text: "Pulled", .done)]).isMoving)
  }
}

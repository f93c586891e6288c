import JSON
import TerminalUI
import TextFormats

/// What `images --tree` shows: each image with its names, and below it those for single platforms where the engine keeps
/// several.
struct ImageTree {
  private struct Details {
    var id: String
    var usage: Int64
    var content: Int64
    var isUsed: Bool
  }

  private struct Line {
    var names: [String]
    var details: Details
    var platforms: [(name: String, details: Details)]
    var created: Int64
  }

  private let lines: [Line]

  /// `images`: the answer of `GET /images/json?manifests=1`.
  init(_ images: JSONValue) {
    lines = (images.array ?? []).map(Self.line).sorted { $0.created > $1.created }
  }

  private static func line(_ image: JSONValue) -> Line {
    var details = Details(
      id: image["Id"]?.string ?? "", usage: image["Size"]?.integer ?? 0, content: 0,
      isUsed: (image["Containers"]?.integer ?? 0) > 0)
    var platforms: [(String, Details)] = []
    for manifest in image["Manifests"]?.array ?? [] {
      details.content += manifest["Size"]?["Content"]?.integer ?? 0
      guard manifest["Kind"]?.string == "image" else { continue }
      let own = Details(
        id: manifest["ID"]?.string ?? "", usage: manifest["Size"]?["Total"]?.integer ?? 0,
        content: manifest["Size"]?["Content"]?.integer ?? 0,
        isUsed: manifest["ImageData"]?["Containers"]?.array?.isEmpty == false)
      details.isUsed = details.isUsed || own.isUsed
      platforms.append((platform(manifest["ImageData"]?["Platform"]), own))
    }
    let names = (image["RepoTags"]?.array ?? []).compactMap(\.string).filter { $0 != "<none>:<none>" }
    return Line(
      names: names.isEmpty ? ["<untagged>"] : names.sorted(), details: details, platforms: platforms,
      created: image["Created"]?.integer ?? 0)
  }

  private static func platform(_ value: JSONValue?) -> String {
    let words = ["os", "architecture", "variant"].compactMap { value?[$0]?.string }
    return words.filter { !$0.isEmpty }.joined(separator: "/")
  }

  /// The table for a terminal of so many columns; what does not fit beside the names is left out.
  func text(width: Int, isPainted: Bool) -> String {
    let widest =
      lines.flatMap { $0.names + $0.platforms.map { "├─ \($0.name)" } }
      .map(Ellipsis.columns).max() ?? 0
    let columns = TreeColumns(width: width, names: max(widest, "IMAGE".count))
    let legend = "Info \(isPainted ? "→" : "->")  U In Use\n\n"
    var text = String(repeating: " ", count: max(0, width - legend.count + 1)) + legend
    text += columns.line("IMAGE", ["ID", "DISK USAGE", "CONTENT SIZE", "EXTRA"])
    let isSpaced = lines.contains { !$0.platforms.isEmpty }
    for line in lines {
      for name in line.names.dropLast() { text += paint(name, isPainted) + "\n" }
      let last = line.names.last ?? ""
      text += columns.line(last, Self.words(line.details), paint: { paint($0, isPainted) })
      for (place, child) in line.platforms.enumerated() {
        let branch = place == line.platforms.count - 1 ? "└─" : "├─"
        text += columns.line("\(branch) \(child.name)", Self.words(child.details))
      }
      if isSpaced { text += "\n" }
    }
    return text
  }

  private func paint(_ name: String, _ isPainted: Bool) -> String {
    isPainted ? Colour.blue.paint(name) : name
  }

  private static func words(_ details: Details) -> [String] {
    [
      shortened(details.id), ByteSize.decimal(Double(details.usage), digits: 3),
      ByteSize.decimal(Double(details.content), digits: 3), details.isUsed ? "U" : "",
    ]
  }
}

/// How wide the tree's columns are.
private struct TreeColumns {
  private static let standard: [(width: Int, isRight: Bool)] = [
    (12, false), (10, true), (12, true), (5, false),
  ]
  private static let spacing = 3
  private static let leastForNames = 12

  private let names: Int
  private let shown: [(width: Int, isRight: Bool)]

  init(width: Int, names widest: Int) {
    var left = width
    var shown: [(width: Int, isRight: Bool)] = []
    for column in Self.standard {
      guard left - column.width - Self.spacing >= Self.leastForNames else { break }
      left -= column.width + Self.spacing
      shown.append(column)
    }
    names = min(left, widest)
    self.shown = shown
  }

  /// A name and its details; where the name is too long they stand on the next line.
  func line(_ name: String, _ words: [String], paint: (String) -> String = { $0 }) -> String {
    var text = paint(name)
    let taken = Ellipsis.columns(of: name)
    text += taken > names ? "\n" + Self.blanks(names) : Self.blanks(names - taken)
    for (column, word) in zip(shown, words) {
      let fill = Self.blanks(max(0, column.width - Ellipsis.columns(of: word)))
      text += Self.blanks(Self.spacing) + (column.isRight ? fill + word : word + fill)
    }
    while text.last == " " { text.removeLast() }
    return text + "\n"
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
}

extension RuleSet {
  static func question(_ table: String, _ family: Family) -> String {
    "list table \(family.rawValue) \(table)\n"
  }

  /// The rule set that the kernel has, from the answer to `question`; nil where the table's chains are not those that
  /// we install, or a set of ours is missing.
  ///
  /// Why it is asked for: replacing a table is atomic for rules and not for packets. A connection whose first packet
  /// is under way in that microsecond may miss its translation, and keeps missing it. An engine that starts beside
  /// running containers must therefore leave alone what is right already.
  init?(table: String, _ family: Family, listing: String) {
    self.init(table: table, family)
    let lines = listing.split(separator: "\n").map { $0.drop(while: Self.isBlank) }.filter { !$0.isEmpty }
    guard let chains = lines.firstIndex(where: { $0.hasPrefix("chain ") }), lines.last == "}",
      lines[chains...].dropLast().map(String.init) == Self.chainLines(family)
    else { return nil }
    var sets = lines[..<chains].dropFirst()
    while let head = sets.popFirst() {
      let words = head.split(separator: " ")
      guard words.count == 3, let collection = Collection(rawValue: String(words[1])) else { return nil }
      let body = sets.prefix { $0 != "}" }
      sets = sets.dropFirst(body.count + 1)
      read(body.joined(separator: " "), into: collection)
    }
    guard Set(elements.keys) == Set(Collection.allCases) else { return nil }
  }

  private mutating func read(_ body: String, into collection: Collection) {
    add([:], to: collection)
    guard let start = body.firstRange(of: "elements = {"),
      let end = body[start.upperBound...].firstIndex(of: "}")
    else { return }
    for element in body[start.upperBound..<end].split(separator: ",") {
      let sides = element.split(separator: " : ", maxSplits: 1).map(Self.trimmed)
      guard let key = sides.first, !key.isEmpty else { continue }
      add([key: sides.count > 1 ? sides[1] : ""], to: collection)
    }
  }

  private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(text)
  }
}

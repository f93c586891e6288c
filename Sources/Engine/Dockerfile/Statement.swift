/// One instruction as words, before anyone asks what they mean.
struct Statement {
  /// As written.
  var keyword: String
  var flags: [String]
  /// For ENV and LABEL: key, value and `=` (or nothing) in turn.
  var arguments: [String]
  /// The arguments were a JSON array.
  var isJSON: Bool
  var heredocs: [Heredoc] = []
  /// The joined line.
  var original: String
  var lines: ClosedRange<Int>
  /// What ONBUILD holds.
  var trigger: [Statement] = []
  /// The text behind ` # ` that docker would have taken as arguments.
  var trailingComment: String?

  var name: String { keyword.lowercased() }

  /// Whether lines that follow may be the body of a heredoc.
  var takesHeredocs: Bool {
    if name == "onbuild" { return trigger.first?.takesHeredocs ?? false }
    return ["add", "copy", "run"].contains(name) && !isJSON
  }
}

import Dockerfile

/// RUN with heredocs, as one text for the shell.
enum HeredocCommand {
  /// `RUN <<EOF` runs its body; with words beside it, the shell gets the line and the bodies as they were written.
  static func text(_ line: String, _ heredocs: [Heredoc]) -> String {
    guard let first = heredocs.first else { return line }
    if heredocs.count == 1, isAlone(line) { return script(first.content) }
    return line + heredocs.map { "\n\($0.body)\($0.removesTabs ? "\t" : "")\($0.name)" }.joined() + "\n"
  }

  private static func isAlone(_ line: String) -> Bool {
    line.hasPrefix("<<")
      && !line.dropFirst(2).contains {
        $0.isWhitespace || $0 == "<" || $0 == ">" || $0 == "|" || $0 == "&" || $0 == ";"
      }
  }

  /// A body that names its interpreter is written to a file and run; the here-document of the shell carries it there.
  private static func script(_ body: String) -> String {
    guard body.hasPrefix("#!") else { return body }
    var mark = "SKIFF_SCRIPT"
    while body.contains(mark) { mark += "_" }
    let end = body.hasSuffix("\n") ? "" : "\n"
    return
      "f=$(mktemp /dev/shm/run.XXXXXX) && cat > \"$f\" <<'\(mark)'\n\(body)\(end)\(mark)\nchmod 700 \"$f\" && "
      + "{ \"$f\"; c=$?; rm -f \"$f\"; exit $c; }"
  }
}

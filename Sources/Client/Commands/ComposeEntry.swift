/// `skiff compose`, which reads its own command line.
enum ComposeEntry {
  static let entry = CommandEntry(
    "compose", "Define and run applications with several containers",
    foreign: { arguments, session in
      throw CommandFailure("compose is not part of this build")
    })
}

import Flags
import TerminalUI

enum VersionCommand {
  /// The version of docker compose whose behaviour, labels and hashes these commands follow.
  static let version = "2.40.3"

  static let entry = Subcommand(
    "version", "Show the Docker Compose version information", usage: "", words: .none,
    flags: [
      .string("format|f", "Format the output. Values: [pretty | json]. (Default: pretty)"),
      .bool("short", "Shows only Compose's version number"),
    ]
  ) { arguments, _ in
    tell(short: arguments.bool("short"), format: arguments.string("format"))
  }

  static func tell(short: Bool, format: String) -> Int32 {
    if short {
      StandardStream.output.line(version)
    } else if format == "json" {
      StandardStream.output.line("{\"version\":\"v\(version)\"}")
    } else {
      StandardStream.output.line("Docker Compose version v\(version)")
    }
    return 0
  }
}

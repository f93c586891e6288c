/// What the values of flags may be, by the flag's name.
enum FlagSuggestions {
  static func values(_ flag: String, _ path: [String], _ session: Session) async -> Suggestions {
    switch flag {
    case "network", "net": await LiveNames.networks(session)
    case "volumes-from", "link": await LiveNames.containers(session)
    case "context", "from": LiveNames.contexts(session)
    case "restart": .texts("no", "on-failure", "always", "unless-stopped")
    case "pull": .texts("always", "missing", "never")
    case "log-driver": .texts("json-file", "local", "none")
    case "log-level": .texts("debug", "info", "warn", "error", "fatal")
    case "format": .texts("json", "table")
    case "signal": .texts("SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2")
    case "stop-signal": .texts("SIGINT", "SIGQUIT", "SIGTERM")
    case "pid", "uts", "userns", "cgroupns": .texts("host")
    case "ipc": .texts("host", "none", "private", "shareable")
    case "platform": .texts("linux/amd64", "linux/arm64")
    case "driver": .texts(path.first == "network" ? "bridge" : "local")
    case "progress": .texts("auto", "plain", "tty")
    case "cap-add", "cap-drop", "label", "name", "hostname", "user", "publish", "memory", "cpus", "filter",
      "env":
      .nothing
    default: .files
    }
  }
}

import Flags

/// The command line of skiffd, after dockerd's.
enum CommandLine {
  static func syntax(defaults: DaemonSettings = DaemonSettings()) -> CommandSyntax {
    CommandSyntax(
      "skiffd", "[OPTIONS]", summary: "A self-sufficient engine for containers", words: .none,
      flags: [
        .string("config-file", "Daemon configuration file", default: "/etc/skiff/daemon.json"),
        .string("data-root", "Root directory of persistent state", default: defaults.dataRoot),
        .bool("debug|D", "Enable debug mode"),
        .list("default-address-pool", "Default address pools for networks, as base=172.30.0.0/16,size=24"),
        .list("dns", "DNS server to use"),
        .string("exec-root", "Root directory of run-time state", default: defaults.execRoot),
        .string("group|G", "Group that may use the socket"),
        .list("host|H", "Daemon socket(s) to listen on: unix://PATH or tcp://HOST:PORT"),
        .bool("host-trust", "Let build steps trust the host's certificates and use its proxy", default: true),
        .string("log-level|l", "Set the logging level: debug, info, warn, error, fatal", default: "info"),
        .int("mtu", "MTU of new networks"),
        .string("pidfile|p", "Path of the file that holds the daemon's process id"),
        .list("registry-mirror", "Registry to ask before docker.io for its images"),
        .bool("validate", "Check the configuration and end"),
        .bool("version|v", "Print version information and quit"),
      ])
  }
}

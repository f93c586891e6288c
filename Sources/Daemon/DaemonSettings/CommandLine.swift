import Flags

/// The command line of skiffd, after dockerd's.
enum CommandLine {
  static func syntax(certificates: String = "/root/.docker") -> CommandSyntax {
    let defaults = DaemonSettings()
    return CommandSyntax(
      "skiffd", "[OPTIONS]", summary: "A self-sufficient engine for containers", words: .none,
      flags: [
        .string("config-file", "Daemon configuration file", default: "/etc/skiff/daemon.json"),
        .string("data-root", "Root directory of persistent state", default: defaults.dataRoot),
        .bool("debug|D", "Enable debug mode"),
        .list("default-address-pool", "Default address pools for networks, as base=172.30.0.0/16,size=24"),
        .list("default-ulimit", "Default ulimits for containers, as nofile=1024:2048"),
        .list("dns", "DNS server to use"),
        .string("exec-root", "Root directory of run-time state", default: defaults.execRoot),
        .string(
          "fixed-cidr-v6", "IPv6 subnet of the default bridge network; one of the pools where it is empty"),
        .string("group|G", "Group that may use the socket"),
        .list("host|H", "Daemon socket(s) to listen on: unix://PATH, tcp://HOST:PORT or fd://"),
        .bool("host-trust", "Let build steps trust the host's certificates and use its proxy", default: true),
        .list("insecure-registry", "Registry, or network of registries, that need not speak TLS"),
        .bool("ipv6", "Give the default bridge network IPv6"),
        .list("label", "Label of the daemon, as key=value"),
        .bool(
          "live-restore", "Let containers live on when the daemon ends; false stops them first", default: true
        ),
        .string(
          "log-driver", "Default driver for containers' logs: json-file, local or none", default: "json-file"),
        .string("log-level|l", "Set the logging level: debug, info, warn, error, fatal", default: "info"),
        .list("log-opt", "Default log driver options for containers, as max-size=10m"),
        .int("max-concurrent-downloads", "Layers that arrive at once, 24 at the most; 0 for 24", default: 3),
        .int("max-concurrent-uploads", "Layers that are sent at once, 24 at the most; 0 for 24", default: 5),
        .int("max-download-attempts", "How often a layer whose connection breaks is begun", default: 5),
        .string("metrics-addr", "Address and port where Prometheus may ask, as 127.0.0.1:9323"),
        .int("mtu", "MTU of new networks"),
        .string("pidfile|p", "Path of the file that holds the daemon's process id"),
        .list("registry-mirror", "Registry to ask before docker.io for its images"),
        .int(
          "shutdown-timeout",
          "Seconds that containers are given at the end with --live-restore=false; negative for no limit",
          default: 15),
        .list(
          "socket",
          "Socket that opens less than everything: path=PATH,role=viewer|operator|admin[,label=KEY=VALUE][,group=NAME]"
        ),
        .bool("tls", "Use TLS; implied by --tlsverify"),
        .string("tlscacert", "Trust certs signed only by this CA", default: "\(certificates)/ca.pem"),
        .string("tlscert", "Path to TLS certificate file", default: "\(certificates)/cert.pem"),
        .string("tlskey", "Path to TLS key file", default: "\(certificates)/key.pem"),
        .bool("tlsverify", "Use TLS and verify the remote"),
        .bool("validate", "Check the configuration and end"),
        .bool("version|v", "Print version information and quit"),
      ])
  }
}

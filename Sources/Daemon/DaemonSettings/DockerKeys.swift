import JSON

/// Keys of dockerd's file for which there is no setting here: accepted where they say what is done anyway, otherwise
/// refused with the reason.
enum DockerKeys {
  struct Rule: Sendable {
    let accepts: @Sendable (JSONReader) -> Bool
    let why: String
  }

  static let rules: [String: Rule] = usual.merging(
    unsupported.mapValues { why in
      Rule(accepts: { _ in false }, why: why)
    }
  ) { first, _ in first }

  private static let usual: [String: Rule] = [
    "storage-driver": one(of: ["overlay2", "overlay"], "layers are always stacked by overlayfs (overlay2)"),
    "iptables": flag(true, "containers' networks need the packet filter"),
    "ip6tables": flag(true, "containers' networks need the packet filter"),
    "ip-forward": flag(true, "containers' networks need the host to forward packets"),
    "ip-masq": flag(true, "what leaves a bridge network always gets the host's address"),
    "icc": flag(true, "containers of one network always reach each other; use several networks"),
    // There is none, whatever is said.
    "userland-proxy": Rule(accepts: isBool, why: "it is neither true nor false"),
    "exec-opts": Rule(
      accepts: { strings($0)?.allSatisfy { $0 == "native.cgroupdriver=cgroupfs" } == true },
      why: "only native.cgroupdriver=cgroupfs: the engine makes its cgroups itself"),
    "experimental": flag(false, "there are no experimental features"),
    "features": Rule(
      accepts: acceptsFeatures, why: "only buildkit, which is always there, and containerd-snapshotter: false"
    ),
    "builder": Rule(
      accepts: acceptsBuilder,
      why: "the build cache is not tidied by itself (gc.enabled: false): use `builder prune`"),
    "selinux-enabled": flag(false, "there is no support for SELinux"),
    "raw-logs": Rule(accepts: isBool, why: "it is neither true nor false"),
    "log-format": one(of: ["text"], "the log is text"),
    "default-runtime": one(
      of: ["runc", "io.containerd.runc.v2", "skiff-runtime"], "name the runtime with `run --runtime`"),
    "default-cgroupns-mode": one(of: ["private"], "containers have a cgroup namespace of their own"),
    "default-ipc-mode": one(of: ["private"], "containers have an IPC namespace of their own"),
    "no-new-privileges": flag(false, "give containers `--security-opt no-new-privileges`"),
    "init": flag(false, "give containers `--init`"),
  ]

  private static let unsupported = [
    "bip": "the default bridge takes the first network of default-address-pools",
    "fixed-cidr": "give containers addresses in a network of your own (`network create --ip-range`)",
    "bridge": "the default bridge is the engine's own",
    "default-gateway": "the default bridge is the engine's own: make a network with --gateway",
    "ip": "name the address with the port (`--publish ADDRESS:PORT:PORT`)",
    "dns-search": "give containers `--dns-search`", "dns-opts": "give containers `--dns-option`",
    "default-shm-size": "give containers `--shm-size`",
    "seccomp-profile": "give containers `--security-opt seccomp=FILE`",
    "cgroup-parent": "give containers `--cgroup-parent`",
    "runtimes": "name the program with `run --runtime PATH`",
    "userns-remap": "users of containers are not mapped",
    "authorization-plugins": "there are no plugins: see `sockets`",
    "storage-opts": "overlayfs is used without options",
    "proxies": "set HTTP_PROXY and its like in the engine's environment",
    "http-proxy": "set HTTP_PROXY in the engine's environment",
    "https-proxy": "set HTTPS_PROXY in the engine's environment",
    "no-proxy": "set NO_PROXY in the engine's environment", "containerd": "there is no containerd",
    "init-path": "the program of `--init` is the engine's own",
    "swarm-default-advertise-addr": "there is no swarm mode",
  ]

  private static func flag(_ wanted: Bool, _ why: String) -> Rule {
    // What is no truth value is not the wanted one.
    Rule(accepts: { (try? $0.bool()) == wanted }, why: "only \(wanted): \(why)")
  }

  private static func one(of words: [String], _ why: String) -> Rule {
    // What is no text is none of them.
    Rule(
      accepts: { (try? $0.string()).map(words.contains) == true },
      why: "only \(words.joined(separator: ", ")): \(why)")
  }

  private static let isBool: @Sendable (JSONReader) -> Bool = { value in
    // Whatever else it is is refused.
    (try? value.bool()) != nil
  }

  private static func strings(_ value: JSONReader) -> [String]? {
    // What is no list of strings is none.
    try? value.elements().map { (item) throws(JSONError) in try item.string() }
  }

  private static let acceptsFeatures: @Sendable (JSONReader) -> Bool = { value in
    // What is no object of truth values is refused.
    guard let members = try? value.members() else { return false }
    return members.allSatisfy { key, value in
      guard let on = try? value.bool() else { return false }
      return key == "buildkit" || key == "containerd-snapshotter" && !on
    }
  }

  private static let acceptsBuilder: @Sendable (JSONReader) -> Bool = { value in
    // What is no such object is refused.
    guard let members = try? value.members() else { return false }
    return members.allSatisfy { key, value in
      guard key == "gc", let wishes = try? value.members() else { return false }
      return wishes.contains { $0.key == "enabled" && (try? $0.value.bool()) == false }
    }
  }
}

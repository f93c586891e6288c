/// One thing that can be set, and how flag and file call it.
struct Directive: Sendable {
  /// `objects`: a flag that is given once for each, `a=1,b=2`, and a list of objects in the file.
  /// `pairs`: a flag `key=value` for each, an object of texts in the file.
  /// `limits`: a flag `name=soft:hard` for each, an object of objects with Name, Soft and Hard in the file.
  enum Kind: Sendable { case text, toggle, number, list, objects, pairs, limits }

  let flag: String
  let key: String
  let kind: Kind
  /// A running engine takes it over at SIGHUP.
  let isReloadable: Bool

  init(_ flag: String, key: String? = nil, _ kind: Kind, reloads: Bool = false) {
    self.flag = flag
    self.key = key ?? flag
    self.kind = kind
    isReloadable = reloads
  }

  var takesSeveral: Bool { [.list, .objects, .pairs, .limits].contains(kind) }

  static let all = [
    Directive("data-root", .text), Directive("exec-root", .text), Directive("host", key: "hosts", .list),
    Directive("pidfile", .text), Directive("group", .text), Directive("debug", .toggle, reloads: true),
    Directive("log-level", .text), Directive("log-driver", .text),
    Directive("log-opt", key: "log-opts", .pairs), Directive("dns", .list), Directive("mtu", .number),
    Directive("registry-mirror", key: "registry-mirrors", .list, reloads: true),
    Directive("insecure-registry", key: "insecure-registries", .list, reloads: true),
    Directive("default-address-pool", key: "default-address-pools", .objects),
    Directive("ipv6", .toggle), Directive("fixed-cidr-v6", .text),
    Directive("default-ulimit", key: "default-ulimits", .limits),
    Directive("host-trust", .toggle), Directive("label", key: "labels", .list, reloads: true),
    Directive("live-restore", .toggle, reloads: true),
    Directive("max-concurrent-downloads", .number, reloads: true),
    Directive("max-concurrent-uploads", .number, reloads: true),
    Directive("max-download-attempts", .number, reloads: true),
    Directive("shutdown-timeout", .number, reloads: true), Directive("metrics-addr", .text),
    Directive("socket", key: "sockets", .objects), Directive("tls", .toggle), Directive("tlsverify", .toggle),
    Directive("tlscacert", .text), Directive("tlscert", .text), Directive("tlskey", .text),
  ]
}

/// One thing that can be set, and how flag and file call it.
struct Directive: Sendable {
  enum Kind: Sendable { case text, toggle, number, list, pools }

  let flag: String
  let key: String
  let kind: Kind

  init(_ flag: String, key: String? = nil, _ kind: Kind) {
    self.flag = flag
    self.key = key ?? flag
    self.kind = kind
  }

  static let all = [
    Directive("data-root", .text), Directive("exec-root", .text), Directive("host", key: "hosts", .list),
    Directive("pidfile", .text), Directive("group", .text), Directive("debug", .toggle),
    Directive("log-level", .text),
    Directive("dns", .list), Directive("mtu", .number),
    Directive("registry-mirror", key: "registry-mirrors", .list),
    Directive("default-address-pool", key: "default-address-pools", .pools), Directive("host-trust", .toggle),
  ]
}

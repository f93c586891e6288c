extension RuleSet {
  /// The chains of a family's table.
  ///
  /// Why in this order. `guard`: 127.0.0.1 becomes routable over our bridges (route_localnet), so nobody there may
  /// send to it; replies still carry the bridge's address here. `::1` never does, and what is sent to it or to an address
  /// that means something on one link alone cannot be led elsewhere: the shim takes it. `postrouting`: a container that
  /// reaches its own network by a published port must answer by way of us, other traffic inside a network keeps its
  /// source. `forward`: what a published port let in is accepted before networks are kept apart, but never into or out
  /// of an internal one; last, nobody from outside reaches a container's own address.
  static func chains(_ family: Family) -> String {
    switch family {
    case .ipv4:
      """
          chain guard {
            type filter hook prerouting priority raw; policy accept;
            iifname @bridges ip daddr 127.0.0.0/8 drop
          }
      \(publishing("ip", incoming: "", outgoing: ""))
            ip saddr 127.0.0.0/8 oifname @bridges ct status dnat masquerade
      \(leaving("ip"))
      """
    case .ipv6:
      """
      \(publishing(
        "ip6", incoming: "\n        ip6 daddr fe80::/10 return",
        outgoing: "\n        ip6 daddr { ::1, fe80::/10 } return"))
      \(leaving("ip6"))
      """
    }
  }

  private static func publishing(_ ip: String, incoming: String, outgoing: String) -> String {
    """
        chain publish {
          dnat \(ip) to \(ip) daddr . meta l4proto . th dport map @published_at
          dnat \(ip) to meta l4proto . th dport map @published
        }
        chain prerouting {
          type nat hook prerouting priority dstnat; policy accept;\(incoming)
          fib daddr type local jump publish
        }
        chain output {
          type nat hook output priority -100; policy accept;\(outgoing)
          fib daddr type local jump publish
        }
        chain postrouting {
          type nat hook postrouting priority srcnat; policy accept;
          \(ip) saddr . oifname @subnets ct status dnat masquerade
          \(ip) saddr . oifname @subnets return
    """
  }

  private static func leaving(_ ip: String) -> String {
    """
          \(ip) saddr @masqueraded oifname != @bridges masquerade
        }
        chain forward {
          type filter hook forward priority filter; policy accept;
          iifname != @bridges oifname != @bridges return
          iifname . oifname @within accept
          iifname @internal drop
          oifname @internal drop
          ct state established,related accept
          ct status dnat accept
          oifname @bridges drop
        }
    """
  }
}

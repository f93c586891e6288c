import DockerAPI

/// The endpoints that lead a sandbox' traffic out and its published ports in, which may differ by family.
struct Ways: Equatable {
  struct Way: Equatable {
    var networkID: String
    var link: EndpointLink
  }

  var ipv4: Way?
  var ipv6: Way?

  /// The one whose network's options hold for published ports.
  var main: Way? { ipv4 ?? ipv6 }
}

/// Where a sandbox' traffic goes, and where its published ports lead: each may change while the other stays.
struct Courses {
  var out: Ways
  var toPorts: Ways
}

extension Networks {
  func courses(of sandbox: SandboxRecord) -> Courses {
    Courses(out: ways(of: sandbox), toPorts: ways(of: sandbox, forPorts: true))
  }

  /// Of the endpoints in networks with a way out the ones with the highest priority, then those whose networks' names
  /// come first.
  /// - Parameter forPorts: Only those where the host can publish ports: it cannot reach the links that share its own.
  func ways(of sandbox: SandboxRecord, forPorts: Bool = false) -> Ways {
    let all = sandbox.endpoints.compactMap { endpoint -> (name: String, priority: Int, way: Ways.Way)? in
      guard let network = networks[endpoint.networkID], !network.isInternal, let link = endpoint.link,
        !(forPorts && link.isMacvlan)
      else { return nil }
      return (network.name, endpoint.wish.gwPriority ?? 0, Ways.Way(networkID: network.id, link: link))
    }
    let best = all.sorted { ($1.priority, $0.name) < ($0.priority, $1.name) }.map(\.way)
    return Ways(
      ipv4: best.first { $0.link.address != nil }, ipv6: best.first { $0.link.address6 != nil })
  }
}

/// Where a sandbox' traffic to everywhere goes; nil is nowhere.
struct DefaultRoutes: Equatable, Sendable {
  struct Route: Equatable, Sendable {
    /// 4 or 16 bytes.
    var gateway: [UInt8]
    /// The link's name inside.
    var link: String
  }

  var ipv4: Route?
  var ipv6: Route?

  init() {}

  init(_ ways: Ways, _ networks: [String: NetworkRecord]) {
    ipv4 = ways.ipv4.flatMap { way in
      networks[way.networkID]?.addressing.map { Route(gateway: $0.gateway.bytes, link: way.link.guestName) }
    }
    ipv6 = ways.ipv6.flatMap { way in
      networks[way.networkID]?.addressing6.map { Route(gateway: $0.gateway.bytes, link: way.link.guestName) }
    }
  }
}

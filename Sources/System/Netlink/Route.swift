import Linux

/// A unicast route of the main table.
public struct Route: Sendable, Equatable {
  /// 4 or 16 bytes; all zero for the default route.
  public var destination: [UInt8]
  public var prefixLength: UInt8
  public var gateway: [UInt8]?
  public var link: Int32?
  /// The kernel made it, because a link has an address there.
  public var isConnected: Bool

  static let destination: UInt16 = 1
  static let outputLink: UInt16 = 4
  static let gateway: UInt16 = 5
  static let table: UInt16 = 15
  static let mainTable: UInt8 = 254
  static let unicast: UInt8 = 1

  init?(_ message: Message) {
    let body = message.body
    guard message.type == NetlinkRequest.newRoute, let family = body.load(UInt8.self, at: 0),
      let prefix = body.load(UInt8.self, at: 1), let table = body.load(UInt8.self, at: 4),
      let origin = body.load(UInt8.self, at: 5), let type = body.load(UInt8.self, at: 7),
      table == Self.mainTable, type == Self.unicast
    else { return nil }
    let attributes = AttributeReader(body.dropFirst(12))
    let zero = [UInt8](repeating: 0, count: family == AddressFamily.ipv6 ? 16 : 4)
    destination = attributes.bytes(Self.destination) ?? zero
    prefixLength = prefix
    gateway = attributes.bytes(Self.gateway)
    link = attributes.number(Self.outputLink)
    let byKernel: UInt8 = 2
    isConnected = origin == byKernel
  }
}

extension NetlinkRequest {
  /// The default route by way of `gateway`, which must be reachable over the link; replaces the one that is there.
  public static func setDefaultRoute(gateway: [UInt8], link: Int32) -> NetlinkRequest {
    NetlinkRequest(newRoute, Flag.create | Flag.replace, "set default route over link \(link)") { body in
      body.defaultRouteHeader(family: AddressFamily.of(gateway), origin: 3)
      body.attribute(Route.gateway, gateway)
      body.attribute(Route.outputLink, link)
    }
  }

  public static func deleteDefaultRoute(ipv6: Bool = false) -> NetlinkRequest {
    NetlinkRequest(deleteRoute, 0, "delete default route") {
      $0.defaultRouteHeader(family: ipv6 ? AddressFamily.ipv6 : AddressFamily.ipv4, origin: 0)
    }
  }
}

extension NetlinkSession {
  /// Every IPv4 or IPv6 route of the main table.
  public func routes(ipv6: Bool = false) throws(NetlinkError) -> [Route] {
    let request = NetlinkRequest(NetlinkRequest.getRoute, NetlinkRequest.Flag.dump, "list routes") { body in
      body.raw([ipv6 ? AddressFamily.ipv6 : AddressFamily.ipv4, 0, 0, 0, 0, 0, 0, 0])
      body.number(UInt32(0))
    }
    return try dump(request).compactMap(Route.init)
  }
}

extension AttributeWriter {
  /// `struct rtmsg` of the main table, to everywhere.
  fileprivate mutating func defaultRouteHeader(family: UInt8, origin: UInt8) {
    raw([family, 0, 0, 0, Route.mainTable, origin, 0, Route.unicast])
    number(UInt32(0))
  }
}

extension Errno {
  /// There is no link of that name or number.
  public var isMissingDevice: Bool { rawValue == 19 }
}

/// Requests about links (rtnetlink(7), `RTM_NEWLINK` and its kin).
extension NetlinkRequest {
  /// The other end of a veth pair, born in another namespace.
  public struct Peer: Sendable, Equatable {
    public var name: String
    /// A descriptor of the network namespace; it must stay open until the request has run.
    public var namespace: Int32
    /// 6 bytes.
    public var macAddress: [UInt8]

    public init(name: String, namespace: Int32, macAddress: [UInt8]) {
      self.name = name
      self.namespace = namespace
      self.macAddress = macAddress
    }
  }

  /// A bridge, up from the start. Its address is fixed, so that it does not change with its first ports.
  public static func addBridge(_ name: String, mtu: UInt32, macAddress: [UInt8]) -> NetlinkRequest {
    NetlinkRequest(newLink, Flag.create | Flag.exclusive, "add link \(name)") { body in
      body.linkHeader(up: true)
      body.attribute(Link.name, text: name)
      body.attribute(Link.mtu, mtu)
      body.attribute(Link.address, macAddress)
      body.nest(Link.info) { $0.attribute(Link.infoKind, Array("bridge".utf8)) }
    }
  }

  /// A veth pair, this end up and a port of the link `master`. The peer stays down: the kernel refuses to raise it
  /// before the two know each other.
  public static func addVeth(_ name: String, mtu: UInt32, master: Int32, peer: Peer) -> NetlinkRequest {
    NetlinkRequest(newLink, Flag.create | Flag.exclusive, "add link \(name)") { body in
      body.linkHeader(up: true)
      body.attribute(Link.name, text: name)
      body.attribute(Link.mtu, mtu)
      body.attribute(Link.master, master)
      body.nest(Link.info) { info in
        info.attribute(Link.infoKind, Array("veth".utf8))
        info.nest(Link.infoData) { data in
          data.nest(Link.vethPeer) { end in
            end.linkHeader()
            end.attribute(Link.name, text: peer.name)
            end.attribute(Link.mtu, mtu)
            end.attribute(Link.address, peer.macAddress)
            end.attribute(Link.namespaceDescriptor, peer.namespace)
          }
        }
      }
    }
  }

  /// How the links of one parent see each other (linux/if_link.h).
  public enum MacvlanMode: UInt32, Sendable { case `private` = 1, vepa = 2, bridge = 4, passthru = 8 }

  /// A link with an address of its own on the wire of the link `parent`, born in another namespace, and down.
  public static func addMacvlan(
    _ peer: Peer, parent: Int32, mtu: UInt32, mode: MacvlanMode
  ) -> NetlinkRequest {
    NetlinkRequest(newLink, Flag.create | Flag.exclusive, "add link \(peer.name)") { body in
      body.linkHeader()
      body.attribute(Link.name, text: peer.name)
      body.attribute(Link.mtu, mtu)
      body.attribute(Link.address, peer.macAddress)
      body.attribute(Link.parent, parent)
      body.attribute(Link.namespaceDescriptor, peer.namespace)
      body.nest(Link.info) { info in
        info.attribute(Link.infoKind, Array("macvlan".utf8))
        info.nest(Link.infoData) { $0.attribute(Link.macvlanMode, mode.rawValue) }
      }
    }
  }

  /// Lets frames leave by the port they came from: a container that reaches itself by its published port.
  public static func setHairpin(_ name: String) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "set hairpin of \(name)") { body in
      body.linkHeader()
      body.attribute(Link.name, text: name)
      body.nest(Link.info) { info in
        info.attribute(Link.infoSlaveKind, Array("bridge".utf8))
        info.nest(Link.infoSlaveData) { $0.attribute(Link.bridgePortMode, UInt8(1)) }
      }
    }
  }

  public static func setUp(_ index: Int32) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "set link \(index) up") { $0.linkHeader(index: index, up: true) }
  }

  public static func setMTU(_ index: Int32, _ mtu: UInt32) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "set mtu of link \(index)") { body in
      body.linkHeader(index: index)
      body.attribute(Link.mtu, mtu)
    }
  }

  public static func setMACAddress(_ index: Int32, _ address: [UInt8]) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "set address of link \(index)") { body in
      body.linkHeader(index: index)
      body.attribute(Link.address, address)
    }
  }

  /// Makes the link a port of `master`; 0 takes it out.
  public static func setMaster(_ index: Int32, _ master: Int32) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "set master of link \(index)") { body in
      body.linkHeader(index: index)
      body.attribute(Link.master, master)
    }
  }

  /// Renames a link, which most kernels allow only while it is down.
  public static func rename(_ index: Int32, to name: String) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "rename link \(index) to \(name)") { body in
      body.linkHeader(index: index)
      body.attribute(Link.name, text: name)
    }
  }

  /// Moves a link to the network namespace of an open file, under another name.
  public static func move(_ index: Int32, to namespace: Int32, as name: String) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "move link \(index) to another namespace as \(name)") { body in
      body.linkHeader(index: index)
      body.attribute(Link.name, text: name)
      body.attribute(Link.namespaceDescriptor, UInt32(bitPattern: namespace))
    }
  }

  /// Marks a link, so that `delete(group:)` finds it.
  public static func setGroup(_ name: String, _ group: UInt32) -> NetlinkRequest {
    NetlinkRequest(newLink, 0, "set group of link \(name)") { body in
      body.linkHeader()
      body.attribute(Link.name, text: name)
      body.attribute(Link.group, group)
    }
  }

  /// Deletes all links of a group at once: the kernel waits 10 to 20 ms for every deletion, and every other change
  /// of links waits for it, but many together wait only once.
  public static func delete(group: UInt32) -> NetlinkRequest {
    NetlinkRequest(deleteLink, 0, "delete links of group \(group)") { body in
      body.linkHeader()
      body.attribute(Link.group, group)
    }
  }

  /// Deletes the link, and with a veth its peer.
  public static func delete(link name: String) -> NetlinkRequest {
    NetlinkRequest(deleteLink, 0, "delete link \(name)") { body in
      body.linkHeader()
      body.attribute(Link.name, text: name)
    }
  }
}

extension AttributeWriter {
  /// `struct ifinfomsg`; `up` both sets the flag and says that it is meant.
  mutating func linkHeader(index: Int32 = 0, up: Bool = false) {
    number(UInt32(0))
    number(index)
    number(UInt32(up ? Link.upFlag : 0))
    number(UInt32(up ? Link.upFlag : 0))
  }
}

import Linux
import Testing

@testable import Netlink

struct KernelAnswerTests {
  /// A message with a header in front, padded to four bytes.
  private func message(_ type: UInt16, flags: UInt16 = 0, _ body: (inout AttributeWriter) -> Void) -> [UInt8]
  {
    var inner = AttributeWriter()
    body(&inner)
    var whole = AttributeWriter()
    whole.number(UInt32(16 + inner.bytes.count))
    whole.number(type)
    whole.number(flags)
    whole.number(UInt32(9))
    whole.number(UInt32(0))
    whole.raw(inner.bytes)
    return whole.bytes
  }

  @Test func `an acknowledgement is no error, a refusal has the kernel's words`() throws {
    let fine = try #require(
      Message.parse(
        message(2) {
          $0.number(Int32(0)); $0.raw([UInt8](repeating: 0, count: 16))
        }
      ).first)
    #expect(fine.error("add link x") == nil && fine.sequence == 9)
    let refusal = message(2, flags: 0x200) { body in
      body.number(Int32(-17))
      body.raw([UInt8](repeating: 0, count: 16))
      body.attribute(1, text: "Interface exists")
    }
    let error = try #require(Message.parse(refusal).first?.error("add link x"))
    #expect(error.errno == .fileExists && error.description == "add link x: File exists (Interface exists)")
  }

  @Test func `a link is read with its kind and its bridge`() throws {
    let bytes = message(16) { body in
      body.linkHeader(index: 5, up: true)
      body.attribute(Link.name, text: "veth1")
      body.attribute(Link.mtu, UInt32(1400))
      body.attribute(Link.master, Int32(3))
      body.nest(Link.info) { $0.attribute(Link.infoKind, text: "veth") }
    }
    let link = try #require(Message.parse(bytes + bytes).last.flatMap(Link.init))
    #expect(link.index == 5 && link.name == "veth1" && link.kind == "veth" && link.master == 3)
    #expect(link.mtu == 1400 && link.isUp)
  }

  @Test func `a route without a destination is the default route`() throws {
    let bytes = message(24) { body in
      body.raw([2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0])
      body.attribute(Route.gateway, [10, 0, 0, 1])
      body.attribute(Route.outputLink, Int32(2))
    }
    let route = try #require(Message.parse(bytes).first.flatMap(Route.init))
    #expect(route.prefixLength == 0 && route.destination == [0, 0, 0, 0] && route.gateway == [10, 0, 0, 1])
    #expect(route.link == 2 && !route.isConnected)
  }

  @Test func `what is cut short is left out, at whatever byte`() {
    let whole = message(16) { body in
      body.linkHeader(index: 5)
      body.attribute(Link.name, text: "veth1")
    }
    for count in 0..<whole.count {
      #expect(Message.parse(Array(whole[..<count])).isEmpty)
      _ = AttributeReader(whole[..<count]).text(Link.name)
    }
    #expect(AttributeReader([3, 0, 1, 0, 9, 9, 9, 9]).bytes(1) == nil)
    #expect(AttributeReader([200, 0, 1, 0, 9, 9, 9, 9]).bytes(1) == nil)
  }
}

/// Builds the body of a netlink message: fixed headers and attributes in host byte order, each padded to four bytes
/// (netlink(7), "NLA" in the kernel's Documentation/userspace-api/netlink/intro.rst).
struct AttributeWriter {
  private(set) var bytes: [UInt8] = []

  static let nestedFlag: UInt16 = 0x8000

  mutating func number<Number: FixedWidthInteger>(_ value: Number) {
    withUnsafeBytes(of: value) { bytes += $0 }
  }

  mutating func raw(_ more: [UInt8]) { bytes += more }

  mutating func attribute(_ type: UInt16, _ payload: [UInt8]) {
    number(UInt16(4 + payload.count))
    number(type)
    bytes += payload
    pad()
  }

  mutating func attribute<Number: FixedWidthInteger>(_ type: UInt16, _ value: Number) {
    attribute(type, withUnsafeBytes(of: value) { Array($0) })
  }

  /// The text with its terminating zero, as link names are sent.
  mutating func attribute(_ type: UInt16, text: String) { attribute(type, Array(text.utf8) + [0]) }

  mutating func nest(_ type: UInt16, _ body: (inout AttributeWriter) -> Void) {
    var inner = AttributeWriter()
    body(&inner)
    attribute(type | Self.nestedFlag, inner.bytes)
  }

  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }
}

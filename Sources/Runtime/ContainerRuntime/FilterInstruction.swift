/// An instruction of a seccomp filter: `struct sock_filter` of <linux/filter.h>, as seccomp(2) allows it.
struct FilterInstruction: Hashable {
  var code: UInt16
  /// How many instructions a comparison passes over where it holds.
  var yes: UInt8 = 0
  /// Where it does not.
  var no: UInt8 = 0
  var value: UInt32

  /// The codes that libseccomp writes.
  static let load: UInt16 = 0x20
  static let and: UInt16 = 0x54
  static let jump: UInt16 = 0x05
  static let ifEqual: UInt16 = 0x15
  static let ifGreater: UInt16 = 0x25
  static let ifAtLeast: UInt16 = 0x35
  static let ifAnyBit: UInt16 = 0x45
  static let answer: UInt16 = 0x06

  /// Where `struct seccomp_data` has the call's number and the architecture; all else are arguments.
  static let numberOffset: UInt32 = 0
  static let architectureOffset: UInt32 = 4

  static func answer(_ action: UInt32) -> Self { Self(code: answer, value: action) }

  static func skip(_ count: Int) -> Self { Self(code: jump, value: UInt32(count)) }

  var isComparison: Bool { [Self.ifEqual, Self.ifGreater, Self.ifAtLeast, Self.ifAnyBit].contains(code) }

  func holds(_ number: UInt32) -> Bool {
    switch code {
    case Self.ifEqual: number == value
    case Self.ifGreater: number > value
    case Self.ifAtLeast: number >= value
    default: number & value != 0
    }
  }

  /// A program as the kernel takes it, eight bytes for each.
  static func bytes(_ program: [Self]) -> [UInt8] {
    program.flatMap { one in
      [UInt8(truncatingIfNeeded: one.code), UInt8(truncatingIfNeeded: one.code >> 8), one.yes, one.no]
        + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: one.value >> $0) }
    }
  }

  /// What follows the last whole instruction is passed over.
  static func program(_ bytes: [UInt8]) -> [Self] {
    func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    return stride(from: 0, through: bytes.count - 8, by: 8).map { place in
      Self(
        code: UInt16(number(bytes[place..<place + 2])), yes: bytes[place + 2], no: bytes[place + 3],
        value: number(bytes[place + 4..<place + 8]))
    }
  }
}

/// A version of the Engine API, `1.51`.
public struct APIVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let major: Int
  public let minor: Int

  public init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Nil for anything but digits, a dot, digits.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = Self.number(parts[0].utf8), let minor = Self.number(parts[1].utf8)
    else {
      return nil
    }
    self.init(major, minor)
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    guard (1...4).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// The oldest that the engine speaks.
  public static let oldest = APIVersion(1, 24)
  /// The newest that client and engine speak; a path without a version means this one.
  public static let newest = APIVersion(1, 51)

  public static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  public var description: String { "\(major).\(minor)" }
}

/// A version of the Engine API, `1.47`.
public struct APIVersion: Comparable, Sendable, CustomStringConvertible {
  public let major: Int
  public let minor: Int

  public init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Nil for anything but digits, a dot, digits.
  init?(_ text: Substring) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = Self.number(parts[0]), let minor = Self.number(parts[1]) else {
      return nil
    }
    self.init(major, minor)
  }

  private static func number(_ digits: Substring) -> Int? {
    guard (1...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
      return nil
    }
    return Int(digits)
  }

  /// What clients are told to speak; answers are those of this version where nothing else is said.
  public static let current = APIVersion(1, 47)
  public static let oldest = APIVersion(1, 24)
  /// Later ones add only what may be left out, so a client that does not negotiate is served too.
  static let newest = APIVersion(1, 51)

  public static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  public var description: String { "\(major).\(minor)" }
}

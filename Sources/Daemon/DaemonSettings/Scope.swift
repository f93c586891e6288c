/// What the clients of one socket may do, and to which objects.
public struct Scope: Sendable, Equatable {
  public enum Role: Int, Comparable, Sendable, CaseIterable {
    /// Looks, and changes nothing.
    case viewer
    /// Runs containers that cannot reach the host.
    case `operator`
    /// May do everything.
    case admin

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    public var name: String { "\(self)" }

    init?(name: String) {
      guard let role = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = role
    }
  }

  public struct Label: Sendable, Equatable {
    public let key: String
    public let value: String

    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }

    public var text: String { "\(key)=\(value)" }
  }

  public let role: Role
  /// Only objects that carry it are there; nil for all.
  public let label: Label?

  public init(role: Role, label: Label? = nil) {
    self.role = role
    self.label = label
  }

  /// Whether an object of these labels is there.
  public func owns(_ labels: [String: String]?) -> Bool {
    label.map { labels?[$0.key] == $0.value } ?? true
  }

  /// Whether an image may be seen and run: one's own, and those that nobody has taken for his own.
  public func sees(image labels: [String: String]?) -> Bool {
    guard let label, let value = labels?[label.key] else { return true }
    return value == label.value
  }

  /// Makes what is created one's own, whatever the client said.
  public func stamp(_ labels: inout [String: String]?) {
    if let label { labels = (labels ?? [:]).merging([label.key: label.value]) { _, own in own } }
  }
}

extension Scope: CustomStringConvertible {
  public var description: String { "role \(role.name)" + (label.map { ", label \($0.text)" } ?? "") }
}

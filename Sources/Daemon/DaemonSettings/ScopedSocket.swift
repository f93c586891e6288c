/// A Unix socket whose clients have a role, and may be confined to the objects of one label.
public struct ScopedSocket: Sendable, Equatable {
  public var path: String
  public var scope: Scope
  /// The group that owns the socket; empty for root's.
  public var group: String

  public init(path: String, scope: Scope, group: String = "") {
    self.path = path
    self.scope = scope
    self.group = group
  }

  /// `path=/run/x.sock,role=viewer,label=team=a,group=b`; path and role must be there.
  init(_ text: String) throws(SettingsError) {
    var fields: [String: String] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2, ["path", "role", "label", "group"].contains(pair[0]) else {
        throw Self.wrong(text, "\"\(part)\" is none of path=…, role=…, label=KEY=VALUE, group=…")
      }
      guard fields.updateValue(pair[1], forKey: pair[0]) == nil else {
        throw Self.wrong(text, "\(pair[0]) stands in it twice")
      }
    }
    guard let path = fields["path"], path.hasPrefix("/"), !path.hasSuffix("/") else {
      throw Self.wrong(text, "path must be an absolute path")
    }
    guard let role = fields["role"].flatMap(Scope.Role.init(name:)) else {
      throw Self.wrong(text, "role must be viewer, operator or admin")
    }
    let label = try fields["label"].map { (given) throws(SettingsError) in try Self.label(given, text) }
    self.init(path: path, scope: Scope(role: role, label: label), group: fields["group"] ?? "")
  }

  private static func label(_ given: String, _ text: String) throws(SettingsError) -> Scope.Label {
    let pair = given.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
      throw wrong(text, "label must be KEY=VALUE")
    }
    return Scope.Label(key: pair[0], value: pair[1])
  }

  private static func wrong(_ text: String, _ why: String) -> SettingsError {
    .wrong("invalid socket \(text): \(why)")
  }
}

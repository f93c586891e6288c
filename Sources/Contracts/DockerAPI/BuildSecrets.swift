import JSON
import TextFormats

/// What the steps of a build may use and nothing of the build may keep: Skiff's own addition to `POST /build`.
///
/// The secrets stand at the beginning of the request's body, before the context: a header would be limited, and a URL
/// written down. The header `X-Skiff-Secrets` says how many bytes they take there. An engine that does not know it finds
/// no archive in the body and refuses.
public struct BuildSecrets: Sendable, Equatable {
  public var values: [String: [UInt8]]

  public static let header = "X-Skiff-Secrets"
  /// One secret may have so many bytes, as BuildKit has it.
  public static let mostBytes = 500 << 10
  /// All of them, as they are sent.
  public static let mostEncoded = 16 << 20

  public init(_ values: [String: [UInt8]] = [:]) { self.values = values }

  /// JSON, each value in Base64.
  public func encoded() -> [UInt8] { JSON.encode(values.mapValues { Base64.encode($0) }) }

  /// nil for what `encoded` does not give, and for a secret that is too large.
  public init?(encoded bytes: [UInt8]) {
    // Why it is no JSON helps nobody: a program of ours wrote it.
    guard let texts = try? JSON.decode([String: String].self, from: bytes) else { return nil }
    values = [:]
    for (id, text) in texts {
      guard let value = Base64.decode(text), value.count <= Self.mostBytes else { return nil }
      values[id] = value
    }
  }
}

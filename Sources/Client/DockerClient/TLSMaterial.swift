import HTTP
import Reactor
import TLS

/// The files by which a client and an engine know each other.
public struct TLSMaterial: Hashable, Sendable {
  /// Who must have signed the engine's certificate; nil for those the system trusts.
  public var authorities: String?
  public var certificate: String?
  public var key: String?
  /// Whether the engine must show a certificate that names it.
  public var verifies: Bool

  public init(
    authorities: String? = nil, certificate: String? = nil, key: String? = nil, verifies: Bool = true
  ) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
    self.verifies = verifies
  }

  /// How long a handshake may take, in milliseconds.
  private static let patience = 10_000

  /// Throws what is wrong with the files.
  public func check() throws { _ = try context() }

  private func context() throws(TLSError) -> TLSContext {
    try TLSContext.client(authorities: authorities, certificate: certificate, key: key, verifies: verifies)
  }

  /// Connects and shakes hands.
  func dial(_ host: String, _ port: UInt16) -> HTTPClient.Dial {
    { [self] in
      let context = try context()
      let plain = try await Connect.tcp(host: host, port: port)
      return try await withDeadline(milliseconds: Self.patience) {
        try await TLSConnection.open(plain, context, name: host)
      }
    }
  }
}

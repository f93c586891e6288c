import CSSL
import Linux

/// One side's certificates and what it asks of the other side; connections are made from it. TLS 1.2 and newer.
public final class TLSContext: Sendable {
  /// SSL_CTX counts its users and locks itself (SSL_CTX_new(3)).
  nonisolated(unsafe) let raw: OpaquePointer
  let isServer: Bool
  let verifies: Bool

  private init(isServer: Bool, verifies: Bool) throws(TLSError) {
    guard let raw = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
      throw TLSError.last("OpenSSL cannot be set up")
    }
    self.raw = raw
    self.isServer = isServer
    self.verifies = verifies
    cssl_set_min_version(raw, TLS1_2_VERSION)
    cssl_set_modes(raw)
    // A client that goes without farewell has gone; a server's answer without its end is cut off.
    cssl_set_options(raw, isServer ? 1 : 0)
    cssl_ask_no_password(raw)
  }

  deinit { SSL_CTX_free(raw) }

  /// A server with this certificate (PEM, its chain behind it) and key. With `clientAuthorities` it talks only to
  /// clients whose certificate these signed. The complaints are dockerd's.
  public static func server(
    certificate: String, key: String, clientAuthorities: String?
  ) throws(TLSError) -> TLSContext {
    let context = try TLSContext(isServer: true, verifies: false)
    try context.useKeyPair(certificate, key)
    guard let clientAuthorities else { return context }
    try context.trust(clientAuthorities)
    SSL_CTX_set_client_CA_list(context.raw, SSL_load_client_CA_file(clientAuthorities))
    SSL_CTX_set_verify(context.raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    return context
  }

  /// A client. `authorities` nil trusts those of the system; `verifies` false takes any server.
  public static func client(
    authorities: String?, certificate: String?, key: String?, verifies: Bool
  ) throws(TLSError) -> TLSContext {
    let context = try TLSContext(isServer: false, verifies: verifies)
    if certificate != nil || key != nil { try context.useKeyPair(certificate ?? "", key ?? "") }
    guard verifies else { return context }
    if let authorities {
      try context.trust(authorities)
    } else {
      SSL_CTX_set_default_verify_paths(context.raw)
    }
    SSL_CTX_set_verify(context.raw, SSL_VERIFY_PEER, nil)
    return context
  }

  private func useKeyPair(_ certificate: String, _ key: String) throws(TLSError) {
    let pair = "(cert: \"\(certificate)\", key: \"\(key)\")"
    if let failure = openingFails(certificate) ?? openingFails(key) {
      throw TLSError("could not load X509 key pair \(pair): \(failure)")
    }
    ERR_clear_error()
    guard SSL_CTX_use_certificate_chain_file(raw, certificate) == 1,
      SSL_CTX_use_PrivateKey_file(raw, key, SSL_FILETYPE_PEM) == 1, SSL_CTX_check_private_key(raw) == 1
    else {
      let reason = TLSError.last("no PEM data").description
      throw TLSError("error reading X509 key pair - make sure the key is not encrypted \(pair): \(reason)")
    }
  }

  private func trust(_ authorities: String) throws(TLSError) {
    if let failure = openingFails(authorities) {
      throw TLSError("could not read CA certificate \"\(authorities)\": \(failure)")
    }
    ERR_clear_error()
    guard SSL_CTX_load_verify_file(raw, authorities) == 1 else {
      ERR_clear_error()
      throw TLSError("failed to append certificates from PEM file: \"\(authorities)\"")
    }
  }
}

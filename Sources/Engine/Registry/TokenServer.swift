import Archive
import DockerAPI
import EngineErrors
import HTTP
import JSON
import Linux
import OCISpec

/// Where a registry sends its clients for a token (distribution, "Token Authentication Specification" and OAuth2).
struct TokenServer {
  let realm: String
  let service: String?
  let scope: String
  let stop: StopFlag

  private struct Answer: Codable {
    var token: String?
    var accessToken: String?
    enum CodingKeys: String, CodingKey {
      case token
      case accessToken = "access_token"
    }
  }

  func token(_ auth: RegistryAuth?) throws -> String {
    if let token = auth?.registrytoken, !token.isEmpty { return token }
    let basic = auth?.basicCredentials
    let identity = auth?.identitytoken.flatMap { $0.isEmpty ? nil : $0 }
    if basic != nil || identity != nil { try checkRealm() }
    var request = WebRequest(url: realm)
    request.certificates = Environment.value("SSL_CERT_FILE") ?? Environment.value("CURL_CA_BUNDLE")
    request.verifiesPeer = !RegistryHost.isLoopback(WebAddress(realm).host)
    if let identity {
      let form = [
        ("grant_type", "refresh_token"), ("refresh_token", identity), ("service", service ?? ""),
        ("scope", scope),
        ("client_id", "skiff"),
      ]
      request.method = "POST"
      request.headers = [("Content-Type", "application/x-www-form-urlencoded")]
      request.body = .bytes(Array(Self.encoded(form).utf8))
    } else {
      var query = [("scope", scope)]
      if let service { query.insert(("service", service), at: 0) }
      if let user = auth?.username, !user.isEmpty { query.append(("account", user)) }
      request.url += (realm.contains("?") ? "&" : "?") + Self.encoded(query)
      if let basic { request.headers = [("Authorization", "Basic \(basic)")] }
    }
    return try ask(request)
  }

  private func ask(_ request: WebRequest) throws -> String {
    let transfer = Transfer(request, stop: stop)
    let response: WebResponse
    do { response = try transfer.head() } catch let error as TransferError {
      throw EngineError(.internal, error.description, cause: error)
    }
    let bytes = try transfer.readToEnd(limit: 1 << 20)
    if response.status == 401 || response.status == 403 {
      throw EngineError(
        .unauthorized, "unauthorized: \(RegistryRefusal(bytes)?.message ?? "incorrect username or password")")
    }
    guard response.status == 200 else {
      throw EngineError(.internal, "failed to fetch a token from \(realm): status \(response.status)")
    }
    let answer = try JSON.decode(Answer.self, from: bytes)
    guard let token = answer.token ?? answer.accessToken, !token.contains(where: \.isNewline) else {
      throw EngineError(.internal, "failed to fetch a token from \(realm): no token in the answer")
    }
    return token
  }

  /// Credentials never go over a network in the clear, whatever a registry names as its token server.
  private func checkRealm() throws {
    guard !realm.hasPrefix("https://"), !RegistryHost.isLoopback(WebAddress(realm).host) else { return }
    throw EngineError(
      .internal, "the registry names the token server \(realm), to which credentials are not sent without TLS"
    )
  }

  /// Names and values as a query or a form, everything but unreserved characters escaped (RFC 3986).
  static func encoded(_ pairs: [(String, String)]) -> String {
    pairs.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
  }
}

/// What a registry says when it refuses: `{"errors":[{"code":…,"message":…}]}`.
struct RegistryRefusal {
  let code: String
  let message: String

  init?(_ body: [UInt8]) {
    // Whatever is no such document says nothing.
    guard let value = try? JSON.parse(body), let first = value["errors"]?.array?.first else { return nil }
    code = (first["code"]?.string ?? "unknown").lowercased().filter { $0 != "_" }
    message = first["message"]?.string ?? ""
  }
}

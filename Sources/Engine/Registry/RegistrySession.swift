import Archive
import DockerAPI
import EngineErrors
import ImageNames
import JSON
import Linux
import OCISpec
import Synchronization
import TextFormats

/// One repository at one registry, with what was learned about it: scheme and authorization. Its calls block.
public final class RegistrySession: Sendable {
  private struct Learned {
    var host: RegistryHost
    var authorization: String?
    var triedPlain: Bool
  }

  let repository: ImageReference
  let stop: StopFlag
  private let auth: RegistryAuth?
  private let actions: String
  private let isInsecure: Bool
  private let learned: Mutex<Learned>

  /// `actions` is what a token shall allow: `pull` or `pull,push`.
  /// `host` is a mirror to be asked in the registry's place.
  init(
    _ repository: ImageReference, auth: RegistryAuth?, actions: String, stop: StopFlag,
    host: RegistryHost? = nil, isInsecure: Bool = false
  ) {
    self.repository = repository
    self.auth = auth
    self.actions = actions
    self.stop = stop
    self.isInsecure = isInsecure
    let isLocal = isInsecure || RegistryHost.isLoopback(repository.domain)
    learned = Mutex(
      Learned(
        host: host ?? RegistryHost(domain: repository.domain, plain: isLocal, isInsecure: isInsecure),
        authorization: nil,
        triedPlain: host != nil || !isLocal))
  }

  /// Scheme and host that are asked.
  var base: String { learned.withLock { $0.host.base } }

  /// `/v2/<repository>/<what>` at this registry.
  func path(_ what: String) -> String { "/v2/\(repository.path)/\(what)" }

  /// Sends a request, authorised where the registry asks for it. `target` is a path at the registry or a whole URL.
  /// `body` is made anew for every attempt.
  func send(
    _ method: String, _ target: String, headers: [(name: String, value: String)] = [], offset: Int64 = 0,
    body: () throws -> WebRequest.Body = { .none }
  ) throws -> (response: WebResponse, transfer: Transfer) {
    var mayAuthorize = true
    while true {
      let known = learned.withLock { $0 }
      let isOwn = target.hasPrefix("/")
      var request = WebRequest(
        method: method, url: isOwn ? known.host.base + target : target, headers: headers)
      request.offset = offset
      request.body = try body()
      request.verifiesPeer = !known.host.isLocal
      request.certificates = Environment.value("SSL_CERT_FILE") ?? Environment.value("CURL_CA_BUNDLE")
      if let authorization = known.authorization, isOwn || target.hasPrefix(known.host.base + "/") {
        request.headers.append(("Authorization", authorization))
      }
      let transfer = Transfer(request, stop: stop)
      let response: WebResponse
      do { response = try transfer.head() } catch let error as TransferError {
        if !error.isUnreachable, switchToTLS() { continue }
        throw EngineError(.internal, error.description, cause: error)
      }
      if response.status == 400, switchToTLS() { continue }
      // It has understood: a connection that breaks from here on is no reason to try the other way.
      learned.withLock { $0.triedPlain = true }
      guard response.status == 401, mayAuthorize else { return (response, transfer) }
      mayAuthorize = false
      guard try authorize(response) else { return (response, transfer) }
    }
  }

  /// A registry on this machine is asked plainly first; a true answer is whether to ask again by TLS.
  private func switchToTLS() -> Bool {
    learned.withLock { learned in
      guard !learned.triedPlain else { return false }
      learned.triedPlain = true
      learned.host = RegistryHost(domain: repository.domain, isInsecure: isInsecure)
      return true
    }
  }

  /// Learns how to be let in; false when the registry names no way.
  private func authorize(_ response: WebResponse) throws -> Bool {
    let challenges = response.all("www-authenticate").compactMap(Challenge.init)
    for challenge in challenges {
      guard case .bearer(let realm, let service, let scope) = challenge else { continue }
      let wanted = scope ?? "repository:\(repository.path):\(actions)"
      let token = try TokenServer(realm: realm, service: service, scope: wanted, stop: stop).token(auth)
      learned.withLock { $0.authorization = "Bearer \(token)" }
      return true
    }
    guard challenges.contains(.basic) else { return false }
    guard let basic = auth?.basicCredentials else {
      throw EngineError(.unauthorized, "\(response.method) \"\(response.url)\": no basic auth credentials")
    }
    learned.withLock { $0.authorization = "Basic \(basic)" }
    return true
  }
}

extension RegistryAuth {
  /// `user:password` in base64, if there are any.
  var basicCredentials: String? {
    if let username, !username.isEmpty, let password {
      return Base64.encode(Array("\(username):\(password)".utf8))
    }
    if let auth, !auth.isEmpty { return auth }
    return nil
  }
}

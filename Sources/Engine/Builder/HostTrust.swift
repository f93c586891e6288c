/// What a RUN step must know of the host to reach the outside: whom to trust, which proxy to use, where pip looks.
///
/// Users behind an inspecting proxy cannot build without it. It reaches the step as variables and read-only mounts
/// below /dev, which is memory in a container: nothing of it can land in the image, its configuration or its history.
/// The build argument `SKIFF_HOST_TRUST=0` or the daemon's setting turns it off.
public struct HostTrust: Sendable, Hashable {
  public static let switchName = "SKIFF_HOST_TRUST"
  static let directory = "/dev/skiff"
  static let caPath = "\(directory)/ca-certificates.crt"
  static let pipPath = "\(directory)/pip.conf"

  /// What the daemon sees of its host.
  public struct Host: Sendable, Hashable {
    public var environment: [String: String]
    /// A file of PEM certificates; nil where the host has none.
    public var certificates: String?
    /// The texts of pip's configuration files, the most general first.
    public var pipConfigurations: [String]

    public init(environment: [String: String], certificates: String?, pipConfigurations: [String]) {
      self.environment = environment
      self.certificates = certificates
      self.pipConfigurations = pipConfigurations
    }
  }

  /// Where hosts keep their certificates, in the order they are tried: Debian, Fedora, SUSE, Alpine.
  public static let certificatePlaces = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ]
  /// Where pip keeps its settings for everyone and for root.
  public static let pipPlaces = [
    "/etc/pip.conf", "/etc/xdg/pip/pip.conf", "/root/.pip/pip.conf", "/root/.config/pip/pip.conf",
  ]

  /// `NAME=value`, sorted.
  public let environment: [String]
  /// The host's certificates, mounted at `caPath`; nil where there are none.
  public let certificates: String?
  /// The text of a pip configuration, mounted at `pipPath`; nil where there is nothing to say.
  public let pipConfiguration: String?

  public static let off = HostTrust(environment: [], certificates: nil, pipConfiguration: nil)

  private init(environment: [String], certificates: String?, pipConfiguration: String?) {
    self.environment = environment
    self.certificates = certificates
    self.pipConfiguration = pipConfiguration
  }

  /// `sharesHostNetwork` says that the step reaches a proxy on the host's loopback address.
  public init(_ host: Host, sharesHostNetwork: Bool = false) {
    var variables: [String: String] = [:]
    if host.certificates != nil {
      for name in Self.certificateVariables { variables[name] = Self.caPath }
    }
    variables.merge(Self.proxies(host.environment, sharesHostNetwork: sharesHostNetwork)) { $1 }
    pipConfiguration = PipSettings(host).text
    if pipConfiguration != nil { variables["PIP_CONFIG_FILE"] = Self.pipPath }
    certificates = host.certificates
    environment = variables.map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// OpenSSL, pip, Python's requests, curl, git, Node.
  static let certificateVariables = [
    "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
  ]

  /// Both spellings of every proxy variable that the host has in either.
  private static func proxies(_ environment: [String: String], sharesHostNetwork: Bool) -> [String: String] {
    var found: [String: String] = [:]
    for name in ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"] {
      guard let value = environment[name] ?? environment[name.uppercased()], !value.isEmpty else { continue }
      if name != "no_proxy", !sharesHostNetwork, isLoopback(value) { continue }
      found[name] = value
      found[name.uppercased()] = value
    }
    return found
  }

  /// Whether a proxy's URL points to the host itself, where a container finds its own loopback instead.
  static func isLoopback(_ url: String) -> Bool {
    var host = url[...]
    if let scheme = host.range(of: "://") { host = host[scheme.upperBound...] }
    host = host.prefix { $0 != "/" }
    if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
    return host.hasPrefix("127.") || host.hasPrefix("localhost") || host.hasPrefix("[::1]")
  }

  /// Whether the caller's build arguments leave it on.
  static func isOn(_ arguments: [String: String?]) -> Bool {
    guard let value = arguments[switchName] ?? nil else { return true }
    return !["0", "false", "no", "off"].contains(value.lowercased())
  }

  /// What the step gets: the image's own variables win over the host's.
  func variables(hiddenBy environment: EnvironmentList) -> [String] {
    self.environment.filter { environment[String($0.prefix { $0 != "=" })] == nil }
  }

  /// The mounts; `pipFile` is where the text of `pipConfiguration` was written.
  func mounts(pipFile: String?) -> [RunStep.Mount] {
    var mounts: [RunStep.Mount] = []
    if let certificates { mounts.append(.init(.bind(source: certificates), at: Self.caPath, readOnly: true)) }
    if let pipFile, pipConfiguration != nil {
      mounts.append(.init(.bind(source: pipFile), at: Self.pipPath, readOnly: true))
    }
    return mounts
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}

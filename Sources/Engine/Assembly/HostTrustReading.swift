import Builder
import Linux

extension HostTrust.Host {
  /// What this process sees: its environment, the host's certificates, pip's settings.
  static func read() -> HostTrust.Host {
    var environment: [String: String] = [:]
    for variable in Environment.all() {
      guard let equals = variable.firstIndex(of: "=") else { continue }
      environment[String(variable[..<equals])] = String(variable[variable.index(after: equals)...])
    }
    let certificates = HostTrust.certificatePlaces.first(where: Files.exist)
    // A file that is not there, or not for us, says nothing.
    let pip = HostTrust.pipPlaces.compactMap { try? Files.text($0) }
    return HostTrust.Host(environment: environment, certificates: certificates, pipConfigurations: pip)
  }
}

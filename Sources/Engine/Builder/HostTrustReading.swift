import Linux

extension HostTrust.Host {
  /// What this process sees of its host now. `certificates` names the file to trust where it is not one of the usual.
  /// Blocks for a few small files; those that are missing say nothing.
  public static func read(certificates: String? = nil) -> Self {
    var environment: [String: String] = [:]
    for pair in Linux.Environment.all() {
      guard let equals = pair.firstIndex(of: "=") else { continue }
      environment[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    let places =
      [certificates, environment["SSL_CERT_FILE"]].compactMap(\.self) + HostTrust.certificatePlaces
    let texts = HostTrust.pipPlaces.compactMap { place -> String? in
      // A file that is not there or cannot be read is no setting.
      try? Files.text(place)
    }
    return Self(
      environment: environment, certificates: places.first(where: Files.exist), pipConfigurations: texts)
  }
}

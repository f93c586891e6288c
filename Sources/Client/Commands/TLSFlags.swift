import Credentials
import DockerClient
import Flags
import Linux

/// The flags and variables by which a client and an engine on TCP know each other: docker's.
enum TLSFlags {
  private static var directory: String {
    if let path = Environment.value("DOCKER_CERT_PATH"), !path.isEmpty { return path }
    return ClientConfig.standardDirectory()
  }

  static let all: [Flag] = [
    .bool("tls", "Use TLS; implied by --tlsverify"),
    .string("tlscacert", "Trust certs signed only by this CA", default: "\(directory)/ca.pem"),
    .string("tlscert", "Path to TLS certificate file", default: "\(directory)/cert.pem"),
    .string("tlskey", "Path to TLS key file", default: "\(directory)/key.pem"),
    .bool("tlsverify", "Use TLS and verify the remote"),
  ]

  /// Naming --tlsverify at all means TLS. Files at their usual places are used where they are.
  static func material(_ arguments: Arguments) -> TLSMaterial? {
    let verifies =
      arguments.isSet("tlsverify") ? arguments.bool("tlsverify") : isSet("DOCKER_TLS_VERIFY")
    guard verifies || arguments.isSet("tlsverify") || arguments.bool("tls") || isSet("DOCKER_TLS") else {
      return nil
    }
    func path(_ name: String) -> String? {
      let path = arguments.string(name)
      return arguments.isSet(name) || Files.exist(path) ? path : nil
    }
    return TLSMaterial(
      authorities: verifies ? arguments.string("tlscacert") : path("tlscacert"), certificate: path("tlscert"),
      key: path("tlskey"), verifies: verifies)
  }

  private static func isSet(_ variable: String) -> Bool { Environment.value(variable)?.isEmpty == false }
}

import Credentials
import DockerClient
import Flags
import Linux
import TextFormats

/// What `--docker` says of an engine: `host=…,ca=…,cert=…,key=…,skip-tls-verify=…`, or `from=CONTEXT`.
struct ContextEndpoint {
  private static let files = [("ca", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem")]

  var host = ""
  var skipsVerification = false
  var secrets: ContextSecrets = [:]

  /// Throws docker's complaints; files are read, and together they must make sense.
  init(_ text: String, _ session: Session) throws {
    let options = try Self.options(text)
    if let from = options["from"] {
      let context = try ContextCommands.find(from, session)
      host = context.host
      skipsVerification = context.skipsVerification
      secrets = try ContextStore(configDirectory: session.configDirectory).secrets(of: from)
      return
    }
    for (key, name) in Self.files {
      if let path = options[key], !path.isEmpty { secrets[name] = try Files.read(path) }
    }
    if let text = options["skip-tls-verify"] {
      guard let known = text.isEmpty ? false : GoValues.bool(text) else {
        throw CommandFailure("skip-tls-verify: strconv.ParseBool: parsing \"\(text)\": invalid syntax")
      }
      skipsVerification = known
    }
    let usesTLS = !secrets.isEmpty || skipsVerification
    do { host = try DockerHost(options["host"] ?? "\(DockerHost.standard)", tls: usesTLS).description } catch
    {
      throw CommandFailure("invalid docker endpoint options: \(error)")
    }
    let path = { (key: String) in options[key].flatMap { $0.isEmpty ? nil : $0 } }
    let material = TLSMaterial(
      authorities: path("ca"), certificate: path("cert"), key: path("key"), verifies: !skipsVerification)
    do { if usesTLS { try material.check() } } catch {
      throw CommandFailure("invalid docker endpoint options: \(error)")
    }
  }

  static let complaint: @Sendable (String) -> String? = { text in
    CommaFields.split(text).first { !$0.isEmpty && !$0.contains("=") }.map {
      "\($0) must be formatted as key=value"
    }
  }

  private static func options(_ text: String) throws -> [String: String] {
    var options: [String: String] = [:]
    for field in CommaFields.split(text) where !field.isEmpty {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { throw CommandFailure("\(field) must be formatted as key=value") }
      guard ["from", "host", "ca", "cert", "key", "skip-tls-verify"].contains(parts[0]) else {
        throw CommandFailure("unrecognized config key: \(parts[0])")
      }
      options[parts[0]] = parts[1]
    }
    guard !options.isEmpty else { throw CommandFailure("docker endpoint configuration is required") }
    return options
  }
}

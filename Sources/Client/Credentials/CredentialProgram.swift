import DockerAPI
import JSON
import Linux

/// A program `docker-credential-NAME` that keeps secrets: a verb as argument, JSON on its standard streams.
struct CredentialHelper {
  let name: String

  private var program: String { "docker-credential-\(name)" }

  func get(_ server: String) throws -> RegistryAuth? {
    let (status, output) = try run("get", Array(server.utf8), "getting")
    guard status == 0 else {
      if output.contains("credentials not found") { return nil }
      throw CredentialHelperError(doing: "getting", status, output)
    }
    let answer = try JSON.parse(Array(output.utf8))
    var auth = RegistryAuth()
    auth.serveraddress = server
    let user = answer["Username"]?.string ?? ""
    let secret = answer["Secret"]?.string ?? ""
    if user == "<token>" {
      auth.identitytoken = secret
    } else {
      auth.username = user
      auth.password = secret
    }
    return auth
  }

  /// The servers that it has secrets for.
  func servers() throws -> [String] {
    let (status, output) = try run("list", [], "listing")
    guard status == 0 else { throw CredentialHelperError(doing: "listing", status, output) }
    return try JSON.parse(Array(output.utf8)).object?.map(\.key) ?? []
  }

  func store(_ auth: RegistryAuth, for server: String) throws {
    let token = auth.identitytoken ?? ""
    let message: JSONObject = [
      "ServerURL": .string(server), "Username": .string(token.isEmpty ? auth.username ?? "" : "<token>"),
      "Secret": .string(token.isEmpty ? auth.password ?? "" : token),
    ]
    let (status, output) = try run("store", JSON.encode(message), "storing")
    guard status == 0 else { throw CredentialHelperError(doing: "storing", status, output) }
  }

  func erase(_ server: String) throws {
    let (status, output) = try run("erase", Array(server.utf8), "erasing")
    guard status == 0 || output.contains("credentials not found") else {
      throw CredentialHelperError(doing: "erasing", status, output)
    }
  }

  private func run(
    _ verb: String, _ input: [UInt8], _ doing: String
  ) throws -> (status: Int32, output: String) {
    guard let path = ProgramRun.find(program, in: Environment.value("PATH") ?? "") else {
      throw CredentialHelperError(
        doing: doing, reason: "exec: \"\(program)\": executable file not found in $PATH", output: "")
    }
    let ran = try ProgramRun(
      path, [program, verb], environment: Environment.all(), input: input, keepsErrors: false)
    return (ran.status?.exitCode ?? 1, String(decoding: ran.output, as: UTF8.self))
  }
}

/// A helper that could not do what it was asked.
public struct CredentialHelperError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `getting`, `storing`, `erasing` or `listing`.
  let doing: String
  let reason: String
  /// What the helper said, without the blanks around it.
  let output: String

  init(doing: String, reason: String, output: String) {
    self.doing = doing
    self.reason = reason
    self.output = output.split(whereSeparator: \.isNewline).joined(separator: "\n")
  }

  init(doing: String, _ status: Int32, _ output: String) {
    self.init(doing: doing, reason: "exit status \(status)", output: output)
  }

  public var description: String { "error \(doing) credentials - err: \(reason), out: `\(output)`" }
}

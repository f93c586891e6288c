import DockerAPI
import JSON
import Linux

/// A program `docker-credential-NAME` that keeps secrets: a verb as argument, JSON on its standard streams.
struct CredentialHelper {
  let name: String

  private var program: String { "docker-credential-\(name)" }

  func get(_ server: String) throws -> RegistryAuth? {
    let output: String
    do { output = try run(.get, Array(server.utf8)) } catch let error as CredentialHelperError
      where error.isUnknown
    { return nil }
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
    try JSON.parse(Array(try run(.list, []).utf8)).object?.map(\.key) ?? []
  }

  func store(_ auth: RegistryAuth, for server: String) throws {
    let token = auth.identitytoken ?? ""
    let message: JSONObject = [
      "ServerURL": .string(server), "Username": .string(token.isEmpty ? auth.username ?? "" : "<token>"),
      "Secret": .string(token.isEmpty ? auth.password ?? "" : token),
    ]
    _ = try run(.store, JSON.encode(message))
  }

  func erase(_ server: String) throws {
    do { _ = try run(.erase, Array(server.utf8)) } catch let error as CredentialHelperError
      where error.isUnknown
    {
      // As it should be.
    }
  }

  /// What is asked for, and how errors call it.
  private enum Verb: String {
    case get, store, erase, list

    var doing: String {
      switch self {
      case .get: "getting"
      case .store: "storing"
      case .erase: "erasing"
      case .list: "listing"
      }
    }
  }

  /// What the program answers; throws where it says no.
  private func run(_ verb: Verb, _ input: [UInt8]) throws -> String {
    guard let path = ProgramRun.find(program, in: Environment.value("PATH") ?? "") else {
      throw CredentialHelperError(
        doing: verb.doing, reason: "exec: \"\(program)\": executable file not found in $PATH", output: "")
    }
    let ran = try ProgramRun(
      path, [program, verb.rawValue], environment: Environment.all(), input: input, keepsErrors: false)
    let output = String(decoding: ran.output, as: UTF8.self)
    let status = ran.status?.exitCode ?? 1
    guard status == 0 else { throw CredentialHelperError(doing: verb.doing, status, output) }
    return output
  }
}

/// A helper that could not do what it was asked.
public struct CredentialHelperError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `getting`, `storing`, `erasing` or `listing`.
  let doing: String
  let reason: String
  /// What the helper said, without the blanks around it.
  let output: String

  /// The helper has nothing for the server.
  var isUnknown: Bool { output.contains("credentials not found") }

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

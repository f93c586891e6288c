import DockerAPI
import JSON
import Linux

/// A program `docker-credential-NAME` that keeps secrets: a verb as argument, JSON on its standard streams.
struct CredentialHelper {
  let name: String

  private var program: String { "docker-credential-\(name)" }

  func get(_ server: String) throws -> RegistryAuth? {
    let (status, output) = try run("get", Array(server.utf8))
    guard status == 0 else {
      if output.contains("credentials not found") { return nil }
      throw CredentialHelperError(program: program, message: output)
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

  func store(_ auth: RegistryAuth, for server: String) throws {
    let token = auth.identitytoken ?? ""
    let message: JSONObject = [
      "ServerURL": .string(server), "Username": .string(token.isEmpty ? auth.username ?? "" : "<token>"),
      "Secret": .string(token.isEmpty ? auth.password ?? "" : token),
    ]
    let (status, output) = try run("store", JSON.encode(message))
    guard status == 0 else { throw CredentialHelperError(program: program, message: output) }
  }

  func erase(_ server: String) throws {
    let (status, output) = try run("erase", Array(server.utf8))
    guard status == 0 || output.contains("credentials not found") else {
      throw CredentialHelperError(program: program, message: output)
    }
  }

  private func run(_ verb: String, _ input: [UInt8]) throws -> (status: Int32, output: String) {
    guard let path = ProgramRun.find(program, in: Environment.value("PATH") ?? "") else {
      throw CredentialHelperError(program: program, message: "executable file not found in $PATH")
    }
    let ran = try ProgramRun(
      path, [program, verb], environment: Environment.all(), input: input, keepsErrors: false)
    return (ran.status?.exitCode ?? 1, String(decoding: ran.output, as: UTF8.self))
  }
}

/// A helper that could not do what it was asked.
public struct CredentialHelperError: Error, Hashable, Sendable, CustomStringConvertible {
  public let program: String
  public let message: String
  public var description: String {
    "error getting credentials - \(program): \(message.split(separator: "\n").first ?? "")"
  }
}

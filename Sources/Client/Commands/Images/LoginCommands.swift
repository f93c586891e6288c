import Credentials
import DockerAPI
import DockerClient
import Flags
import Linux
import TerminalUI

/// `skiff login`
enum LoginCommand {
  static let entry = CommandEntry("login", "Authenticate to a registry") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] [SERVER]", summary: "Authenticate to a registry.", words: .atMost(1),
      flags: [
        .string("password|p", "Password or access token"),
        .bool("password-stdin", "Take the password or access token from stdin"),
        .string("username|u", "Username"),
      ], details: "Without a server it is Docker Hub.")
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let server = arguments.words.first.map(serverName) ?? CredentialStore.hub
    var auth = RegistryAuth()
    auth.serveraddress = server
    auth.username = arguments.string("username")
    auth.password = try password(arguments)
    if auth.username?.isEmpty != false { auth.username = try ask("Username: ") }
    if auth.password?.isEmpty != false {
      guard StandardStream.input.isTerminal else {
        throw CommandFailure("Error: Cannot perform an interactive login from a non TTY device")
      }
      auth.password = HiddenInput.line(prompt: "Password: ")
    }
    guard auth.password?.isEmpty == false else { throw CommandFailure("password is empty") }
    let answer = try await session.engine().authenticate(auth)
    if !answer.identityToken.isEmpty {
      auth.password = nil
      auth.identitytoken = answer.identityToken
    }
    var store = CredentialStore(try session.config())
    if let file = try store.store(auth, for: server) {
      StandardStream.error.line(
        "\nWARNING! Your credentials are stored unencrypted in '\(file)'.\nConfigure a credential helper to remove this warning.\n"
      )
    }
    StandardStream.output.line(answer.status.isEmpty ? "Login Succeeded" : answer.status)
    return 0
  }

  /// Docker Hub has many names.
  static func serverName(_ word: String) -> String {
    var name = word[...]
    for scheme in ["https://", "http://"] where name.hasPrefix(scheme) { name = name.dropFirst(scheme.count) }
    let host = String(name.prefix { $0 != "/" })
    return ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(host)
      ? CredentialStore.hub : host
  }

  private static func password(_ arguments: Arguments) throws -> String {
    guard arguments.bool("password-stdin") else {
      if arguments.isSet("password") {
        StandardStream.error.line("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
      }
      return arguments.string("password")
    }
    guard !arguments.isSet("password") else {
      throw CommandFailure("conflicting options: cannot specify both --password and --password-stdin")
    }
    guard !arguments.string("username").isEmpty else {
      throw CommandFailure("the --password-stdin option requires --username to be set")
    }
    var text = ""
    while let line = InputLines.next() { text += text.isEmpty ? line : "\n\(line)" }
    return text
  }

  private static func ask(_ prompt: String) throws -> String {
    guard StandardStream.input.isTerminal else {
      throw CommandFailure("Error: Cannot perform an interactive login from a non TTY device")
    }
    StandardStream.output.write(prompt)
    guard let line = InputLines.next(), !line.isEmpty else {
      throw CommandFailure("Error: Non-null Username Required")
    }
    return line
  }
}

/// `skiff logout`
enum LogoutCommand {
  static let entry = CommandEntry("logout", "Log out from a registry") { path in
    let syntax = CommandSyntax(
      path, "[SERVER]", summary: "Log out from a registry.", words: .atMost(1),
      details: "Without a server it is Docker Hub.")
    return Command(syntax) { arguments, session in
      let server = arguments.words.first.map(LoginCommand.serverName) ?? CredentialStore.hub
      var store = CredentialStore(try session.config())
      // Docker says so whether there were any or not.
      StandardStream.output.line("Removing login credentials for \(server)")
      _ = try store.erase(server)
      return 0
    }
  }
}

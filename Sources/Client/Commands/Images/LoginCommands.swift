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
    try check(arguments)
    let given = (user: arguments.string("username").trimmed(), password: password(arguments))
    let server = arguments.words.first.map(serverName) ?? CredentialStore.hub
    var registered = ""
    if given.user.isEmpty, given.password.isEmpty {
      let known = StoredLogin(server: server, session: session)
      if let status = try await known.use() { return told(status) }
      registered = known.user
    }
    let auth = try LoginQuestions(server: server, registered: registered).answered(given.user, given.password)
    return told(try await logIn(auth, session))
  }

  /// What can be seen to be wrong without asking anybody.
  private static func check(_ arguments: Arguments) throws {
    if arguments.isSet("password-stdin") {
      guard !arguments.isSet("password") else {
        throw CommandFailure("conflicting options: cannot specify both --password and --password-stdin")
      }
      guard arguments.isSet("username") else {
        throw CommandFailure("the --password-stdin option requires --username to be set")
      }
    }
    for name in ["username", "password"] where arguments.isSet(name) && arguments.string(name).isEmpty {
      throw CommandFailure("\(name) is empty")
    }
  }

  private static func password(_ arguments: Arguments) -> String {
    if arguments.isSet("password") {
      StandardStream.error.line("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
    }
    guard arguments.bool("password-stdin") else { return arguments.string("password") }
    var text = ""
    while let line = InputLines.next() { text += text.isEmpty ? line : "\n\(line)" }
    return text
  }

  /// Asks the registry; its words. What it has accepted is kept, where that is known already only a token that stands for
  /// it from now on.
  static func logIn(
    _ auth: RegistryAuth, _ session: Session, isKnown: Bool = false
  ) async throws -> String {
    var auth = auth
    let answer = try await session.engine().authenticate(auth)
    if !answer.identityToken.isEmpty {
      auth.password = nil
      auth.identitytoken = answer.identityToken
    }
    if !isKnown || !answer.identityToken.isEmpty { try keep(auth, session) }
    return answer.status
  }

  private static func keep(_ auth: RegistryAuth, _ session: Session) throws {
    var store = CredentialStore(session.config())
    let file: String?
    do {
      file = try store.store(auth, for: auth.serveraddress ?? "")
    } catch {
      throw CommandFailure("Error saving credentials: \(error)")
    }
    guard let file else { return }
    StandardStream.error.line(
      "\nWARNING! Your credentials are stored unencrypted in '\(file)'.\n"
        + "Configure a credential helper to remove this warning. See\n"
        + "https://docs.docker.com/go/credential-store/\n")
  }

  private static func told(_ status: String) -> Int32 {
    StandardStream.output.line(status.isEmpty ? "Login Succeeded" : status)
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
}

/// Logging in with what was kept at an earlier time.
private struct StoredLogin {
  private let auth: RegistryAuth?
  private let session: Session

  init(server: String, session: Session) {
    self.session = session
    // A helper that fails knows nobody: the user is asked.
    auth = try? CredentialStore(session.config()).credentials(for: server)
  }

  /// Who it was; empty where nothing is kept.
  var user: String { auth?.username ?? "" }

  /// The registry's words; nil where the user has to be asked.
  func use() async throws -> String? {
    guard var auth, let user = auth.username, !user.isEmpty, auth.password?.isEmpty == false else {
      return nil
    }
    StandardStream.error.line("Authenticating with existing credentials... [Username: \(user)]")
    let mark = Colour.suit(.error) ? Colour.cyan.paint("i Info →") : " Info ->"
    StandardStream.error.line(
      "\n\(mark) To login with a different account, run '\(programName) logout' followed by '\(programName) login'\n\n"
    )
    auth.identitytoken = nil
    do {
      return try await LoginCommand.logIn(auth, session, isKnown: true)
    } catch let error as APIError {
      StandardStream.error.line(
        error.status == 401
          ? "Stored credentials invalid or expired" : "Login did not succeed, error: \(error)")
      return nil
    }
  }
}

/// Asking at the terminal for what the command line does not say.
private struct LoginQuestions {
  let server: String
  /// Who is meant where no name is typed; empty for nobody.
  let registered: String

  func answered(_ user: String, _ password: String) throws -> RegistryAuth {
    guard !user.isEmpty && !password.isEmpty || StandardStream.input.isTerminal else {
      throw CommandFailure("Error: Cannot perform an interactive login from a non TTY device")
    }
    var auth = RegistryAuth()
    auth.serveraddress = server
    auth.username = user.isEmpty ? try askUser() : user
    auth.password = password.isEmpty ? try askPassword() : password
    return auth
  }

  private func askUser() throws -> String {
    if server == CredentialStore.hub {
      StandardStream.output.line(
        "Log in with your Docker ID or email address. An access token may stand for the password:")
      StandardStream.output.line("https://docs.docker.com/go/access-tokens/\n")
    }
    let typed = Prompt.line(registered.isEmpty ? "Username: " : "Username (\(registered)): ")?.trimmed() ?? ""
    let user = typed.isEmpty ? registered : typed
    guard !user.isEmpty else { throw CommandFailure("Error: Non-null Username Required") }
    return user
  }

  private func askPassword() throws -> String {
    guard let password = Prompt.hiddenLine("Password: ")?.trimmed(), !password.isEmpty else {
      throw CommandFailure("Error: Password Required")
    }
    return password
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
      var store = CredentialStore(session.config())
      // Docker says so whether there were any or not.
      StandardStream.output.line("Removing login credentials for \(server)")
      do {
        try store.erase(server)
      } catch let error as CredentialHelperError {
        StandardStream.error.line("WARNING: could not erase credentials:\n\(server): \(error)")
      }
      return 0
    }
  }
}

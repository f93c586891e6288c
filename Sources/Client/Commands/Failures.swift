import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import TerminalUI

/// A command that could not do what it was asked: what to tell, and the status to exit with.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  let status: Int32

  init(_ message: String, status: Int32 = 1) {
    description = message
    self.status = status
  }
}

/// The status to exit with after everything has been told.
struct ExitStatus: Error {
  let code: Int32
}

/// What to tell about an error.
func message(of error: any Error) -> String {
  switch error {
  case let error as ConnectionError where error.host == .standard && !Session.isRoot:
    "\(error)\nStart it as root: any `sudo skiff` command does, or run `sudo skiffd`."
  case let error as ConnectionError: "\(error)"
  case let error as JSONError: "error reading the engine's answer: \(error)"
  case let error as SyscallError: goWords(error)
  default: "\(error)"
  }
}

/// As Go tells failed system calls: `open /nope: no such file or directory`.
func goWords(_ error: SyscallError) -> String {
  let words = goReason(error)
  return error.subject.map { "\(error.call.text) \($0): \(words)" } ?? "\(error.call.text): \(words)"
}

/// The reason alone, beginning with a small letter.
func goReason(_ error: SyscallError) -> String {
  let reason = "\(error.errno)"
  return reason.prefix(1).lowercased() + reason.dropFirst()
}

/// Does something for each name at the same time, tells the results in order; 1 if one failed, else 0.
func forEach(
  _ names: [String], _ body: @escaping @Sendable (String) async throws -> String?
) async -> Int32 {
  await failing(names, body).isEmpty ? 0 : 1
}

/// The same; answers the names for which it failed.
func failing(
  _ names: [String], _ body: @escaping @Sendable (String) async throws -> String?
) async -> [String] {
  var failed: [String] = []
  for (name, result) in zip(names, await resultsAtOnce(names, body)) {
    switch result {
    case .success(let line?): StandardStream.output.line(line)
    case .success(nil): break
    case .failure(let error):
      StandardStream.error.line(message(of: error))
      failed.append(name)
    }
  }
  return failed
}

/// Asks before something is lost; no is the answer to everything but y and yes.
func confirm(_ question: String) -> Bool {
  ["y", "yes"].contains(Prompt.line("\(question) [y/N] ")?.trimmedAndLowercased() ?? "")
}

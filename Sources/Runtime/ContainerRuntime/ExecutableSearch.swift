import Linux

/// Finds the file that a command means, in the root and as the user of the calling process, with the messages
/// that Docker's clients read an exit code from.
enum ExecutableSearch {
  /// With `overrides` the command will have the capability to execute what others may.
  static func find(
    _ command: String, environment: [String], overrides: Bool = false
  ) throws(RuntimeError) -> String {
    if command.contains("/") {
      if let problem = problem(with: command, overrides) { throw error(command, problem, whole: true) }
      return command
    }
    let path = environment.last { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
    for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
      let candidate = directory.isEmpty ? command : "\(directory)/\(command)"
      guard problem(with: candidate, overrides) == nil else { continue }
      guard candidate.hasPrefix("/") else {
        throw RuntimeError(
          .commandNotExecutable,
          "exec: \"\(command)\": cannot run executable found relative to current directory: permission denied"
        )
      }
      return candidate
    }
    throw RuntimeError(.commandNotFound, "exec: \"\(command)\": executable file not found in $PATH")
  }

  private enum Problem {
    case status(Errno)
    case directory
    case access(Errno)
  }

  private static func problem(with path: String, _ overrides: Bool) -> Problem? {
    do throws(SyscallError) {
      if try Files.status(path).kind == .directory { return .directory }
    } catch {
      return .status(error.errno)
    }
    do throws(SyscallError) { try Files.mayExecute(path, effectively: overrides) } catch {
      return .access(error.errno)
    }
    return nil
  }

  private static func error(_ command: String, _ problem: Problem, whole: Bool) -> RuntimeError {
    let prefix = "exec: \"\(command)\": "
    switch problem {
    case .directory: return RuntimeError(.commandNotExecutable, prefix + "is a directory")
    case .access(let errno):
      return RuntimeError(.commandNotExecutable, prefix + errno.lowercased + advice(command))
    case .status(let errno):
      let missing = errno == .noSuchFile || errno == .notADirectory
      return RuntimeError(
        missing ? .commandNotFound : .commandNotExecutable, prefix + "stat \(command): \(errno.lowercased)")
    }
  }

  /// Where nobody may execute the file.
  private static func advice(_ command: String) -> String {
    // What cannot be looked at is not known.
    guard let status = try? Files.status(command), status.permissions & 0o111 == 0 else { return "" }
    return ": nobody may execute it: chmod +x it (COPY --chmod=755 in a Dockerfile)"
  }

  /// Why `execve` of a file that was found failed, as the kernel says it.
  static func executionError(_ path: String, _ errno: Errno) -> RuntimeError {
    // A script whose interpreter is missing: the kernel says ENOENT of a file that is there.
    RuntimeError(
      errno == .noSuchFile ? .commandNotFound : .commandNotExecutable, ExecutionRefusal.text(path, errno))
  }
}

extension Errno {
  /// The text as Go writes it, which Docker's clients look for.
  var lowercased: String { description.lowercased() }
}

/// Why a repository could not be had.
public enum GitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The address, and what is wrong with it.
  case address(String, String)
  /// This machine has no program `git`.
  case absent
  /// A step that git refused, and the end of what it said.
  case refused(step: String, output: String)
  /// The directory that the address names, and what is wrong with it.
  case directory(String, String)
  /// The commit that it must be, and the one that it is.
  case mismatch(expected: String, actual: String)
  case system(String)
  case cancelled

  public var description: String {
    switch self {
    case .address(let address, let reason): "invalid git URL \(address): \(reason)"
    case .absent:
      "unable to find 'git': executable file not found in $PATH: install git, or clone the repository and build its directory"
    case .refused(let step, let output): "\(step): \(output)"
    case .directory(let path, let reason): "error setting git context, \"\(path)\": \(reason)"
    case .mismatch(let expected, let actual): "expected checksum to match \(expected), got \(actual)"
    case .system(let text): text
    case .cancelled: "the clone was cancelled"
    }
  }
}

/// Settings that cannot be read.
public struct ConfigError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Problem: Sendable {
    /// The file cannot be had.
    case unreadable
    /// What stands in it is not what it should be.
    case broken
  }

  public let path: String
  public let problem: Problem
  /// With the line and column where the text is broken.
  public let reason: String

  public var description: String {
    switch problem {
    case .unreadable: "Error loading config file: \(reason)"
    case .broken: "Error parsing config file (\(path)): \(reason)"
    }
  }
}

/// Settings that are not written because those that are there could not be read, and would be lost.
public struct UnwrittenConfig: Error, Hashable, Sendable, CustomStringConvertible {
  public let complaint: ConfigError

  public var description: String {
    "\(complaint.path) is left as it is: mend it or move it away (\(complaint.reason))"
  }
}

import DockerAPI
import ShimProtocol

/// Runs the processes of RUN instructions.
public protocol StepRunner: Sendable {
  /// Runs the step in a container of its own over `step.rootFileSystem`, hands out its output as it comes, and
  /// answers the exit code (128 + n for a signal) once nothing of the container is left but the writable layer.
  /// Throws where the process could not be started, and `CancellationError` when the task was cancelled, with the
  /// container gone in both cases.
  func run(_ step: RunStep) async throws -> Int32
}

/// One process over the files that the steps before it left.
public struct RunStep: Sendable {
  /// The container's id: 64 hexadecimal digits.
  public var id: String
  public var rootFileSystem: RootFileSystem
  public var arguments: [String]
  /// `NAME=value`; what the image, the arguments and the host's trust settings say, in that order of precedence.
  public var environment: [String]
  /// `NAME=value`; whoever runs the step keeps them in memory.
  public var secretVariables: [String]
  /// `user[:group]` as in USER; empty is root.
  public var user: String
  public var workingDirectory: String
  /// Paths that hold volumes in the image: RUN sees an ordinary directory.
  public var mounts: [Mount]
  public var resources: BuildResources
  /// `default`, `host`, `none` or a network's name.
  public var networkMode: String
  /// Called in order; a slow receiver slows the process down.
  public var output: @Sendable (_ isErrorOutput: Bool, [UInt8]) async -> Void

  /// Something of the host at a path of the container, for this step only.
  public struct Mount: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      /// A file or directory of the host.
      case bind(source: String)
      case memory(size: Int64?)
      /// Directories of layers, the topmost first; at least two, and only to be read.
      case layers([String])
    }
    public var kind: Kind
    /// Absolute; made where it is missing, which for paths below /dev leaves nothing in the image.
    public var destination: String
    public var readOnly: Bool

    public init(_ kind: Kind, at destination: String, readOnly: Bool) {
      self.kind = kind
      self.destination = destination
      self.readOnly = readOnly
    }
  }
}

/// What the processes of a build may use.
public struct BuildResources: Sendable, Hashable {
  /// `name:address`
  public var extraHosts: [String] = []
  /// Bytes; 0 takes the default.
  public var sharedMemory: Int64 = 0
  /// Bytes; 0 is no limit.
  public var memory: Int64 = 0
  public var memorySwap: Int64 = 0
  public var cpuShares: Int64 = 0
  public var cpuQuota: Int64 = 0
  public var cpuPeriod: Int64 = 0
  public var cpusetCpus = ""
  public var cpusetMems = ""
  public var cgroupParent = ""
  public var ulimits: [Ulimit] = []
  public init() {}
}

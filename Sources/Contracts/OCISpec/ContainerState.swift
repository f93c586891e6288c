/// What a runtime says of a container (runtime-spec, runtime.md, State).
public struct ContainerState: Codable, Hashable, Sendable {
  public enum Status: String, Codable, Sendable { case creating, created, running, paused, stopped }
  public var ociVersion: String
  public var id: String
  public var status: Status
  /// As the host sees it; nil once stopped.
  public var pid: Int32?
  /// Absolute.
  public var bundle: String
  public var annotations: [String: String]

  enum CodingKeys: String, BundleKey { case ociVersion, id, status, pid, bundle, annotations }

  public init(id: String, status: Status, pid: Int32?, bundle: String, annotations: [String: String] = [:]) {
    ociVersion = Bundle.version
    self.id = id
    self.status = status
    self.pid = pid
    self.bundle = bundle
    self.annotations = annotations
  }
}

import Linux

/// Which cgroup hierarchies this machine has, and where (cgroups(7)).
public struct CgroupLayout: Sendable, Equatable {
  /// One hierarchy of version 1.
  public struct Hierarchy: Sendable, Equatable {
    /// `cpu`, `memory`, `name=systemd`; several where they are mounted together.
    public let controllers: [String]
    public let mountPoint: String
    public init(controllers: [String], mountPoint: String) {
      self.controllers = controllers
      self.mountPoint = mountPoint
    }
    /// The last part of the mount point.
    public var name: String {
      String(mountPoint[(mountPoint.lastIndex(of: "/") ?? mountPoint.startIndex)...].dropFirst())
    }
  }

  public enum Kind: Sendable, Equatable {
    /// Version 1, alone or with a version 2 hierarchy without the usual controllers beside it.
    case separate([Hierarchy])
    /// Version 2 alone.
    case unified(mountPoint: String)
  }
  public let kind: Kind
  /// Where a version 2 hierarchy is mounted beside version 1.
  public let hybridMountPoint: String?

  public init(kind: Kind, hybridMountPoint: String? = nil) {
    self.kind = kind
    self.hybridMountPoint = hybridMountPoint
  }

  /// What the calling process sees.
  public static func discover() throws(SyscallError) -> CgroupLayout {
    let known = "/sys/fs/cgroup"
    if try FileSystemStatus.of(known).type == FileSystemStatus.cgroup2 {
      return CgroupLayout(kind: .unified(mountPoint: known))
    }
    return read(mounts: try Files.read("/proc/self/mounts"))
  }

  /// Reads `/proc/self/mounts`. The first mount of each hierarchy counts.
  static func read(mounts bytes: [UInt8]) -> CgroupLayout {
    var hierarchies: [Hierarchy] = []
    var hybrid: String?
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count >= 4, fields[2].starts(with: "cgroup".utf8) else { continue }
      let place = String(decoding: fields[1], as: UTF8.self)
      if fields[2].elementsEqual("cgroup2".utf8) {
        hybrid = hybrid ?? place
      } else if fields[2].elementsEqual("cgroup".utf8) {
        let controllers = fields[3].split(separator: UInt8(ascii: ",")).map {
          String(decoding: $0, as: UTF8.self)
        }
        .filter { versionOneControllers.contains($0) || $0.hasPrefix("name=") }
        if !controllers.isEmpty && !hierarchies.contains(where: { $0.controllers == controllers }) {
          hierarchies.append(Hierarchy(controllers: controllers, mountPoint: place))
        }
      }
    }
    if hierarchies.isEmpty, let hybrid { return CgroupLayout(kind: .unified(mountPoint: hybrid)) }
    return CgroupLayout(kind: .separate(hierarchies), hybridMountPoint: hybrid)
  }

  static let versionOneControllers = [
    "cpu", "cpuacct", "cpuset", "memory", "pids", "blkio", "freezer", "devices", "hugetlb", "net_cls",
    "net_prio",
    "perf_event", "rdma", "misc",
  ]

  /// The mount point of the version 1 hierarchy that has this controller.
  func mountPoint(of controller: String) -> String? {
    guard case .separate(let hierarchies) = kind else { return nil }
    return hierarchies.first { $0.controllers.contains(controller) }?.mountPoint
  }
}

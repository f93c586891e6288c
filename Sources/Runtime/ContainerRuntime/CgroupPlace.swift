import Cgroups
import Linux

/// The cgroup that an executed process joins: the container's, or cgroups below it.
struct CgroupPlace {
  private let cgroup: Cgroup
  private let pid: Int32
  private let hasNone: Bool
  /// Absolute directories, of those hierarchies for which another place was asked; nil is none.
  private let directories: [String]?
  private let isElsewhere: Bool

  init(_ container: Container, _ asked: [String]) throws(RuntimeError) {
    cgroup = container.cgroup
    pid = container.pid
    hasNone = container.hasNoCgroup
    isElsewhere = !asked.isEmpty
    directories = try asked.isEmpty ? nil : Self.directories(asked, of: container.cgroup)
  }

  /// Each hierarchy's directory, with the path asked for where one was.
  private static func directories(_ asked: [String], of cgroup: Cgroup) throws(RuntimeError) -> [String] {
    var found = cgroup.directories
    for text in asked {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let path = parts[parts.count - 1]
      guard !path.split(separator: "/").contains("..") else {
        throw RuntimeError(.invalid, "exec --cgroup: \(path) is not a sub cgroup path")
      }
      let names = parts.count == 2 ? parts[0].split(separator: ",").map(String.init) : []
      var changed = parts.count == 1 ? cgroup.directories : []
      for name in names {
        guard let directory = cgroup.directory(of: name), cgroup.directories.contains(directory) else {
          throw RuntimeError(.invalid, "exec --cgroup: unknown controller \(name) in \(text)")
        }
        changed.append(directory)
      }
      found = found.map { changed.contains($0) ? "\($0)/\(path)" : $0 }
    }
    return found
  }

  /// Where a process of version 2 is born; nil where it joins by itself.
  func openUnified() throws(RuntimeError) -> FileDescriptor? {
    guard !hasNone, !isElsewhere, let directory = cgroup.unifiedDirectory else { return nil }
    return try step("open the cgroup") { () throws(SyscallError) in
      try FileDescriptor.open(directory, [.directory])
    }
  }

  /// Makes the process. A cgroup that the container has divided takes none itself: then where its first
  /// process went.
  func make(
    in group: borrowing FileDescriptor?,
    _ make: (borrowing FileDescriptor?) throws(SyscallError) -> Processes.Side
  ) throws(RuntimeError) -> Processes.Side {
    do throws(SyscallError) { return try make(group) } catch {
      guard error.errno == .busy, case .unified(let mountPoint) = cgroup.layout.kind else {
        throw RuntimeError(step: "make a process", error)
      }
      return try step("make a process") { () throws(SyscallError) in
        let line = try Files.text("/proc/\(pid)/cgroup").split(separator: "\n").first { $0.hasPrefix("0::") }
        let directory = mountPoint + (line?.dropFirst(3) ?? "")
        return try make(FileDescriptor.open(directory, [.directory]))
      }
    }
  }

  /// Moves the calling process, where it was not born in its place.
  func join(born: Bool) throws(RuntimeError) {
    if hasNone { return }
    guard let directories else {
      guard case .separate = cgroup.layout.kind else { return }
      return try step("join the cgroup \(cgroup.path)") { () throws(SyscallError) in
        try cgroup.join(born: born)
      }
    }
    for directory in directories {
      do throws(SyscallError) {
        try FileDescriptor.open("\(directory)/cgroup.procs", .writeOnly).write("0".utf8)
      } catch {
        throw RuntimeError(
          .failed,
          "join the cgroup: error adding pid \(Processes.ownID) to cgroups: \(directory)/cgroup.procs: "
            + error.errno.lowercased)
      }
    }
  }
}

import Linux

/// One cgroup, in every hierarchy of the machine that counts: a name for directories that may or may not
/// exist.
public struct Cgroup: Sendable {
  /// Absolute, below the hierarchies' mount points: `/docker/0123…`.
  public let path: String
  public let layout: CgroupLayout

  public init(_ path: String, in layout: CgroupLayout) {
    self.path = path.hasPrefix("/") ? path : "/\(path)"
    self.layout = layout
  }

  /// Its directory in each hierarchy of the machine; that of version 2 beside version 1 last.
  public var directories: [String] {
    switch layout.kind {
    case .unified(let mountPoint): [mountPoint + path]
    case .separate(let hierarchies):
      hierarchies.map { $0.mountPoint + path } + (layout.hybridMountPoint.map { [$0 + path] } ?? [])
    }
  }

  /// Its directory of version 2, into which a process can be born; nil without such a hierarchy.
  public var unifiedDirectory: String? {
    if case .unified(let mountPoint) = layout.kind { return mountPoint + path }
    return layout.hybridMountPoint.map { $0 + path }
  }

  /// Its directory where the controller is; of version 2, its only one.
  public func directory(of controller: String) -> String? {
    if case .unified(let mountPoint) = layout.kind { return mountPoint + path }
    return layout.mountPoint(of: controller).map { $0 + path }
  }

  public var isUnified: Bool {
    if case .unified = layout.kind { return true }
    return false
  }

  public var exists: Bool { directories.contains(where: Files.exist) }

  /// Makes its directories and their parents; one that is there is fine. When it throws, none made by it
  /// stays.
  public func create() throws(SyscallError) {
    var made: [String] = []
    do {
      if case .unified(let mountPoint) = layout.kind { try enableControllers(mountPoint) }
      for directory in directories {
        if try Self.make(directory) { made.append(directory) }
      }
      if let directory = layout.mountPoint(of: "cpuset") { try inheritCPUs(directory) }
    } catch {
      for directory in made {
        // The first error is the one to tell; what cannot be removed is empty and harmless.
        try? Files.removeDirectory(directory)
      }
      throw error
    }
  }

  /// Makes its directory of version 2, where there is such a hierarchy: open, to be born into.
  public func createUnified() throws(SyscallError) -> FileDescriptor? {
    guard let directory = unifiedDirectory else { return nil }
    if case .unified(let mountPoint) = layout.kind { try enableControllers(mountPoint) }
    _ = try Self.make(directory)
    return try FileDescriptor.open(directory, [.directory])
  }

  /// False if it was there.
  private static func make(_ directory: String) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      try Files.makeDirectory(directory)
      return true
    } catch {
      if error.errno == .fileExists { return false }
      guard error.errno == .noSuchFile else { throw error }
      try Files.makeDirectories(directory)
      return true
    }
  }

  /// A new cpuset has no CPUs, and nobody can join it, until it is told which.
  private func inheritCPUs(_ mountPoint: String) throws(SyscallError) {
    var directory = mountPoint
    for part in path.split(separator: "/") {
      let child = "\(directory)/\(part)"
      for file in ["cpuset.cpus", "cpuset.mems"] where try isBlank("\(child)/\(file)") {
        try CgroupFile.write(try Files.read("\(directory)/\(file)"), to: "\(child)/\(file)")
      }
      directory = child
    }
  }

  private func isBlank(_ file: String) throws(SyscallError) -> Bool {
    try Files.read(file).allSatisfy { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: " ") }
  }

  /// In version 2 a parent must hand each controller on.
  private func enableControllers(_ mountPoint: String) throws(SyscallError) {
    var directory = mountPoint
    let useful: Set<Substring> = ["cpu", "cpuset", "io", "memory", "pids", "hugetlb"]
    for part in path.split(separator: "/") {
      let controllers = try Files.text("\(directory)/cgroup.controllers")
      let enabled = Set(
        try Files.text("\(directory)/cgroup.subtree_control").split { $0 == " " || $0 == "\n" })
      for controller in controllers.split(whereSeparator: { $0 == " " || $0 == "\n" })
      where useful.contains(controller) && !enabled.contains(controller) {
        try CgroupFile.write("+\(controller)", to: "\(directory)/cgroup.subtree_control")
      }
      directory += "/\(part)"
      do { try Files.makeDirectory(directory) } catch  where error.errno == .fileExists {}
    }
  }

  /// Moves the calling process here, which must have one thread. In version 1 this takes 0.1 ms where `add`
  /// may take 20: a thread that moves itself need not stop the forks of the whole machine for a grace
  /// period.
  /// A process that was born into the version 2 part of it says so with `born`.
  public func join(born: Bool = false) throws(SyscallError) {
    guard case .separate(let hierarchies) = layout.kind else { return try add(0) }
    for hierarchy in hierarchies { try CgroupFile.write("0", to: "\(hierarchy.mountPoint)\(path)/tasks") }
    if !born, let directory = unifiedDirectory { try CgroupFile.write("0", to: "\(directory)/cgroup.procs") }
  }

  /// The files through which a process that may not open them joins it, open; see `CgroupEntrance`.
  public func entrance() throws(SyscallError) -> CgroupEntrance {
    guard case .separate(let hierarchies) = layout.kind else { return CgroupEntrance([]) }
    var numbers: [Int32] = []
    do throws(SyscallError) {
      for hierarchy in hierarchies {
        let file = try FileDescriptor.open("\(hierarchy.mountPoint)\(path)/tasks", .writeOnly)
        numbers.append(file.release())
      }
    } catch {
      _ = CgroupEntrance(numbers)
      throw error
    }
    return CgroupEntrance(numbers)
  }

  /// Moves a process here with all its threads; 0 is the caller.
  public func add(_ pid: Int32) throws(SyscallError) {
    for directory in directories { try CgroupFile.write("\(pid)", to: "\(directory)/cgroup.procs") }
  }

  /// The processes in it and in the cgroups below it, as the caller's pid namespace counts them.
  public func processes() throws(SyscallError) -> [Int32] {
    guard let directory = directory(of: "devices") ?? directory(of: "pids") ?? directories.first else {
      return []
    }
    return try Self.processes(in: directory)
  }

  private static func processes(in directory: String) throws(SyscallError) -> [Int32] {
    do throws(SyscallError) {
      var found = try Files.text("\(directory)/cgroup.procs").split(separator: "\n").compactMap { Int32($0) }
      for entry in try FileDescriptor.open(directory, [.directory]).entries() where entry.isDirectory {
        found += try processes(in: "\(directory)/\(entry.name)")
      }
      return found
    } catch  where error.errno == .noSuchFile || error.errno == .noDevice {
      return []
    }
  }

  /// Removes it and the cgroups below it; what is not there is fine. Fails with `EBUSY` while processes are
  /// in it.
  public func remove() throws(SyscallError) {
    for directory in directories { try Self.remove(directory) }
  }

  /// Removes it where nothing is in it: no process, no cgroup below.
  public func removeIfEmpty() throws(SyscallError) { _ = try removeEmpty() }

  /// Removes its directories that are empty, and tells whether all are gone.
  public func removeUnlessBusy() -> Bool {
    do throws(SyscallError) { return try removeEmpty() } catch { return false }
  }

  /// Whether all are gone.
  private func removeEmpty() throws(SyscallError) -> Bool {
    var areGone = true
    for directory in directories {
      do throws(SyscallError) { try Files.removeDirectory(directory) } catch {
        guard [.noSuchFile, .busy, .directoryNotEmpty].contains(error.errno) else { throw error }
        if error.errno != .noSuchFile { areGone = false }
      }
    }
    return areGone
  }

  private static func remove(_ directory: String) throws(SyscallError) {
    do throws(SyscallError) {
      try Files.removeDirectory(directory)
    } catch  where error.errno == .noSuchFile {
      return
    } catch  where error.errno == .busy {
      for entry in try FileDescriptor.open(directory, [.directory]).entries() where entry.isDirectory {
        try remove("\(directory)/\(entry.name)")
      }
      try removePatiently(directory)
    }
  }

  /// A process that was just reaped may be in its cgroup for a moment longer.
  private static func removePatiently(_ directory: String) throws(SyscallError) {
    var pause = 1
    while true {
      do throws(SyscallError) { return try Files.removeDirectory(directory) } catch {
        if error.errno == .noSuchFile { return }
        if error.errno != .busy || pause > 256 { throw error }
      }
      Clock.sleep(milliseconds: pause)
      pause *= 2
    }
  }
}

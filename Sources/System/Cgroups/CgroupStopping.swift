import Linux

extension Cgroup {
  /// Stops every process in it until `thaw`; returns when they stand still.
  public func freeze() throws(SyscallError) { try setFrozen(true) }

  /// Lets them go on.
  public func thaw() throws(SyscallError) { try setFrozen(false) }

  /// Whether it is stopped, or about to be.
  public func isFrozen() throws(SyscallError) -> Bool {
    if case .unified(let mountPoint) = layout.kind {
      return CgroupFile.number("\(mountPoint)\(path)/cgroup.freeze") == 1
    }
    guard let directory = directory(of: "freezer") else { return false }
    do throws(SyscallError) {
      return try Files.text("\(directory)/freezer.state") != "THAWED\n"
    } catch  where error.errno == .noSuchFile {
      return false
    }
  }

  /// Thaws the version 1 cgroup in which a process really is.
  public static func thawHome(of pid: Int32) {
    // A process that is gone needs no thawing, nor one without such a cgroup.
    guard let text = try? Files.text("/proc/\(pid)/cgroup"), let layout = try? CgroupLayout.discover(),
      let mountPoint = layout.mountPoint(of: "freezer")
    else { return }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, fields[1].split(separator: ",").contains("freezer") else { continue }
      // As said above.
      try? CgroupFile.write("THAWED", to: "\(mountPoint)\(fields[2])/freezer.state")
    }
  }

  private func setFrozen(_ frozen: Bool) throws(SyscallError) {
    if case .unified(let mountPoint) = layout.kind {
      try CgroupFile.write(frozen ? "1" : "0", to: "\(mountPoint)\(path)/cgroup.freeze")
      for _ in 0..<1000
      where CgroupFile.numbers("\(mountPoint)\(path)/cgroup.events")["frozen"] != (frozen ? 1 : 0) {
        Clock.sleep(milliseconds: 1)
      }
      return
    }
    guard let directory = directory(of: "freezer") else {
      throw SyscallError(call: "open", subject: "freezer.state", errno: .noSuchFile)
    }
    let file = "\(directory)/freezer.state"
    let wanted = frozen ? "FROZEN" : "THAWED"
    // A process that forks while it is being frozen can keep the group "FREEZING": asked again, it gets
    // there.
    for attempt in 0..<1000 {
      try CgroupFile.write(wanted, to: file)
      if try Files.text(file) == "\(wanted)\n" { return }
      if frozen && attempt % 50 == 49 { try CgroupFile.write("THAWED", to: file) }
      Clock.sleep(milliseconds: 1)
    }
    if frozen { try CgroupFile.write("THAWED", to: file) }
    throw SyscallError(call: "write", subject: file, errno: .timedOut)
  }

  /// Sends a signal to every process in it; killing reaches those that appear meanwhile too.
  public func signalAll(_ signal: Signal) throws(SyscallError) {
    if signal == .kill, case .unified(let mountPoint) = layout.kind,
      Files.exist("\(mountPoint)\(path)/cgroup.kill")
    {
      return try CgroupFile.write("1", to: "\(mountPoint)\(path)/cgroup.kill")
    }
    for _ in 0..<100 {
      let found = try processes()
      for pid in found {
        do { try Processes.signal(pid, signal) } catch  where error.errno == .noSuchProcess {}
      }
      if found.isEmpty || signal != .kill { return }
      Clock.sleep(milliseconds: 1)
    }
  }
}

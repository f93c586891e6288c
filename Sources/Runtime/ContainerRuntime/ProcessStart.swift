import Linux
import OCISpec

/// What a child needs to become a process of the container, by numbers of descriptors that it inherits: a child
/// in its maker's memory must release none of what its maker holds.
final class ProcessStart {
  let beside: ProcessBeside
  /// The socket on which its maker listens.
  let maker: Int32
  /// A pidfd of the container's first process.
  let target: Int32
  /// Whether it stands between the maker and the process.
  let standsBetween: Bool

  init(_ beside: ProcessBeside, maker: Int32, target: Int32, standsBetween: Bool) {
    self.standsBetween = standsBetween
    self.beside = beside
    self.maker = maker
    self.target = target
  }

  /// Whether it can start in its maker's memory. Not where it has to wait for its maker, who stands still, as
  /// it does for the listener of a seccomp filter; nor where it enters a time namespace, which the kernel
  /// refuses to those who share memory.
  var mayShareMemory: Bool {
    // It takes a piece of assembly (CLinux), which is written for these.
    #if arch(x86_64) || arch(arm64)
      !standsBetween && !beside.namespaces.contains(.time) && !(beside.filter?.notifies ?? false)
    #else
      false
    #endif
  }

  /// Does not come back.
  func run() {
    FileDescriptor.borrowing(maker) { maker in
      FileDescriptor.borrowing(target) { target in
        guard standsBetween else { return beside.run(maker, beside: target) }
        var second = beside
        second.standBetween(maker, beside: target)
        second.run(maker, beside: target)
      }
    }
  }

  /// The child's pid, once it runs its command or has ended. What it has to tell waits in the socket.
  ///
  /// Nobody may look into the child from the moment on at which it is in the container: whoever could would
  /// have the caller's memory too. So it is the caller who says that, beforehand.
  func runSharingMemory(_ group: borrowing FileDescriptor?) throws(SyscallError) -> Int32 {
    // What does not fit is an error instead of a wait for a maker that stands still.
    try FileDescriptor.borrowing(maker) { (socket) throws(SyscallError) in try socket.setNonBlocking(true) }
    let wasDumpable = try ProcessAttributes.isDumpable()
    try ProcessAttributes.setDumpable(false)
    let result = Result { () throws(SyscallError) in
      try Processes.run(
        sharingMemory: { context in
          context.map { Unmanaged<ProcessStart>.fromOpaque($0).takeUnretainedValue().run() }
          return 1
        }, Unmanaged.passUnretained(self).toOpaque(), cgroup: group)
    }
    if wasDumpable { try ProcessAttributes.setDumpable(true) }
    return try result.get()
  }
}

import Linux

/// The version 1 files through which a process joins a cgroup, opened by somebody who may: the kernel asks
/// whether the opener may move processes, not the one who writes.
public struct CgroupEntrance: ~Copyable {
  /// Open files, this value's to close.
  public let numbers: [Int32]

  init(_ numbers: [Int32]) { self.numbers = numbers }

  public static func none() -> CgroupEntrance { CgroupEntrance([]) }

  deinit { for number in numbers { _ = FileDescriptor(owning: number) } }

  /// Moves the calling process, which must have one thread.
  public borrowing func enter() throws(SyscallError) {
    for number in numbers {
      try FileDescriptor.borrowing(number) { (file) throws(SyscallError) in try file.write("0".utf8) }
    }
  }
}

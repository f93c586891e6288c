import Linux

/// Becomes readable when the kernel has killed for want of memory in a cgroup, and when the cgroup goes.
public struct OutOfMemoryNotice: ~Copyable {
  public let descriptor: FileDescriptor
  /// What version 1 looks at; closed with it.
  private let control: FileDescriptor?

  /// nil where the machine has no memory controller.
  public static func of(_ cgroup: Cgroup) throws(SyscallError) -> OutOfMemoryNotice? {
    guard let directory = cgroup.directory(of: "memory") else { return nil }
    if case .unified = cgroup.layout.kind {
      return OutOfMemoryNotice(descriptor: try FileWatch.directory(directory), control: nil)
    }
    let counter = try EventCounter()
    let control = try FileDescriptor.open("\(directory)/memory.oom_control", .readOnly)
    try CgroupFile.write(
      "\(counter.descriptor.rawValue) \(control.rawValue)", to: "\(directory)/cgroup.event_control")
    return OutOfMemoryNotice(descriptor: counter.intoDescriptor(), control: control)
  }
}

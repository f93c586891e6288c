import CLinux

/// The part of bpf(2) that device rules need.
public enum BPF {
  /// Loads a `BPF_PROG_TYPE_CGROUP_DEVICE` program of eight-byte instructions and attaches it to a version
  /// 2 cgroup.
  public static func attachDeviceProgram(
    _ program: [UInt64], to cgroup: borrowing FileDescriptor
  ) throws(SyscallError) {
    let loaded = FileDescriptor(
      owning: try syscall("bpf", on: "BPF_PROG_LOAD") {
        clinux_bpf_load_device_program(program, UInt32(program.count))
      })
    let (raw, group) = (loaded.rawValue, cgroup.rawValue)
    try syscall("bpf", on: "BPF_PROG_ATTACH") { clinux_bpf_attach_device_program(raw, group) }
  }
}

import Linux

/// Keeps the program file on the host safe from containers: what runs in one may reach the file of the
/// process that made it as `/proc/<pid>/exe`, and must find it on a mount that nobody can write to
/// (CVE-2019-5736).
public enum ProgramProtection {
  /// Executes this program again from a read-only copy of its mount, unless it runs from one already. Call
  /// it first in `main`; costs one `execve`.
  public static func ensure() throws(RuntimeError) {
    let own = "/proc/self/exe"
    let isProtected = try step("look at the own program") { () throws(SyscallError) in
      // Where mounting is not allowed it is the sealed copy in memory.
      if try FileSystemStatus.of(own).readOnly { return true }
      return try FileDescriptor.open(own, .readOnly).isSealed()
    }
    if isProtected {
      // Executed by descriptor a program is named after its number.
      let name = CommandLine.arguments.first?.split(separator: "/").last
      return try step("set the own name") { () throws(SyscallError) in
        try ProcessAttributes.setName(name.map(String.init) ?? "skiff")
      }
    }
    let arguments = CommandLine.arguments
    try step("execute the own program from a read-only mount") { () throws(SyscallError) in
      let copy = try readOnlyCopy(of: own)
      try Processes.execute(copy, arguments: arguments, environment: Environment.all())
    }
  }

  /// The program file on a mount of its own, attached nowhere and read-only; a sealed copy in memory where
  /// mounting is not allowed.
  public static func readOnlyCopy(of path: String) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      let copy = try DetachedMount.copy(of: path)
      try copy.change(set: .readOnly)
      return try copy.descriptor.duplicate()
    } catch  where error.errno == .notPermitted || error.errno == .noSuchCall {
      let source = try FileDescriptor.open(path, .readOnly)
      let copy = try memoryFile("runtime")
      while true {
        let some = try source.read(upTo: 1 << 20)
        if some.isEmpty { break }
        try copy.write(some)
      }
      try copy.seal()
      return copy
    }
  }
}

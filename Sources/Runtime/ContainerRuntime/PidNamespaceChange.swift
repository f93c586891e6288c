import Linux

/// Has the caller's next children born in another pid namespace, until `restore`.
struct PidNamespaceChange: ~Copyable {
  private let own: FileDescriptor?

  private init(own: consuming FileDescriptor?) { self.own = own }

  static func none() -> PidNamespaceChange { PidNamespaceChange(own: nil) }

  static func join(_ file: borrowing FileDescriptor) throws(RuntimeError) -> PidNamespaceChange {
    let own = try step("open the own pid namespace") { () throws(SyscallError) in
      try FileDescriptor.open("/proc/self/ns/pid", .readOnly)
    }
    try step("join the pid namespace") { () throws(SyscallError) in try Namespaces.pid.join(file) }
    return PidNamespaceChange(own: own)
  }

  func restore() throws(RuntimeError) {
    switch own {
    case .some(let own):
      try step("return to the own pid namespace") { () throws(SyscallError) in try Namespaces.pid.join(own) }
    case .none: return
    }
  }
}

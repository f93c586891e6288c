import Linux
import OCISpec

/// The namespaces that a container joins, open; the pid namespace is its maker's to join.
struct NamespaceFiles: ~Copyable {
  private let files: [(kind: Namespaces, file: Int32)]
  let pid: FileDescriptor?

  private init(files: [(kind: Namespaces, file: Int32)], pid: consuming FileDescriptor?) {
    self.files = files
    self.pid = pid
  }

  /// Opens and checks them.
  static func open(_ namespaces: [Bundle.Namespace]) throws(RuntimeError) -> NamespaceFiles {
    var files: [(kind: Namespaces, file: Int32)] = []
    var pid: FileDescriptor?
    do throws(RuntimeError) {
      for namespace in namespaces {
        guard let path = namespace.path, !path.isEmpty else { continue }
        let file = try open(path, namespace.type)
        if namespace.type == .pid {
          pid = consume file
        } else {
          files.append((namespace.type.flag, file.release()))
        }
      }
    } catch {
      for (_, file) in files { _ = FileDescriptor(owning: file) }
      throw error
    }
    return NamespaceFiles(files: files, pid: pid)
  }

  private static func open(_ path: String, _ kind: Bundle.Namespace.Kind) throws(RuntimeError)
    -> FileDescriptor
  {
    let file = try step("open the \(kind.rawValue) namespace") { () throws(SyscallError) in
      try FileDescriptor.open(path, .readOnly)
    }
    let system = try step("look at \(path)") { () throws(SyscallError) in try file.fileSystem().type }
    guard system == FileSystemStatus.namespace else {
      throw RuntimeError(.invalid, "\(path) is not a namespace")
    }
    return file
  }

  deinit { for (_, file) in files { _ = FileDescriptor(owning: file) } }

  /// Of all of them.
  var allNumbers: [Int32] {
    switch pid {
    case .some(let pid): files.map(\.file) + [pid.rawValue]
    case .none: files.map(\.file)
    }
  }

  var joinsUser: Bool { files.contains { $0.kind == .user } }
  var isEmpty: Bool {
    switch pid {
    case .some: false
    case .none: files.isEmpty
    }
  }

  /// Joins them all but the pid namespace; those that belong to the user namespace in which the caller
  /// stands before that of users, which it leaves for good.
  func join() throws(RuntimeError) {
    var left: [(kind: Namespaces, file: Int32)] = []
    for entry in files where entry.kind != .user {
      do throws(SyscallError) {
        try FileDescriptor.borrowing(entry.file) { (file) throws(SyscallError) in try entry.kind.join(file) }
      } catch {
        guard error.errno == .notPermitted, joinsUser else {
          throw RuntimeError(step: "join the \(entry.kind.name) namespace", error)
        }
        left.append(entry)
      }
    }
    let users = files.filter { $0.kind == .user }
    for (kind, number) in users + left {
      try step("join the \(kind.name) namespace") { () throws(SyscallError) in
        try FileDescriptor.borrowing(number) { (file) throws(SyscallError) in try kind.join(file) }
      }
    }
  }

  /// Has the maker's next children born in the pid namespace that the container joins, if it joins one.
  func enterPidNamespace() throws(RuntimeError) -> PidNamespaceChange {
    switch pid {
    case .some(let pid): try PidNamespaceChange.join(pid)
    case .none: PidNamespaceChange.none()
    }
  }
}

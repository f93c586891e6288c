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

  /// Of those that a child joins.
  var numbers: [Int32] { files.map(\.file) }

  /// Joins them all but the pid namespace.
  func join() throws(RuntimeError) {
    for (kind, number) in files {
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

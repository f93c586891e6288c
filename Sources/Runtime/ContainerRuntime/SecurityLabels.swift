import Linux
import OCISpec

/// The profile of AppArmor and the label of SELinux that the command shall have, as files that are open since
/// before the container's own `/proc` came into sight.
struct SecurityLabels: ~Copyable {
  private var files: [(text: String, file: Int32, name: String)] = []
  private(set) var warnings: [String] = []

  /// Where the kernel has no such module the label is left out, and a warning says so.
  init(_ process: Bundle.Process) throws(RuntimeError) {
    if let profile = process.apparmorProfile, !profile.isEmpty, profile != "unconfined" {
      if Self.hasAppArmor {
        try open("exec \(profile)", ["attr/apparmor/exec", "attr/exec"], "AppArmor profile \(profile)")
      } else {
        warnings.append("AppArmor is not supported: \(profile) is not applied")
      }
    }
    if let label = process.selinuxLabel, !label.isEmpty {
      if Files.exist("/sys/fs/selinux/enforce") {
        try open(label, ["attr/exec"], "SELinux label \(label)")
      } else {
        warnings.append("SELinux is not supported: \(label) is not applied")
      }
    }
  }

  deinit { for (_, file, _) in files { _ = FileDescriptor(owning: file) } }

  /// Takes effect with the next execve(2).
  borrowing func apply() throws(RuntimeError) {
    for (text, number, name) in files {
      try step("apply the \(name)") { () throws(SyscallError) in
        try FileDescriptor.borrowing(number) { (file) throws(SyscallError) in try file.write(text.utf8) }
      }
    }
  }

  private mutating func open(_ text: String, _ paths: [String], _ name: String) throws(RuntimeError) {
    let file = try step("open the \(name)") { () throws(SyscallError) in
      let proc = try ProcessFileSystem.own()
      let place = try proc.readLink("self")
      do throws(SyscallError) {
        return try ProcessFileSystem.open("\(place)/\(paths[0])", in: proc, .writeOnly)
      } catch {
        guard error.errno == .noSuchFile, paths.count > 1 else { throw error }
        return try ProcessFileSystem.open("\(place)/\(paths[1])", in: proc, .writeOnly)
      }
    }
    files.append((text, file.release(), name))
  }

  private static var hasAppArmor: Bool {
    // Without the module the file is not there.
    (try? Files.read("/sys/module/apparmor/parameters/enabled").first) == UInt8(ascii: "Y")
  }
}

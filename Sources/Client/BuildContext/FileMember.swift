import Archive
import Linux

/// A file of this machine as a member of an archive.
public enum FileMember {
  /// Nil for what belongs to running programs: sockets, pipes and devices. A directory comes without what it holds, a link
  /// as one. Owned by root unless `keepsOwners`.
  public static func make(
    _ path: String, _ status: FileStatus, as name: String, keepsOwners: Bool = false
  ) throws(SyscallError) -> TarSource.Member? {
    switch status.kind {
    case .directory: return .init(entry(name, .directory, status, keepsOwners), [])
    case .regular:
      var file = entry(name, .file, status, keepsOwners)
      file.size = UInt64(status.size)
      return .init(file) { DescriptorSource(try FileDescriptor.open(path, .readOnly)) }
    case .symbolicLink:
      let target = Array(try Files.readLink(path).utf8)
      return .init(entry(name, .symbolicLink(target: target), status, keepsOwners), [])
    default: return nil
    }
  }

  private static func entry(
    _ name: String, _ kind: TarEntry.Kind, _ status: FileStatus, _ keepsOwners: Bool
  ) -> TarEntry {
    TarEntry(
      path: Array(name.utf8), kind: kind, mode: status.permissions, uid: keepsOwners ? status.uid : 0,
      gid: keepsOwners ? status.gid : 0,
      modified: TarTime(status.modified))
  }
}

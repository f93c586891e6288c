import Bundles
import DockerAPI
import EngineErrors
import Linux
import ShimProtocol

extension Container {
  /// Who the container's process runs as, by the passwd and group files of its own layers.
  func resolveUser(in layers: RootFileSystem) throws(EngineError) -> ResolvedUser {
    try UserLookup.database(in: layers).resolve(record.config.user, adding: record.hostConfig.groupAdd ?? [])
  }

  /// The same for a process beside a running one, whose files may have changed.
  func resolveUser(_ text: String, inProcess pid: Int32) throws(EngineError) -> ResolvedUser {
    let root = "/proc/\(pid)/root"
    let database = UserDatabase(
      passwd: UserLookup.text("etc/passwd", under: root) ?? "",
      group: UserLookup.text("etc/group", under: root) ?? "")
    return try database.resolve(text, adding: record.hostConfig.groupAdd ?? [])
  }
}

/// Reads a container's user files without mounting it; never follows a link out of the container.
public enum UserLookup {
  private static let sizeLimit = 4 << 20

  public static func database(in layers: RootFileSystem) -> UserDatabase {
    var directories = layers.lower.map { "\(layers.layersDirectory)/\($0)" }
    if let upper = layers.upper { directories.insert(upper, at: 0) }
    func first(_ path: String) -> String { directories.lazy.compactMap { text(path, under: $0) }.first ?? "" }
    return UserDatabase(passwd: first("etc/passwd"), group: first("etc/group"))
  }

  /// nil where the file is not there; an empty text where it was deleted in this layer.
  static func text(_ path: String, under root: String) -> String? {
    do throws(SyscallError) {
      let directory = try FileDescriptor.open(root, [.path, .directory])
      let file = try directory.open(inside: path, [.readOnly, .nonBlocking])
      let status = try file.status()
      if status.kind == .characterDevice { return "" }
      guard status.kind == .regular, status.size <= sizeLimit else { return nil }
      return String(decoding: try file.readToEnd(), as: UTF8.self)
    } catch {
      return nil
    }
  }
}

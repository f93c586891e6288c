import EngineErrors
import Hashing
import Linux
import PathPatterns

/// A file of the web that ADD has fetched.
struct DownloadedFile: Sendable {
  let path: String
  let name: String
  let digest: String
  let modified: FileTime

  /// Blocks: reads the file to hash it.
  init(_ path: String, _ url: String, _ download: Download, into destination: String, checksum: String) throws
  {
    self.path = path
    let route = url.prefix { $0 != "?" && $0 != "#" }
    let base = route.hasSuffix("/") ? "" : SlashPath.base(String(route))
    name = base.isEmpty || !route.dropFirst(8).contains("/") ? SlashPath.base(download.fileName ?? "") : base
    if name == "." || name.isEmpty, destination.hasSuffix("/") {
      throw EngineError(.invalidArgument, "cannot determine filename for source \(url)")
    }
    let file = try FileDescriptor.open(path, [.readOnly])
    let hasher = SHA256()
    while true {
      let bytes = try file.read(upTo: 1 << 18)
      if bytes.isEmpty { break }
      hasher.update(bytes)
    }
    digest = hasher.finishHex()
    if !checksum.isEmpty, checksum != "sha256:\(digest)" {
      throw EngineError(
        .invalidArgument, "digest mismatch for \(url): expected \(checksum), got sha256:\(digest)")
    }
    modified = FileTime(seconds: download.modified ?? 0)
  }
}

import Linux

/// What an engine is known by: a UUID of the kernel's (random(4)), made once, kept in its data root.
enum EngineID {
  static func read(_ dataRoot: String) throws(SyscallError) -> String {
    let path = "\(dataRoot)/engine-id"
    // A file that is missing or unreadable is made anew.
    if let kept = try? Files.text(path), kept.count == 36 { return kept }
    let id = String(try Files.text("/proc/sys/kernel/random/uuid").prefix(36))
    try Files.replace(path, id.utf8)
    return id
  }
}

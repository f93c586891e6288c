import EngineErrors

/// What `--tmpfs PATH:WORDS` may say.
enum TmpfsWords {
  private static let flags: Set = [
    "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync",
    "remount", "mand", "nomand", "atime", "noatime", "diratime", "nodiratime", "bind", "rbind", "unbindable",
    "runbindable", "private", "rprivate", "shared", "rshared", "slave", "rslave", "relatime", "norelatime",
    "strictatime", "nostrictatime",
  ]
  private static let names: Set = ["mode", "uid", "gid", "size", "nr_inodes", "nr_blocks", "mpol"]

  /// The words between the commas. What the kernel would not take is refused in docker's words.
  static func checked(_ text: String) throws(EngineError) -> [String] {
    let words = text.split(separator: ",").map(String.init)
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 ? names.contains(parts[0]) && !parts[1].isEmpty : flags.contains(word) else {
        throw EngineError(.invalidArgument, "invalid tmpfs option [\"\(word)\"]")
      }
    }
    return words
  }
}

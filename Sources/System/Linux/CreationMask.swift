import Glibc

/// The process's umask, read without changing it for other threads (proc(5), status).
public enum CreationMask {
  /// The mask, or all bits where `/proc` does not say.
  public static func current() -> UInt32 {
    // Where /proc cannot be read, every mode is set explicitly.
    guard let status = try? Files.text("/proc/self/status") else { return 0o777 }
    for line in status.split(separator: "\n") where line.hasPrefix("Umask:") {
      return line.split(separator: "\t").last.flatMap { UInt32($0, radix: 8) } ?? 0o777
    }
    return 0o777
  }
}

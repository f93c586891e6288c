import Linux

/// Reading and writing the control files of a cgroup.
enum CgroupFile {
  /// One `write(2)`; the error names the file.
  static func write(_ text: String, to path: String) throws(SyscallError) {
    try write(Array(text.utf8), to: path)
  }

  static func write(_ bytes: [UInt8], to path: String) throws(SyscallError) {
    let file = try FileDescriptor.open(path, .writeOnly)
    do throws(SyscallError) { try file.write(bytes) } catch {
      throw SyscallError(call: "write", subject: path, errno: error.errno)
    }
  }

  /// A number; `max` and what is greater than any amount reads as nil, as does a file that is not there.
  static func number(_ path: String) -> UInt64? {
    // Absent files are older kernels and controllers that are not mounted.
    guard let text = try? Files.text(path), let line = text.split(separator: "\n").first else { return nil }
    return UInt64(line)
  }

  /// Lines of a name and a number; nothing where the file is not there.
  static func numbers(_ path: String) -> [String: UInt64] {
    // Absent files are older kernels and controllers that are not mounted.
    guard let text = try? Files.text(path) else { return [:] }
    var found: [String: UInt64] = [:]
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { continue }
      found[String(Substring(line[..<space]))] = UInt64(Substring(line[line.index(after: space)...]))
    }
    return found
  }
}

import Linux

/// The files of one log, as they are found by opening them.
enum LogFiles {
  /// No log has more: `--log-opt max-file` is bounded by it.
  static let most = 1000

  /// A file of a log that was opened; `raw` is the receiver's.
  struct Opened {
    let identity: FileIdentity
    let raw: Int32
    let isPacked: Bool
  }

  /// Opens `path`, `path.1`, … until none is there or `known` comes up (which is not opened again), and hands them out
  /// the oldest first. Newest first they are opened, so that a rotation meanwhile shows one file twice instead of hiding
  /// one.
  static func open(_ path: String, newerThan known: FileIdentity?) throws(SyscallError) -> [Opened] {
    var found: [Opened] = []
    var seen: Set<FileIdentity> = []
    do throws(SyscallError) {
      // In the middle of a rotation one number has no file.
      var missing = 0
      for number in 0..<most where missing < 2 {
        guard let file = try openIfThere(number == 0 ? path : "\(path).\(number)") else {
          missing += 1
          continue
        }
        // An inode that packing has freed may belong to a newer file by now, but never to the next newer one: that
        // was there before.
        let isRepeated =
          file.isPacked ? file.identity == found.last?.identity : !seen.insert(file.identity).inserted
        if file.identity == known || isRepeated {
          _ = FileDescriptor(owning: file.raw)
          if file.identity == known { break }
        } else {
          found.append(file)
        }
      }
    } catch {
      for file in found { _ = FileDescriptor(owning: file.raw) }
      throw error
    }
    return found.reversed()
  }

  /// Plain, or else packed; packed files are known by what they were made from.
  private static func openIfThere(_ path: String) throws(SyscallError) -> Opened? {
    if let file = try openPlain(path) {
      return Opened(identity: try file.sizeAndIdentity().identity, raw: file.release(), isPacked: false)
    }
    guard let file = try openPlain(path + LogPacking.suffix), let origin = try LogPacking.origin(of: file)
    else { return nil }
    return Opened(identity: origin.identity, raw: file.release(), isPacked: true)
  }

  private static func openPlain(_ path: String) throws(SyscallError) -> FileDescriptor? {
    do { return try FileDescriptor.open(path, OpenFlags.readOnly) } catch  where error.errno == .noSuchFile {
      return nil
    }
  }
}

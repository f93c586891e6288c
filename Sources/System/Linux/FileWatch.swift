import CLinux

/// `inotify(7)`.
public enum FileWatch {
  /// A non-blocking descriptor, readable when a file in the directory was written, made or renamed there.
  /// What is read from it says nothing that a look at the files does not say better.
  public static func directory(_ path: String) throws(SyscallError) -> FileDescriptor {
    FileDescriptor(owning: try syscall("inotify_add_watch", on: path) { clinux_watch_directory(path) })
  }

  /// A non-blocking descriptor of events, of no directory yet.
  public static func empty() throws(SyscallError) -> FileDescriptor {
    FileDescriptor(owning: try syscall("inotify_init1") { clinux_watch_new() })
  }

  /// Has events of a directory's names come from the descriptor `watch`, and answers by which number they call it. One
  /// that is told of already keeps its number. A link is no directory.
  public static func add(_ path: String, to watch: CInt) throws(SyscallError) -> Int32 {
    try syscall("inotify_add_watch", on: path) { clinux_watch_add(watch, path) }
  }

  /// What was read from such a descriptor.
  public struct Event: Sendable, Equatable {
    /// The directory; -1 where events were lost.
    public let directory: Int32
    /// In the directory; empty where it is the directory itself.
    public let name: String
    public let isDirectory: Bool
    /// The directory itself is gone, and tells nothing any more.
    public let isEnd: Bool
    /// Something new stands under that name.
    public let isNew: Bool
  }

  /// Whole events, as one read gives them.
  public static func events(in bytes: [UInt8]) -> [Event] {
    var events: [Event] = []
    var rest = bytes[...]
    func number(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[bytes.startIndex + offset + $1]) << (8 * UInt32($1)) }
    }
    while rest.count >= 16 {
      let mask = number(rest, at: 4)
      let length = Int(number(rest, at: 12))
      guard rest.count >= 16 + length else { break }
      let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
      events.append(
        Event(
          directory: Int32(bitPattern: number(rest, at: 0)), name: String(decoding: name, as: UTF8.self),
          isDirectory: mask & 0x4000_0000 != 0, isEnd: mask & 0x8000 != 0, isNew: mask & 0x180 != 0))
      rest = rest.dropFirst(16 + length)
    }
    return events
  }
}

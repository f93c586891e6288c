import DockerAPI
import JSON
import Linux

/// The logs of containers that are gone, by the names they had: the latest of each name.
///
/// `DIRECTORY/NAME/log`, turned files beside it, `about.json`. Nothing of it is needed: what is lost at a crash is lost.
struct PreviousLogs: Sendable {
  /// Beyond these the oldest go.
  static let mostNames = 100
  static let mostBytes: Int64 = 64 << 20
  static let longestSeconds: Int64 = 7 * 24 * 3600
  /// No log takes longer to be put here.
  static let mostSecondsToKeep: Int64 = 60

  struct About: Codable, Sendable, Equatable {
    var id: String
    var terminal: Bool
  }

  let directory: String

  /// Takes the files of a container's log over; one that wrote nothing leaves nothing, of an earlier one either.
  func keep(_ path: String, name: String, _ about: About) throws(SyscallError) {
    guard Self.isName(name) else { return }
    let (place, base) = Self.split(path)
    let files = try Files.names(in: place).filter { $0.hasPrefix(base) }
    let sizes = files.map { Self.size("\(place)/\($0)") }
    guard sizes.contains(where: { $0 > 0 }) else { return try forget(name) }
    let new = "\(directory)/.\(name)"
    try Self.removeTree(new)
    try Files.makeDirectories(new, mode: 0o700)
    for file in files { try Files.rename("\(place)/\(file)", to: "\(new)/log\(file.dropFirst(base.count))") }
    try Files.write("\(new)/about.json", JSON.encode(about), mode: 0o600)
    try forget(name)
    try Files.rename(new, to: "\(directory)/\(name)")
  }

  /// Without a log there is none of this name any more.
  func take(_ path: String?, name: String, _ about: About) throws(SyscallError) {
    if let path { try keep(path, name: name, about) } else { try forget(name) }
  }

  func forget(_ name: String) throws(SyscallError) {
    if Self.isName(name) { try Self.removeTree("\(directory)/\(name)") }
  }

  /// The log of the container that had this name, or whose id begins like this.
  func find(_ reference: String) -> (path: String, about: About)? {
    guard Self.isName(reference) else { return nil }
    if let about = about(reference) { return ("\(directory)/\(reference)/log", about) }
    guard reference.utf8.count >= 4 else { return nil }
    for name in names() {
      if let about = about(name), about.id.hasPrefix(reference) { return ("\(directory)/\(name)/log", about) }
    }
    return nil
  }

  /// Removes what is too old, and the oldest of what is too much. `now` in seconds since 1970.
  func tidy(now: Int64) throws(SyscallError) {
    var kept: (names: Int, bytes: Int64) = (0, 0)
    for entry in entries() {
      kept.names += 1
      kept.bytes += entry.bytes
      // The latest stays, however large.
      let isTooMuch = kept.names > Self.mostNames || kept.bytes > Self.mostBytes && kept.names > 1
      // What a crash left half done; a younger one may be being kept right now.
      let isLeftOver = entry.name.hasPrefix(".") && now - entry.time > Self.mostSecondsToKeep
      if isTooMuch || now - entry.time > Self.longestSeconds || isLeftOver {
        try Self.removeTree("\(directory)/\(entry.name)")
        kept.bytes -= entry.bytes
      }
    }
  }

  /// The newest first.
  private func entries() -> [(name: String, time: Int64, bytes: Int64)] {
    names(hidden: true).map { name in
      let place = "\(directory)/\(name)"
      // What goes away meanwhile has no size.
      let files = (try? Files.names(in: place)) ?? []
      let time = (try? Files.status(place).modified.seconds) ?? 0
      return (name, time, files.reduce(0) { $0 + Self.size("\(place)/\($1)") })
    }.sorted { ($0.time, $0.name) > ($1.time, $1.name) }
  }

  private func names(hidden: Bool = false) -> [String] {
    // Without the directory there are none.
    ((try? Files.names(in: directory)) ?? []).filter { hidden || !$0.hasPrefix(".") }
  }

  private func about(_ name: String) -> About? {
    // What cannot be read is as good as gone.
    guard let bytes = try? Files.read("\(directory)/\(name)/about.json") else { return nil }
    return try? JSON.decode(About.self, from: bytes)
  }

  /// A container's name, which cannot lead out of the directory.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count < 250 && !text.hasPrefix(".")
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
          || [0x2d, 0x2e, 0x5f].contains($0)
      }
  }

  private static func split(_ path: String) -> (place: String, base: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  private static func size(_ path: String) -> Int64 {
    // What is not there is empty.
    (try? Files.status(path).size) ?? 0
  }

  private static func removeTree(_ path: String) throws(SyscallError) {
    if Files.exist(path) { try Files.removeTree(path) }
  }
}

extension Containers {
  var previousLogs: PreviousLogs { PreviousLogs(directory: "\(services.settings.dataRoot)/previous-logs") }
}

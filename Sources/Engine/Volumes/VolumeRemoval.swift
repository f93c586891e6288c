import Linux

/// A volume's directory on its way out: put aside before its record goes, deleted after it has. An engine that is killed in
/// between leaves a volume that is whole or one that is gone, never old files for the next volume of that name.
struct VolumeRemoval {
  private let directory: String
  private let place: String
  private let aside: String

  init(of name: String, in root: String) {
    directory = "\(root)/\(name)"
    place = Self.place(root)
    aside = "\(place)/\(name)"
  }

  /// No volume has this name: theirs begin with a letter or a digit.
  private static func place(_ root: String) -> String { "\(root)/.removed" }

  /// Takes the directory out of the volumes'; one that is not there is fine. Refused while something is mounted in it: what
  /// is there belongs to somebody else.
  func begin() throws(SyscallError) {
    guard try !VolumeMount.isMountedBelow(directory) else {
      throw SyscallError(call: "remove", subject: directory, errno: .busy)
    }
    try Files.makeDirectories(place, mode: 0o700)
    try finish()
    if Files.exist(directory) { try Files.rename(directory, to: aside) }
  }

  /// Puts it back.
  func undo() throws(SyscallError) {
    if Files.exist(aside) { try Files.rename(aside, to: directory) }
  }

  /// Deletes it; one that is not there is fine.
  func finish() throws(SyscallError) { try Files.removeTree(aside) }

  /// Ends what an engine before this one has begun: a volume that still has its record gets its directory back.
  static func finishAll(in root: String, isKept: (String) -> Bool) throws(SyscallError) {
    guard Files.exist(place(root)) else { return }
    for name in try Files.names(in: place(root)) {
      let removal = VolumeRemoval(of: name, in: root)
      if isKept(name), !Files.exist(removal.directory) { try removal.undo() } else { try removal.finish() }
    }
  }
}

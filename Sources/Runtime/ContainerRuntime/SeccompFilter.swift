import Linux
import OCISpec

/// A compiled filter. Compiling Docker's default profile takes 13 ms, reading it back 0.1: programs are
/// kept in files beside the profile they were made from.
struct SeccompFilter {
  let program: [UInt8]
  let flags: UInt32
  /// Whether somebody must answer calls of the process.
  var notifies: Bool { flags & SeccompActions.newListener != 0 }

  /// Loads the filter of the calling process, for ever. The answer is the listener's descriptor; nil without.
  func load() throws(RuntimeError) -> Int32? {
    let answer = try step("load the seccomp filter") { () throws(SyscallError) in
      try ProcessAttributes.loadFilter(program, flags: flags)
    }
    return notifies ? answer : nil
  }

  /// The filter of a section, from the directory of kept ones if it is there.
  static func prepare(_ section: Bundle.Seccomp, cache: String) throws(RuntimeError) -> SeccompFilter {
    var flags = try SeccompActions.flags(section.flags)
    if section.hasAgent { flags |= SeccompActions.newListener } else { flags &= ~SeccompActions.waitKillable }
    let profile = canonical(section)
    let path = "\(cache)/\(String(fingerprint(profile), radix: 16))"
    if let program = read(path, of: profile) { return SeccompFilter(program: program, flags: flags) }
    let program = try SeccompCompiler.compile(section)
    guard program.count / 8 <= 4096 else {
      throw RuntimeError(
        .invalid, "the seccomp profile makes \(program.count / 8) instructions, the kernel takes 4096")
    }
    // Without the file the next container compiles once more.
    try? Files.makeDirectories(cache, mode: 0o700)
    // As above.
    try? Files.replace(path, length(profile.count) + profile + program, mode: 0o600, durable: false)
    return SeccompFilter(program: program, flags: flags)
  }

  /// The program, if the file was made from just this profile: a fingerprint alone could be that of another.
  private static func read(_ path: String, of profile: [UInt8]) -> [UInt8]? {
    // Not there yet, or not readable: compiled anew.
    guard let bytes = try? Files.read(path) else { return nil }
    let start = 4 + profile.count
    guard bytes.count > start, bytes[..<4].elementsEqual(length(profile.count)),
      bytes[4..<start].elementsEqual(profile), (bytes.count - start) % 8 == 0
    else { return nil }
    return Array(bytes[start...])
  }

  private static func length(_ count: Int) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: count >> $0) }
  }

  /// All that decides the program, as bytes; the first is the version of the compiler above.
  static func canonical(_ section: Bundle.Seccomp) -> [UInt8] {
    var bytes: [UInt8] = [2]
    func add(_ text: String) {
      bytes += text.utf8
      bytes.append(0)
    }
    add(section.defaultAction)
    add("\(section.defaultErrnoRet ?? .max)")
    for architecture in section.architectures { add(architecture) }
    for rule in section.syscalls {
      bytes.append(1)
      for name in rule.names { add(name) }
      bytes.append(2)
      add(rule.action)
      add("\(rule.errnoRet ?? .max)")
      for argument in rule.args {
        add("\(argument.index) \(argument.op) \(argument.value) \(argument.valueTwo ?? 0)")
      }
    }
    return bytes
  }

  /// FNV-1a.
  private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

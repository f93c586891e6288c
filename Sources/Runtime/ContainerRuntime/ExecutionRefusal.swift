import Linux

/// Why the kernel does not execute a file that is there: read from the file itself, as the process that tried.
///
/// Carriage returns behind `#!/bin/sh`, an interpreter or loader that is not there, another machine's program: of all of
/// these the kernel says `no such file or directory` or `exec format error`.
public enum ExecutionRefusal {
  private static let mostBytes = 4096

  /// The kernel's words, and behind them what is wrong with the file, where that can be seen.
  public static func text(_ path: String, _ errno: Errno) -> String {
    let words = "exec \(path): \(errno.lowercased)"
    guard errno == .noSuchFile || errno == .execFormat || errno == .permissionDenied else { return words }
    // A file that its user may execute and not read says nothing of itself.
    guard let head = try? head(of: path) else { return words }
    return reason(path, head, Files.exist).map { "\(words): \($0)" } ?? words
  }

  /// What the kernel passes on as it stands, and the interpreter stumbles over: `#!/usr/bin/env python3` that ends in a
  /// carriage return. Nil where nothing is wrong, or the kernel itself will refuse the file.
  static func advice(_ path: String) -> String? {
    // What cannot be read cannot be judged.
    guard let head = try? head(of: path) else { return nil }
    return advice(path, head)
  }

  static func advice(_ path: String, _ head: [UInt8]) -> String? {
    let line = head.dropFirst(2).prefix { $0 != 0x0a }
    guard head.starts(with: Array("#!".utf8)), line.last == 0x0d else { return nil }
    let words = line.dropLast().split { $0 == 0x20 || $0 == 0x09 }
    // Without an argument the kernel looks for an interpreter of that name.
    guard words.count > 1, let last = words.last else { return nil }
    let argument = String(decoding: last.prefix(200), as: UTF8.self)
    let interpreter = String(decoding: words[0].prefix(200), as: UTF8.self)
    return
      "line 1 of \(path) ends in a carriage return (CRLF), so \(interpreter) is given \"\(argument)\\r\": \(savingAdvice)"
  }

  private static let savingAdvice = "save the file with LF line ends (sed -i 's/\\r$//' FILE)"

  private static func head(of path: String) throws(SyscallError) -> [UInt8] {
    try FileDescriptor.open(path, .readOnly).read(upTo: mostBytes)
  }

  /// - Parameter exists: whether a path is there for the process.
  static func reason(_ path: String, _ head: [UInt8], _ exists: (String) -> Bool) -> String? {
    if head.isEmpty { return "the file is empty" }
    if head.starts(with: Array("#!".utf8)) { return scriptReason(path, head, exists) }
    if let program = ProgramHeader(head) { return programReason(program, exists) }
    if head.prefix(64).contains(0) { return "the file is neither a Linux program nor a script" }
    return "its first line does not name an interpreter: begin it with #!/bin/sh, or run it by sh \(path)"
  }

  private static func scriptReason(_ path: String, _ head: [UInt8], _ exists: (String) -> Bool) -> String? {
    let line = head.dropFirst(2).prefix { $0 != 0x0a }
    let name = line.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 && $0 != 0x09 }
    let interpreter = String(decoding: name.filter { $0 != 0x0d }.prefix(200), as: UTF8.self)
    if interpreter.isEmpty { return "line 1 of \(path) names no interpreter behind #!" }
    if name.last == 0x0d {
      return "line 1 of \(path) ends in a carriage return (CRLF), so the interpreter it names is"
        + " \"\(interpreter)\\r\": \(savingAdvice)"
    }
    if !exists(interpreter) {
      return "line 1 of \(path) names the interpreter \(interpreter), which the container does not have"
    }
    return nil
  }

  private static func programReason(_ program: ProgramHeader, _ exists: (String) -> Bool) -> String? {
    if !ProgramHeader.runnable.contains(program.machine) {
      return "the program is built for \(program.machineName), this machine is \(ProgramHeader.ownName):"
        + " build or pull it for this platform"
    }
    guard let loader = program.loader, !exists(loader) else { return nil }
    let origin =
      loader.contains("musl")
      ? " (built for musl, as on Alpine)"
      : loader.contains("ld-linux") ? " (built for glibc, which Alpine does not have)" : ""
    return "the program needs the loader \(loader)\(origin), which the container does not have"
  }
}

/// What an ELF file (elf(5)) says of where it runs.
struct ProgramHeader: Equatable {
  let machine: UInt16
  /// Of a program that is linked dynamically, where it stands near the file's beginning, as linkers put it.
  let loader: String?

  private static let names: [UInt16: String] = [
    3: "i386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64", 183: "aarch64",
    243: "riscv64", 258: "loongarch64",
  ]

  #if arch(x86_64)
    static let runnable: Set<UInt16> = [62, 3]
    static let ownName = "x86_64"
  #else
    static let runnable: Set<UInt16> = [183, 40]
    static let ownName = "aarch64"
  #endif

  var machineName: String { Self.names[machine] ?? "machine \(machine)" }

  /// Nil for what is no ELF file.
  init?(_ head: [UInt8]) {
    guard head.count >= 64, head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return nil }
    let isWide = head[4] == 2
    let isBig = head[5] == 2
    func number(_ place: Int, _ size: Int) -> Int? {
      guard place >= 0, place + size <= head.count else { return nil }
      let bytes = head[place..<place + size]
      let value = (isBig ? Array(bytes) : bytes.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Int(exactly: value)
    }
    machine = UInt16(number(18, 2) ?? 0)
    guard let table = isWide ? number(32, 8) : number(28, 4), table < head.count,
      let size = number(isWide ? 54 : 42, 2), let count = number(isWide ? 56 : 44, 2)
    else {
      loader = nil
      return
    }
    var found: String?
    for index in 0..<min(count, 64) {
      let entry = table + index * size
      // PT_INTERP
      guard number(entry, 4) == 3, let place = isWide ? number(entry + 8, 8) : number(entry + 4, 4),
        place < head.count
      else { continue }
      found = String(decoding: head[place...].prefix { $0 != 0 }.prefix(200), as: UTF8.self)
    }
    loader = found
  }
}

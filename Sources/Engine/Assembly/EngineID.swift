import Linux

/// What an engine is known by: made once, kept in its data root.
enum EngineID {
  static func read(_ dataRoot: String) throws(SyscallError) -> String {
    let path = "\(dataRoot)/engine-id"
    // A file that is missing or unreadable is made anew.
    if let kept = try? Files.text(path), kept.count == 36 { return kept }
    let id = random()
    try Files.replace(path, id.utf8)
    return id
  }

  /// A version 4 UUID.
  private static func random() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0f | 0x40
    bytes[8] = bytes[8] & 0x3f | 0x80
    let digits = bytes.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
  }
}

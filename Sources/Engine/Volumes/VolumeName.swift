import EngineErrors

/// The names that docker lets a local volume have.
enum VolumeName {
  static func check(_ name: String) throws(EngineError) {
    guard name.utf8.count > 1 else {
      throw EngineError(
        .invalidArgument,
        "create \(name): volume name is too short, names should be at least two alphanumeric characters")
    }
    guard name.utf8.count <= 255, let first = name.utf8.first, isWord(first),
      name.utf8.allSatisfy({ isWord($0) || "_.-".utf8.contains($0) })
    else {
      throw EngineError(
        .invalidArgument,
        "create \(name): \"\(name)\" includes invalid characters for a local volume name, only "
          + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
      )
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

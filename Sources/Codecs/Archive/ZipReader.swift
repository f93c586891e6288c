/// The regular files of a small zip archive that is in memory (PKWARE's APPNOTE): stored and deflated members, by the
/// central directory. No encryption, no parts, no sizes beyond 4 GiB.
public struct ZipReader {
  public struct Member: Sendable {
    public let name: String
    public let content: [UInt8]
    public init(name: String, content: [UInt8]) {
      self.name = name
      self.content = content
    }
  }

  private let bytes: [UInt8]

  /// Whether bytes begin as a zip archive does, also an empty one.
  public static func isZip(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x50, 0x4b, 3, 4]) || bytes.starts(with: [0x50, 0x4b, 5, 6])
  }

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// At most `most` members, of at most `limit` bytes together, each checked by its sum. Directories and links are passed
  /// over.
  public func members(most: Int, limit: Int) throws(ArchiveError) -> [Member] {
    let end = try directoryEnd()
    let count = try number(end + 10, 2)
    guard count <= most else { throw .tooLarge("more than \(most) files in the zip archive") }
    var place = try number(end + 16, 4)
    var members: [Member] = []
    var left = limit
    for _ in 0..<count {
      guard try number(place, 4) == 0x0201_4b50 else { throw Self.broken }
      let (nameSize, extraSize, noteSize) = (
        try number(place + 28, 2), try number(place + 30, 2), try number(place + 32, 2)
      )
      let name = String(decoding: try slice(place + 46, nameSize), as: UTF8.self)
      if try isRegular(place), !name.hasSuffix("/") {
        let content = try content(place, limit: left)
        left -= content.count
        members.append(Member(name: name, content: content))
      }
      place += 46 + nameSize + extraSize + noteSize
    }
    return members
  }

  private static let broken = ArchiveError.zip("the archive is broken")

  /// The record at the end stands before a note of at most 65,535 bytes.
  private func directoryEnd() throws(ArchiveError) -> Int {
    var place = bytes.count - 22
    while place >= max(0, bytes.count - 22 - 65_535) {
      if try number(place, 4) == 0x0605_4b50, try number(place + 20, 2) == bytes.count - place - 22 {
        return place
      }
      place -= 1
    }
    throw Self.broken
  }

  /// Made under Unix the archive says what each member is; elsewhere there are files and directories alone.
  private func isRegular(_ entry: Int) throws(ArchiveError) -> Bool {
    guard try number(entry + 5, 1) == 3 else { return true }
    let kind = try number(entry + 38, 4) >> 16 & 0o170000
    return kind == 0o100000 || kind == 0
  }

  private func content(_ entry: Int, limit: Int) throws(ArchiveError) -> [UInt8] {
    guard try number(entry + 8, 2) & 1 == 0 else { throw .zip("the archive is encrypted") }
    let (method, sum) = (try number(entry + 10, 2), try number(entry + 16, 4))
    let (packed, size) = (try number(entry + 20, 4), try number(entry + 24, 4))
    guard size <= limit else { throw .tooLarge("more than \(limit) bytes in the zip archive") }
    let local = try number(entry + 42, 4)
    guard try number(local, 4) == 0x0403_4b50 else { throw Self.broken }
    let start = try local + 30 + number(local + 26, 2) + number(local + 28, 2)
    let data = try slice(start, packed)
    let content: [UInt8]
    switch method {
    case 0: content = Array(data)
    case 8: content = try Inflate.data(data, limit: size)
    default:
      throw .zip("the archive is compressed by method \(method): stored and deflated files can be read")
    }
    guard content.count == size, Int(Self.sum(content)) == sum else { throw Self.broken }
    return content
  }

  private func slice(_ start: Int, _ count: Int) throws(ArchiveError) -> ArraySlice<UInt8> {
    guard start >= 0, count >= 0, start <= bytes.count, bytes.count - start >= count else {
      throw Self.broken
    }
    return bytes[start..<start + count]
  }

  /// A number of so many bytes, the lowest first.
  private func number(_ place: Int, _ size: Int) throws(ArchiveError) -> Int {
    try slice(place, size).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// CRC-32 (ISO 3309), bit by bit: the archives are small.
  static func sum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xffff_ffff
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xedb8_8320) }
    }
    return ~sum
  }
}

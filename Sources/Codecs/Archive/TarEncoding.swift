extension TarEntry {
  /// The header blocks of this entry: a pax header first, where ustar's fields are too small.
  func encoded() -> [UInt8] {
    var pax = PaxRecords()
    let (prefix, name) = placePath(&pax)
    var block = [UInt8](repeating: 0, count: TarField.blockSize)
    block.put(name, TarField.name)
    block.put(prefix, TarField.prefix)
    block.putOctal(UInt64(mode & 0o7777), TarField.mode)
    placeNumber("uid", UInt64(uid), TarField.uid, &block, &pax)
    placeNumber("gid", UInt64(gid), TarField.gid, &block, &pax)
    placeNumber("size", size, TarField.size, &block, &pax)
    placeTime(&block, &pax)
    placeKind(&block, &pax)
    for attribute in attributes.sorted(by: { $0.name < $1.name }) {
      pax.add("SCHILY.xattr.\(attribute.name)", attribute.value)
    }
    block.seal()
    return pax.records.isEmpty ? block : paxBlocks(pax, name) + block
  }

  /// Splits a path of up to 255 ASCII bytes between prefix and name; anything else goes into a pax record.
  private func placePath(_ pax: inout PaxRecords) -> (prefix: [UInt8], name: [UInt8]) {
    let isPlain = path.allSatisfy { $0 < 0x80 }
    if path.count <= 100 && isPlain { return ([], path) }
    if isPlain, path.count <= 256 {
      let earliest = max(1, path.count - 101)
      let cut = (earliest..<min(156, path.count - 1)).first { path[$0] == UInt8(ascii: "/") }
      if let cut { return (Array(path[..<cut]), Array(path[(cut + 1)...])) }
    }
    pax.add("path", path)
    return ([], Array(path.filter { $0 < 0x80 }.suffix(100)))
  }

  private func placeNumber(
    _ key: String, _ value: UInt64, _ field: Range<Int>, _ block: inout [UInt8], _ pax: inout PaxRecords
  ) {
    let fits = value < 1 << (3 * UInt64(field.count - 1))
    if !fits { pax.add(key, Array(String(value).utf8)) }
    block.putOctal(fits ? value : 0, field)
  }

  private func placeTime(_ block: inout [UInt8], _ pax: inout PaxRecords) {
    let isPlain = modified.nanoseconds == 0 && modified.seconds >= 0 && modified.seconds < 1 << 33
    if !isPlain { pax.add("mtime", Array(modified.text.utf8)) }
    block.putOctal(UInt64(min(max(0, modified.seconds), 1 << 33 - 1)), TarField.modified)
  }

  private func placeKind(_ block: inout [UInt8], _ pax: inout PaxRecords) {
    var type = UInt8(ascii: "0")
    var device: (major: UInt32, minor: UInt32)?
    var link: [UInt8] = []
    switch kind {
    case .file: break
    case .directory: type = UInt8(ascii: "5")
    case .hardLink(let target): (type, link) = (UInt8(ascii: "1"), target)
    case .symbolicLink(let target): (type, link) = (UInt8(ascii: "2"), target)
    case .characterDevice(let major, let minor): (type, device) = (UInt8(ascii: "3"), (major, minor))
    case .blockDevice(let major, let minor): (type, device) = (UInt8(ascii: "4"), (major, minor))
    case .fifo: type = UInt8(ascii: "6")
    }
    block[TarField.type] = type
    if link.count > 100 || !link.allSatisfy({ $0 < 0x80 }) {
      pax.add("linkpath", link)
      link = Array(link.filter { $0 < 0x80 }.prefix(100))
    }
    block.put(link, TarField.linkName)
    // A device number has 12 bits of major and 20 of minor: seven octal digits hold both.
    block.putOctal(UInt64(device?.major ?? 0), TarField.deviceMajor)
    block.putOctal(UInt64(device?.minor ?? 0), TarField.deviceMinor)
  }

  private func paxBlocks(_ pax: PaxRecords, _ name: [UInt8]) -> [UInt8] {
    let records = pax.bytes
    let last = name.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
    var block = [UInt8](repeating: 0, count: TarField.blockSize)
    block.put(Array((Array("PaxHeaders.0/".utf8) + last).prefix(100)), TarField.name)
    block.putOctal(0o644, TarField.mode)
    for field in [TarField.uid, TarField.gid, TarField.modified] { block.putOctal(0, field) }
    block.putOctal(UInt64(records.count), TarField.size)
    block[TarField.type] = UInt8(ascii: "x")
    block.seal()
    return block + records + [UInt8](repeating: 0, count: TarField.padding(UInt64(records.count)))
  }
}

extension TarTime {
  /// Seconds with the shortest fraction that says the nanoseconds.
  var text: String {
    guard nanoseconds > 0 else { return String(seconds) }
    let before1970 = seconds < 0
    let whole = before1970 ? -(seconds + 1) : seconds
    let fraction = before1970 ? 1_000_000_000 - nanoseconds : nanoseconds
    var digits = String(fraction)
    digits = String(repeating: "0", count: 9 - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(before1970 ? "-" : "")\(whole).\(digits)"
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ bytes: [UInt8], _ field: Range<Int>) {
    replaceSubrange(field.lowerBound..<(field.lowerBound + bytes.count), with: bytes)
  }

  /// Zero-padded octal digits, then a NUL.
  fileprivate mutating func putOctal(_ value: UInt64, _ field: Range<Int>) {
    var rest = value
    for at in field.dropLast().reversed() {
      self[at] = UInt8(ascii: "0") + UInt8(rest & 7)
      rest >>= 3
    }
  }

  /// Magic and checksum.
  fileprivate mutating func seal() {
    put(Array("ustar\000".utf8), TarField.magic)
    let sum = withUnsafeBytes { TarField.sums($0).unsigned }
    putOctal(UInt64(sum), TarField.checksum.dropLast())
    self[TarField.checksum.upperBound - 1] = UInt8(ascii: " ")
  }
}

/// Values to bytes, little endian, each aligned from the message's beginning (D-Bus specification, Marshaling).
struct BusWriter {
  private(set) var bytes: [UInt8] = []

  mutating func align(to boundary: Int) {
    while bytes.count % boundary != 0 { bytes.append(0) }
  }

  mutating func number(_ value: UInt32) {
    align(to: 4)
    for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  private mutating func wide(_ value: UInt64) {
    align(to: 8)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  mutating func raw(_ more: [UInt8]) { bytes += more }

  mutating func write(_ value: BusValue) {
    switch value {
    case .byte(let byte): bytes.append(byte)
    case .boolean(let flag): number(flag ? 1 : 0)
    case .int32(let value): number(UInt32(bitPattern: value))
    case .uint32(let value): number(value)
    case .int64(let value): wide(UInt64(bitPattern: value))
    case .uint64(let value): wide(value)
    case .string(let text), .path(let text):
      number(UInt32(text.utf8.count))
      bytes += text.utf8
      bytes.append(0)
    case .signature(let text): write(signature: text)
    case .array(let element, let values): write(element, values)
    case .structure(let fields):
      align(to: 8)
      for field in fields { write(field) }
    case .variant(let inner):
      write(signature: inner.signature)
      write(inner)
    }
  }

  private mutating func write(signature text: String) {
    bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
    bytes += text.utf8
    bytes.append(0)
  }

  /// The length counts what stands behind the padding to the first element.
  private mutating func write(_ element: String, _ values: [BusValue]) {
    number(0)
    let place = bytes.count - 4
    align(to: BusValue.alignment(element.utf8.first ?? 0))
    let start = bytes.count
    for value in values { write(value) }
    let length = UInt32(bytes.count - start)
    for (index, shift) in ([0, 8, 16, 24] as [UInt32]).enumerated() {
      bytes[place + index] = UInt8(truncatingIfNeeded: length >> shift)
    }
  }
}

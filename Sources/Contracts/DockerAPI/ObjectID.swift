/// The identifiers of containers, networks, endpoints and anonymous volumes: 64 hexadecimal digits.
public enum ObjectID {
  /// A new one, from the kernel's random numbers.
  public static func random() -> String {
    (0..<4).map { _ in hex(UInt64.random(in: 0 ... .max)) }.joined()
  }

  /// What users see and type: the first 12 digits.
  public static func short(_ id: String) -> String { String(id.prefix(12)) }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

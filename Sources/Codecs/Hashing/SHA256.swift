import CCrypto

/// SHA-256 (FIPS 180-4) over bytes that arrive in pieces. One user at a time.
public final class SHA256 {
  private let context: OpaquePointer

  /// Fetched once: EVP's implicit fetch at every start costs more than hashing a small value.
  nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  public init() {
    guard let context = EVP_MD_CTX_new() else { fatalError("out of memory") }
    self.context = context
    start()
  }

  deinit { EVP_MD_CTX_free(context) }

  private func start() {
    precondition(EVP_DigestInit_ex(context, Self.algorithm, nil) == 1, "libcrypto offers no SHA-256")
  }

  /// Adds bytes to what is hashed.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "EVP_DigestUpdate failed")
  }

  /// Adds bytes to what is hashed.
  public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes(update) }

  /// Adds bytes to what is hashed.
  public func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes(update) }

  /// The 32 bytes of the hash; afterwards the object starts over with nothing hashed.
  public func finish() -> [UInt8] {
    let hash = [UInt8](unsafeUninitializedCapacity: 32) { buffer, filled in
      precondition(EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1, "EVP_DigestFinal_ex failed")
      filled = 32
    }
    start()
    return hash
  }

  /// The hash as 64 lower-case hexadecimal digits; afterwards the object starts over.
  public func finishHex() -> String { Hex.text(finish()) }

  /// The 32 bytes of the hash of `bytes`.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    let hasher = SHA256()
    hasher.update(bytes)
    return hasher.finish()
  }

  /// The hash of `bytes` as 64 lower-case hexadecimal digits.
  public static func hex(of bytes: [UInt8]) -> String { Hex.text(hash(bytes)) }

  /// The hash of the text's UTF-8 as 64 lower-case hexadecimal digits.
  public static func hex(of text: String) -> String { hex(of: Array(text.utf8)) }
}

import CCrypto

/// SHA-1 (FIPS 180-4), for protocols that ask for it where nothing depends on its strength.
public enum SHA1 {
  /// 20 bytes.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 20)
    guard EVP_Q_digest(nil, "SHA1", nil, bytes, bytes.count, &digest, nil) == 1 else {
      fatalError("libcrypto has no SHA-1")
    }
    return digest
  }
}

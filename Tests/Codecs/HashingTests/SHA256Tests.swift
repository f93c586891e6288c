import Testing

@testable import Hashing

@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]) func `the standard's examples come out`(text: String, hash: String) {
    #expect(SHA256.hex(of: text) == hash)
  }

  @Test func `pieces hash as the whole does`() {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let hasher = SHA256()
    var at = 0
    var step = 1
    while at < bytes.count {
      let end = min(bytes.count, at + step)
      hasher.update(bytes[at..<end])
      at = end
      step = step &* 3 % 1000 + 1
    }
    #expect(hasher.finishHex() == SHA256.hex(of: bytes))
  }

  @Test func `a hasher starts over after it finished`() {
    let hasher = SHA256()
    hasher.update(Array("first".utf8))
    _ = hasher.finish()
    hasher.update(Array("abc".utf8))
    #expect(hasher.finishHex() == SHA256.hex(of: "abc"))
  }

  @Test func `hexadecimal text goes there and back`() {
    #expect(Hex.text([0, 15, 255]) == "000fff")
    #expect(Hex.bytes("000FfF") == [0, 15, 255])
    #expect(Hex.bytes("0") == nil)
    #expect(Hex.bytes("0g") == nil)
  }
}

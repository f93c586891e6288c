/// The ids of containers, images and anonymous volumes, in full: 64 lower-case hexadecimal digits.
public enum WholeID {
  public static func matches(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy(ReferenceGrammar.isLowerHex)
  }
}

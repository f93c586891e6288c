import Testing
import TextFormats

struct GoQuoteTests {
  @Test(arguments: [
    ("", #""""#), ("sh -c 'a \"b\"'", #""sh -c 'a \"b\"'""#), ("a\\b", #""a\\b""#), ("日本…", #""日本…""#),
    ("é\u{301}☃🚢", "\"é\u{301}☃🚢\""), ("a\u{200B}b\u{A0}c\u{E000}", #""a\u200bb\u00a0c\ue000""#),
    ("\u{E0001}\u{10FFFF}", #""\U000e0001\U0010ffff""#),
    ("\n\t\r\u{7}\u{1}\u{7F}\u{85}", #""\n\t\r\a\x01\x7f\u0085""#),
  ])
  func `texts are quoted as Go quotes them`(text: String, quoted: String) {
    #expect(GoQuote.text(text) == quoted)
  }
}

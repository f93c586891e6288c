extension Unicode.Scalar {
  var isSpace: Bool { properties.isWhitespace }
}

extension StringProtocol {
  /// The text without white space at both ends.
  var trimmed: String {
    var rest = String(self).unicodeScalars[...]
    while rest.first?.isSpace == true { rest.removeFirst() }
    while rest.last?.isSpace == true { rest.removeLast() }
    return String(rest)
  }

  /// The words between runs of blanks, without empty ones.
  var words: [String] {
    String(self).unicodeScalars.split(whereSeparator: { $0.isSpace }).map { String($0) }
  }

  /// The first word and the rest behind the blanks that follow it.
  var firstWordAndRest: (word: String, rest: String) {
    let scalars = trimmed.unicodeScalars
    let end = scalars.firstIndex(where: \.isSpace) ?? scalars.endIndex
    return (String(scalars[..<end]), String(scalars[end...]).trimmed)
  }

  /// The parts before and behind the first `=`; nil where there is none.
  var keyAndValue: (key: String, value: String)? {
    guard let equals = utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    return (String(self[..<equals]), String(self[index(after: equals)...]))
  }
}

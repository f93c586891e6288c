/// Truth values and numbers as Go's strconv reads them, with its complaints.
public enum GoValues {
  /// strconv.ParseBool; nil for what is no truth value.
  public static func bool(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }

  static let complaintAboutBool: @Sendable (String) -> String? = { text in
    bool(text) == nil ? "strconv.ParseBool: parsing \"\(text)\": invalid syntax" : nil
  }

  static let complaintAboutInt: @Sendable (String) -> String? = { text in
    if Int(text) != nil { return nil }
    let digits = text.drop { $0 == "-" || $0 == "+" }
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) }
    return "strconv.ParseInt: parsing \"\(text)\": \(isNumber ? "value out of range" : "invalid syntax")"
  }

  static let complaintAboutUInt: @Sendable (String) -> String? = { text in
    UInt(text) == nil ? "strconv.ParseUint: parsing \"\(text)\": invalid syntax" : nil
  }
}

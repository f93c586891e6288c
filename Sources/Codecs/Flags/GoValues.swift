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

  public static let complaintAboutBool: @Sendable (String) -> String? = { text in
    bool(text) == nil ? "strconv.ParseBool: parsing \"\(text)\": invalid syntax" : nil
  }

  static let complaintAboutInt: @Sendable (String) -> String? = { text in
    Int(text) == nil ? complaint("ParseInt", text, isSigned: true) : nil
  }

  static let complaintAboutUInt: @Sendable (String) -> String? = { text in
    UInt(text) == nil ? complaint("ParseUint", text, isSigned: false) : nil
  }

  public static let complaintAboutUInt16: @Sendable (String) -> String? = { text in
    UInt16(text) == nil ? complaint("ParseUint", text, isSigned: false) : nil
  }

  /// What strconv's function says of a text that is no number of its kind.
  private static func complaint(_ function: String, _ text: String, isSigned: Bool) -> String {
    let digits = isSigned ? text.drop { $0 == "-" || $0 == "+" } : text[...]
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) }
    return "strconv.\(function): parsing \"\(text)\": \(isNumber ? "value out of range" : "invalid syntax")"
  }
}

/// How a registry wants to be asked: a WWW-Authenticate header (RFC 9110, 11.6.1; distribution's token specification).
enum Challenge: Equatable {
  case basic
  case bearer(realm: String, service: String?, scope: String?)

  /// nil for a scheme that registries do not use.
  init?(_ header: String) {
    let scheme = header.prefix { $0 != " " }.lowercased()
    if scheme == "basic" {
      self = .basic
      return
    }
    guard scheme == "bearer" else { return nil }
    let parameters = Self.parameters(Array(header.dropFirst(scheme.count)))
    guard let realm = parameters["realm"], !realm.isEmpty else { return nil }
    self = .bearer(realm: realm, service: parameters["service"], scope: parameters["scope"])
  }

  /// `name="value, with commas",name=value`
  private static func parameters(_ text: [Character]) -> [String: String] {
    var parameters: [String: String] = [:]
    var at = 0
    while at < text.count {
      while at < text.count, text[at] == " " || text[at] == "," { at += 1 }
      let start = at
      while at < text.count, text[at] != "=" { at += 1 }
      let name = String(text[start..<at]).lowercased()
      at += 1
      var value = ""
      if at < text.count, text[at] == "\"" {
        at += 1
        while at < text.count, text[at] != "\"" {
          if text[at] == "\\", at + 1 < text.count { at += 1 }
          value.append(text[at])
          at += 1
        }
        at += 1
      } else {
        while at < text.count, text[at] != "," {
          value.append(text[at])
          at += 1
        }
      }
      if !name.isEmpty { parameters[name] = value }
    }
    return parameters
  }
}

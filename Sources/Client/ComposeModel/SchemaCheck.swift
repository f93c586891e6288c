import JSON
import TextFormats

/// Holds a tree against the schema, and words the most telling complaint as docker compose does.
struct SchemaCheck {
  private let definitions: [String: SchemaType]

  init(_ definitions: [String: SchemaType] = Grammar.compose) { self.definitions = definitions }

  /// The complaint about `tree`, nil when it fits.
  func complaint(about tree: JSONValue) -> String? {
    check(tree, .reference("root"), [])?.message
  }

  /// A complaint, and how deep in the tree it points: of several the deepest is shown.
  private struct Complaint {
    let path: [String]
    let text: String
    var specificity: Int

    init(_ path: [String], _ text: String, deeper: Int = 0) {
      self.path = path
      self.text = text
      specificity = path.count + deeper
    }

    var message: String { "\(path.joined(separator: ".")) \(text)" }
  }

  private func deepest(_ complaints: [Complaint]) -> Complaint? {
    var result: Complaint?
    for complaint in complaints where complaint.specificity > (result?.specificity ?? -1) {
      result = complaint
    }
    return result
  }

  private func check(_ value: JSONValue, _ type: SchemaType, _ path: [String]) -> Complaint? {
    switch type {
    case .any: nil
    case .reference(let name): definitions[name].flatMap { check(value, $0, path) }
    case .types(let names, let object): checkTypes(value, names, object, path)
    case .text(let allowed, let pattern): checkText(value, allowed, pattern, path)
    case .integer(let minimum, let maximum): checkInteger(value, minimum, maximum, path)
    case .object(let rules):
      if case .object(let members) = value {
        checkObject(members, rules, path)
      } else {
        mustBe(["object"], path)
      }
    case .list(let element, let unique):
      if case .array(let items) = value {
        checkList(items, element, unique, path)
      } else {
        mustBe(["array"], path)
      }
    case .oneOf(let choices): checkChoices(value, choices, path)
    }
  }

  private func mustBe(_ types: [String], _ path: [String]) -> Complaint {
    let words = types.map { $0 == "object" ? "mapping" : $0 }
    guard let only = words.first, words.count > 1 else {
      return Complaint(path, "must be a \(words.first ?? "")")
    }
    _ = only
    let sorted = words.sorted()
    return Complaint(
      path, "must be a \(sorted.dropLast().joined(separator: ", ")) or \(sorted[sorted.count - 1])")
  }

  private func checkTypes(
    _ value: JSONValue, _ names: [String], _ object: SchemaObject?, _ path: [String]
  ) -> Complaint? {
    let fits = names.contains { name in
      switch (name, value) {
      case ("string", .string), ("boolean", .bool), ("null", .null), ("object", .object), ("array", .array):
        true
      case ("number", .integer), ("number", .number), ("integer", .integer): true
      case ("integer", .number(let number)): number == number.rounded()
      default: false
      }
    }
    guard fits else { return mustBe(names, path) }
    if let object, case .object(let members) = value { return checkObject(members, object, path) }
    return nil
  }

  private func checkText(
    _ value: JSONValue, _ allowed: [String], _ pattern: SchemaPattern?, _ path: [String]
  ) -> Complaint? {
    guard case .string(let text) = value else { return mustBe(["string"], path) }
    if !allowed.isEmpty, !allowed.contains(text) {
      let list = allowed.map(GoText.singleQuoted).joined(separator: ", ")
      return Complaint(path, allowed.count == 1 ? "value must be \(list)" : "value must be one of \(list)")
    }
    if let pattern, !pattern.matches(text) {
      return Complaint(path, "\(GoText.singleQuoted(text)) does not match pattern '\(pattern.rawValue)'")
    }
    return nil
  }

  private func checkInteger(
    _ value: JSONValue, _ minimum: Int64?, _ maximum: Int64?, _ path: [String]
  ) -> Complaint? {
    guard let number = value.number, number == number.rounded() else { return mustBe(["integer"], path) }
    if let minimum, number < Double(minimum) {
      return Complaint(path, "must be greater than or equal to \(minimum)")
    }
    if let maximum, number > Double(maximum) {
      return Complaint(path, "must be less than or equal to \(maximum)")
    }
    return nil
  }

  private func checkObject(_ members: JSONObject, _ rules: SchemaObject, _ path: [String]) -> Complaint? {
    var complaints: [Complaint] = []
    let missing = rules.required.filter { members[$0] == nil }.map(GoText.singleQuoted)
    if !missing.isEmpty {
      let noun = missing.count == 1 ? "property" : "properties"
      complaints.append(Complaint(path, "missing \(noun) \(missing.joined(separator: ", "))"))
    }
    var unknown: [String] = []
    for (key, value) in members {
      if let type = rules.properties[key] {
        if let complaint = check(value, type, path + [key]) { complaints.append(complaint) }
      } else if let (pattern, type) = rules.pattern, pattern.matches(key) {
        if let complaint = check(value, type, path + [key]) { complaints.append(complaint) }
      } else if rules.closed, !(rules.allowsExtensions && key.hasPrefix("x-")) {
        unknown.append(key)
      }
    }
    if !unknown.isEmpty {
      unknown.sort()
      let list = unknown.map(GoText.singleQuoted).joined(separator: ", ")
      let hint = Suggestion.suffix(
        for: unknown, among: rules.properties.keys.sorted().filter { members[$0] == nil })
      complaints.append(Complaint(path, "additional properties \(list) not allowed\(hint)", deeper: 1))
    }
    return deepest(complaints)
  }

  private func checkList(
    _ items: [JSONValue], _ element: SchemaType, _ unique: Bool, _ path: [String]
  ) -> Complaint? {
    var complaints: [Complaint] = []
    if unique {
      var places: [JSONValue: Int] = [:]
      for (place, item) in items.enumerated() {
        if let earlier = places[item] {
          complaints.append(Complaint(path, "items at \(earlier) and \(place) are equal"))
          break
        }
        places[item] = place
      }
    }
    for (place, item) in items.enumerated() {
      if let complaint = check(item, element, path + ["\(place)"]) { complaints.append(complaint) }
    }
    return deepest(complaints)
  }

  private func checkChoices(_ value: JSONValue, _ choices: [SchemaType], _ path: [String]) -> Complaint? {
    var complaints: [Complaint] = []
    for choice in choices {
      guard let complaint = check(value, choice, path) else { return nil }
      complaints.append(complaint)
    }
    return deepest(complaints)
  }
}

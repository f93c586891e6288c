import DockerAPI
import EngineErrors
import JSON
import TextFormats

extension Containers {
  /// What `logs --details` says before every line: the labels and variables that the log options name, as
  /// `key=value,key=value`.
  public func logDetails(_ reference: String) async throws(EngineError) -> String {
    await (try find(reference)).record.logDetails
  }
}

extension ContainerRecord {
  var logDetails: String {
    let options = hostConfig.logConfig.config ?? [:]
    var found: [String: String] = [:]
    for (name, value) in config.labels ?? [:] where Self.names(name, options, "labels") {
      found[name] = value
    }
    for variable in config.env ?? [] {
      let pair = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      if pair.count == 2, Self.names(pair[0], options, "env") { found[pair[0]] = pair[1] }
    }
    if let tag = options["tag"], !tag.isEmpty { found["tag"] = logTag(tag) }
    return found.sorted { $0.key < $1.key }.map {
      "\(TemplateEscapes.urlQuery($0.key))=\(TemplateEscapes.urlQuery($0.value))"
    }
    .joined(separator: ",")
  }

  /// Whether an option lists a name, or its pattern matches it.
  private static func names(_ name: String, _ options: [String: String], _ option: String) -> Bool {
    if (options[option] ?? "").split(separator: ",").contains(where: { $0 == name }) { return true }
    guard let pattern = options["\(option)-regex"], !pattern.isEmpty else { return false }
    // It was looked at when the container was made.
    guard let expression = try? GoRegexp(pattern) else { return false }
    return expression.matches(name)
  }

  /// Docker's words for the template of a tag: `{{.Name}}/{{.ID}}`.
  private func logTag(_ template: String) -> String {
    let words: [(name: String, value: JSONValue)] = [
      ("ID", .string(shortID)), ("FullID", .string(id)), ("Name", .string(name)),
      ("ImageID", .string(String(imageID.drop { $0 != ":" }.dropFirst().prefix(12)))),
      ("ImageFullID", .string(imageID)), ("ImageName", .string(config.image)),
      ("DaemonName", .string("docker")),
      ("Command", .string(([path] + arguments).joined(separator: " "))),
    ]
    // As above; a word that is none of these is left empty.
    return (try? GoTemplate(template).render(.record(TemplateRecord(words)))) ?? ""
  }
}

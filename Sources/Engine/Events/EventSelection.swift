import DockerAPI

/// Which events a listener wants: the filters of `GET /events`, with docker's notion of a match.
struct EventSelection: Sendable {
  private let filters: Filters

  init(_ filters: Filters) { self.filters = filters }

  func includes(_ message: EventMessage) -> Bool {
    filters.accept("event") { actionMatches(message.action, wanted: $0) }
      && filters.accept("type") { $0 == message.type }
      && filters.accept("scope") { $0 == message.scope }
      && filters.accept("daemon") { $0 == message.actor.id || $0 == message.actor.attributes["name"] }
      && ["container", "network", "volume", "node", "plugin", "secret", "config", "service"].allSatisfy {
        objectMatches(message, type: $0)
      }
      && imageMatches(message)
      && filters.acceptLabels(message.actor.attributes)
  }

  /// `exec_start` means `exec_start: /bin/sh` too, and `health_status` means `health_status: healthy`.
  private func actionMatches(_ action: String, wanted: String) -> Bool {
    if action == wanted { return true }
    return ["health_status", "exec_create", "exec_start"].contains(wanted) && action.hasPrefix(wanted + ":")
  }

  private func objectMatches(_ message: EventMessage, type: String) -> Bool {
    filters.accept(type) {
      message.actor.id.hasPrefix($0) || message.actor.attributes["name"]?.hasPrefix($0) == true
    }
  }

  private func imageMatches(_ message: EventMessage) -> Bool {
    let name = message.actor.attributes[message.type == "container" ? "image" : "name"] ?? ""
    let names = [message.actor.id, name].flatMap { [$0, Self.withoutTag($0)] }
    return filters.accept("image") { names.contains($0) }
  }

  private static func withoutTag(_ name: String) -> String {
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return name }
    return String(name[..<colon])
  }
}

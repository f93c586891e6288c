/// What the words behind a command may be, by its path.
enum WordSuggestions {
  private static let running = ["running", "paused", "restarting"]

  /// `path` is how the command is called by its first names: `container`, `rm`; those at the top stand for their group's.
  static func words(
    _ path: [String], after words: [String], typed: String, _ session: Session
  ) async -> Suggestions {
    switch path.count == 1 ? "container \(path[0])" : path.joined(separator: " ") {
    case "container run", "container create": return words.isEmpty ? await LiveNames.images(session) : .files
    case "container exec", "container attach", "container top", "container port":
      return words.isEmpty ? await LiveNames.containers(session, in: running) : .files
    case "container start":
      return await LiveNames.containers(session, in: ["created", "exited"], except: words)
    case "container stop", "container kill", "container pause", "container stats":
      return await LiveNames.containers(session, in: running, except: words)
    case "container unpause": return await LiveNames.containers(session, in: ["paused"], except: words)
    case "container rm", "container restart", "container wait", "container update", "container inspect":
      return await LiveNames.containers(session, except: words)
    case "container logs", "container diff", "container commit", "container export", "container rename",
      "container explain", "container debug":
      return words.isEmpty ? await LiveNames.containers(session) : .nothing
    case "container cp": return await copy(session, typed)
    default: return await others(path, words, session)
    }
  }

  private static func others(
    _ path: [String], _ words: [String], _ session: Session
  ) async -> Suggestions {
    switch path.joined(separator: " ") {
    case "rmi", "image rm", "save", "image save", "image inspect":
      return await LiveNames.images(session, except: words)
    case "push", "image push", "history", "image history", "pull", "image pull":
      return words.isEmpty ? await LiveNames.images(session) : .nothing
    case "tag", "image tag": return words.count < 2 ? await LiveNames.images(session) : .nothing
    case "network rm", "network inspect": return await LiveNames.networks(session, except: words)
    case "network connect", "network disconnect":
      return words.isEmpty
        ? await LiveNames.networks(session)
        : words.count == 1 ? await LiveNames.containers(session) : .nothing
    case "volume rm", "volume inspect": return await LiveNames.volumes(session, except: words)
    case "context use", "context inspect", "context rm", "context export", "context update":
      return LiveNames.contexts(session)
    case "completion": return words.isEmpty ? .texts("bash", "zsh", "fish") : .nothing
    case "build", "image build", "builder build": return .directories
    case "load", "image load", "import", "image import", "context import": return .files
    default: return .nothing
    }
  }

  /// A container's name with its colon, or a file.
  private static func copy(_ session: Session, _ typed: String) async -> Suggestions {
    if typed.contains("/") || typed.contains(":") { return .files }
    var names = await LiveNames.containers(session)
    names.items = names.items.map { .init("\($0.text):", $0.about) }
    names.directive = .noSpace
    return names
  }
}

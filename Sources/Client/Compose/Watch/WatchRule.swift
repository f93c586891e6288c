import BuildContext
import ComposeModel
import JSON
import PathPatterns

/// One entry of a service's `develop.watch`: what becomes of changed files.
struct WatchRule: Sendable {
  enum Action: String, Sendable {
    case rebuild, sync, restart
    case syncRestart = "sync+restart"
    case syncExec = "sync+exec"

    var syncs: Bool { self != .rebuild && self != .restart }
  }

  let service: String
  let action: Action
  /// Absolute; a file or a directory.
  let path: String
  /// Where it is in the container; empty where nothing is copied.
  let target: String
  /// What `sync+exec` runs.
  let hook: JSONObject
  /// Files are copied at the start, too, that are newer than the image.
  let syncsFirst: Bool
  /// Nil includes everything.
  private let include: PathPatterns?
  /// What is left out, each seen from a directory.
  private let ignored: [(directory: String, patterns: PathPatterns)]

  /// Names that editors and the like leave for a moment, and repositories' own files: Docker Compose's list.
  private static let passing = [
    "**/*___jb_old___", "**/*___jb_tmp___", "**/.idea/**", "**/.#*", "**/#*#", "**/4913", "**/*~",
    "**/.*.swp", "**/.*.swx", "**/.*.swo", "**/.*.swn", "**/.*.kate-swp", "**/*-go-tmp-umask", "**/.git",
  ]

  /// The rules of a service, in the file's order.
  static func all(of service: Service, in directory: String) throws -> [WatchRule] {
    try (service["develop"]?["watch"]?.array ?? []).map { try WatchRule($0, of: service, in: directory) }
  }

  private init(_ trigger: JSONValue, of service: Service, in directory: String) throws {
    self.service = service.name
    let word = trigger["action"]?.string ?? ""
    guard let action = Action(rawValue: word) else {
      throw ComposeFailure("service \"\(service.name)\": develop.watch has no action \"\(word)\"")
    }
    self.action = action
    if action == .rebuild, service.build == nil {
      throw ComposeFailure(
        "can't watch service \"\(service.name)\" with action rebuild without a build context")
    }
    path = SlashPath.join(directory, trigger["path"]?.string ?? "")
    target = trigger["target"]?.string ?? ""
    hook = trigger["exec"]?.object ?? [:]
    if action == .syncExec, (hook["command"]?.array ?? []).isEmpty {
      throw ComposeFailure(
        "can't watch with action \"sync+exec\" on service \(service.name) without a command")
    }
    syncsFirst = trigger["initial_sync"]?.bool == true
    func patterns(_ key: String) throws -> PathPatterns {
      try PathPatterns((trigger[key]?.array ?? []).compactMap(\.string))
    }
    let included = try patterns("include")
    include = included.isEmpty ? nil : included
    var ignored = [(path, try patterns("ignore")), ("/", try PathPatterns(Self.passing))]
    if let context = service.build?["context"]?.string, context.hasPrefix("/") {
      ignored.append((context, try BuildContext.patterns(context, service.build?["dockerfile"]?.string)))
    }
    self.ignored = ignored
  }

  /// Where a file goes that changed; nil where the rule does not care for it, empty where it is not copied.
  func target(of changed: String) -> String? {
    guard let inner = SlashPath.relative(changed, to: path) else { return nil }
    if let include, !include.cover(inner) { return nil }
    for (directory, patterns) in ignored {
      if let name = SlashPath.relative(changed, to: directory), !name.isEmpty, patterns.cover(name) {
        return nil
      }
    }
    guard action.syncs else { return "" }
    return inner.isEmpty ? target : SlashPath.join(target, inner)
  }

  /// Whether a bind mount of the service shows these files in the container anyway.
  func isMounted(in service: Service) -> Bool {
    service.parts("volumes").contains { volume in
      volume["type"]?.string == "bind"
        && (volume["source"]?.string).map { SlashPath.relative(path, to: $0) != nil } == true
    }
  }
}

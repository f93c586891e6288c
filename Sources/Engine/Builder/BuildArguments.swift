import Dockerfile

/// ARG's values: the caller's, the Dockerfile's defaults, and the ones that are always there.
struct BuildArguments {
  /// Known without ARG, passed to RUN, and left out of history and cache.
  static let predefined: Set<String> = [
    "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY",
    "no_proxy",
    "ALL_PROXY", "all_proxy",
  ]

  private let given: [String: String?]
  /// What ARG before the first FROM declared, with its value.
  private(set) var global: [String: String] = [:]
  /// What ARG of the current stage declared; nil where it has no value.
  private var declared: [String: String?] = [:]
  private var used: Set<String> = []

  init(given: [String: String?], platform: [String: String]) {
    self.given = given
    global = platform
  }

  /// `ARG name=default` before the first FROM.
  mutating func declareGlobal(_ argument: Instruction.Argument) {
    used.insert(argument.name)
    if let value = given[argument.name] ?? nil {
      global[argument.name] = value
    } else if let value = argument.value {
      global[argument.name] = value
    }
  }

  mutating func beginStage() { declared = [:] }

  /// `ARG name=default` in a stage. Without a default the value of the same name before FROM counts.
  mutating func declare(_ argument: Instruction.Argument) {
    used.insert(argument.name)
    declared[argument.name] = (given[argument.name] ?? nil) ?? argument.value ?? global[argument.name]
  }

  func value(_ name: String) -> String? { declared[name] ?? nil }

  /// `NAME=value` for RUN, sorted: what the stage declared and the predefined ones that were given, less what the
  /// image's environment holds already.
  func environment(hiddenBy environment: EnvironmentList) -> [String] {
    var values: [String: String] = [:]
    for name in Self.predefined { if let value = given[name] ?? nil { values[name] = value } }
    for (name, value) in declared { if let value { values[name] = value } }
    return values.filter { environment[$0.key] == nil }.map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// The part of `environment` that decides the outcome: predefined ones only where the stage declares them.
  func deciding(hiddenBy environment: EnvironmentList) -> [String] {
    self.environment(hiddenBy: environment).filter { pair in
      let name = String(pair.prefix { $0 != "=" })
      return !Self.predefined.contains(name) || declared.keys.contains(name)
    }
  }

  /// What was given and nobody declared.
  var unused: [String] {
    given.keys.filter { !used.contains($0) && !Self.predefined.contains($0) && $0 != HostTrust.switchName }
      .sorted()
  }
}

/// An ordered list of `NAME=value`.
struct EnvironmentList: Equatable {
  private(set) var pairs: [String]

  init(_ pairs: [String]) { self.pairs = pairs }

  subscript(name: String) -> String? {
    get { pairs.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) } }
    set {
      guard let newValue else {
        pairs.removeAll { $0.hasPrefix("\(name)=") }
        return
      }
      if let index = pairs.firstIndex(where: { $0.hasPrefix("\(name)=") }) {
        pairs[index] = "\(name)=\(newValue)"
      } else {
        pairs.append("\(name)=\(newValue)")
      }
    }
  }
}

import TextFormats

/// Statements to instructions: the right number of arguments, known flags, docker's complaints.
struct InstructionReader {
  static let names = [
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
  ]

  let statement: Statement
  private var arguments: [String] { statement.arguments }
  private var keyword: String { statement.keyword.uppercased() }

  func stage() throws(Complaint) -> Stage {
    let flags = try InstructionFlags(statement.flags, allowing: ["platform": .text])
    var name: String?
    if arguments.count == 3, arguments[1].lowercased() == "as" {
      name = arguments[2].lowercased()
      guard Self.isStageName(arguments[2].lowercased()) else {
        throw Complaint(
          "invalid name for build stage: \"\(arguments[2])\", name can't start with a number or contain symbols"
        )
      }
    } else if arguments.count != 1 {
      throw Complaint("FROM requires either one or three arguments")
    }
    return Stage(
      base: arguments[0], name: name, platform: flags.text("platform").isEmpty ? nil : flags.text("platform"),
      text: statement.original, lines: statement.lines, trailingComment: statement.trailingComment,
      instructions: [])
  }

  func instruction() throws(Complaint) -> Instruction {
    let action = try action()
    if !["add", "copy", "run", "healthcheck"].contains(statement.name) {
      _ = try InstructionFlags(statement.flags, allowing: [:])
    }
    return Instruction(
      text: statement.original, lines: statement.lines, action: action,
      trailingComment: statement.trailingComment ?? statement.trigger.first?.trailingComment)
  }

  private func action() throws(Complaint) -> Instruction.Action {
    switch statement.name {
    case "arg": return .argument(try argumentDefinitions())
    case "env": return .environment(try pairs())
    case "label": return .label(try pairs())
    case "maintainer": return .maintainer(try only())
    case "run": return .run(try run())
    case "copy", "add": return .copy(try copy())
    case "workdir": return .workdir(try only())
    case "user": return .user(try only())
    case "volume": return .volume(try volumes())
    case "expose": return .expose(try some())
    case "cmd": return .command(commandLine)
    case "entrypoint": return .entrypoint(commandLine)
    case "shell": return .shell(try shell())
    case "stopsignal": return .stopSignal(try only())
    case "healthcheck": return .healthcheck(try HealthReader(statement: statement).health())
    case "onbuild": return .onbuild(try trigger())
    default:
      throw Complaint(
        DockerfileError.unknown + statement.keyword
          + Suggestion.suffix(for: statement.keyword, among: Self.names))
    }
  }

  private var commandLine: Instruction.CommandLine {
    .init(words: arguments, form: statement.isJSON ? .exec : .shell, heredocs: statement.heredocs)
  }

  private func some() throws(Complaint) -> [String] {
    guard !arguments.isEmpty else { throw Complaint("\(keyword) requires at least one argument") }
    return arguments
  }

  private func only() throws(Complaint) -> String {
    guard arguments.count == 1 else { throw Complaint("\(keyword) requires exactly one argument") }
    return arguments[0]
  }

  private func pairs() throws(Complaint) -> [Instruction.Pair] {
    var pairs: [Instruction.Pair] = []
    let words = try some()
    for index in stride(from: 0, to: words.count - 2, by: 3) {
      guard !words[index].isEmpty else { throw Complaint("\(keyword) names can not be blank") }
      pairs.append(.init(key: words[index], value: words[index + 1]))
    }
    return pairs
  }

  private func argumentDefinitions() throws(Complaint) -> [Instruction.Argument] {
    var definitions: [Instruction.Argument] = []
    for word in try some() {
      guard let (name, value) = word.keyAndValue else {
        definitions.append(.init(name: word, value: nil))
        continue
      }
      guard !name.isEmpty else { throw Complaint("ARG names can not be blank") }
      definitions.append(.init(name: name, value: value))
    }
    return definitions
  }

  private func volumes() throws(Complaint) -> [String] {
    let volumes = try some().map(\.trimmed)
    guard !volumes.contains("") else { throw Complaint("VOLUME specified can not be an empty string") }
    return volumes
  }

  private func shell() throws(Complaint) -> [String] {
    let words = try some()
    guard statement.isJSON else {
      throw Complaint("SHELL requires the arguments to be in JSON form: \(statement.original)")
    }
    return words
  }

  private func run() throws(Complaint) -> Instruction.Run {
    let flags = try InstructionFlags(
      statement.flags, allowing: ["mount": .list, "network": .text, "security": .text])
    if arguments.isEmpty { throw Complaint("RUN requires at least one argument") }
    let network = flags.text("network")
    guard ["", "default", "none", "host"].contains(network) else {
      throw Complaint("invalid network mode: \(network)")
    }
    return .init(
      commandLine: commandLine, network: network.isEmpty ? nil : network, mounts: flags.list("mount"),
      security: flags.text("security").isEmpty ? nil : flags.text("security"))
  }

  private func copy() throws(Complaint) -> Instruction.Copy {
    guard arguments.count >= 2, let destination = arguments.last else {
      throw Complaint(
        "\(keyword) requires at least two arguments, but only one was provided. Destination could not be determined"
      )
    }
    let isAdd = statement.name == "add"
    var known: [String: InstructionFlags.Kind] = [
      "chown": .text, "chmod": .text, "link": .switched, "exclude": .list,
    ]
    if isAdd {
      known.merge(["keep-git-dir": .switched, "checksum": .text, "unpack": .switched]) { $1 }
    } else {
      known.merge(["from": .text, "parents": .switched]) { $1 }
    }
    let flags = try InstructionFlags(statement.flags, allowing: known)
    guard try Heredoc(word: destination) == nil else {
      throw Complaint("\(keyword) cannot accept a heredoc as a destination")
    }
    var sources: [String] = []
    var files: [Instruction.InlineFile] = []
    for source in arguments.dropLast() {
      if !statement.isJSON, let opened = try Heredoc(word: source) {
        let heredoc = statement.heredocs.first { $0.name == opened.name } ?? opened
        files.append(.init(name: heredoc.name, content: heredoc.content, expands: heredoc.expands))
      } else {
        sources.append(source)
      }
    }
    let from = flags.text("from")
    return .init(
      isAdd: isAdd, sources: sources, files: files, destination: destination, from: from.isEmpty ? nil : from,
      chown: flags.text("chown"), chmod: flags.text("chmod"), link: flags.isOn("link"),
      parents: flags.isOn("parents"),
      excludes: flags.list("exclude"), checksum: flags.text("checksum"), unpack: flags.given("unpack"),
      keepGitDirectory: flags.isOn("keep-git-dir"))
  }

  private func trigger() throws(Complaint) -> String {
    guard let trigger = statement.trigger.first else {
      throw Complaint("ONBUILD requires at least one argument")
    }
    switch trigger.keyword.uppercased() {
    case "ONBUILD": throw Complaint("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    case "MAINTAINER", "FROM":
      throw Complaint("\(trigger.keyword.uppercased()) isn't allowed as an ONBUILD trigger")
    default: break
    }
    let bodies = statement.heredocs.map { "\n\($0.body)\($0.name)" }.joined()
    return trigger.original + bodies
  }

  /// A letter, then letters, digits, `-`, `_` and `.`.
  private static func isStageName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, ("a"..."z").contains(first) else { return false }
    return name.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_" || $0 == "."
    }
  }
}

import Archive
import Credentials
import Flags
import JSON
import Linux
import Reactor
import TerminalUI

/// `skiff context export` and `import`: a context with its certificates as a tar, in docker's form.
enum ContextArchive {
  private static let limit = 10 << 20

  static let export = CommandEntry(
    "export", "Export a context to a tar archive FILE or a tar stream on STDOUT."
  ) {
    path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTEXT [FILE|-]",
      summary: "Export a context to a tar archive FILE or a tar stream on STDOUT.", words: .between(1, 2),
      examples: [
        "skiff context export build", "skiff context export build - | ssh other skiff context import build -",
      ])
    return Command(syntax) { arguments, session in
      let name = arguments.words[0]
      let file = arguments.words.count > 1 ? arguments.words[1] : "\(name).dockercontext"
      let context = try ContextCommands.find(name, session)
      guard name != "default" else { throw CommandFailure("context \"default\" cannot be exported") }
      let store = ContextStore(configDirectory: session.configDirectory)
      let bytes = try archive(context, try store.secrets(of: name))
      if file == "-" {
        guard !StandardStream.output.isTerminal else {
          throw CommandFailure("cowardly refusing to export to a terminal, specify a file path")
        }
        StandardStream.output.write(bytes)
        return 0
      }
      let output = try FileDescriptor.open(file, [.writeOnly, .create, .exclusive], mode: 0o600)
      try output.write(bytes)
      StandardStream.error.line("Written file \"\(file)\"")
      return 0
    }
  }

  static let load = CommandEntry("import", "Import a context from a tar or zip file") { path in
    let syntax = CommandSyntax(
      path, "CONTEXT FILE|-", summary: "Import a context from a tar or zip file", words: .exactly(2),
      examples: ["skiff context import build ./build.dockercontext"])
    return Command(syntax) { arguments, session in
      let (name, file) = (arguments.words[0], arguments.words[1])
      try ContextCommands.checkNew(name, session)
      let bytes = try file == "-" ? StandardStream.input.duplicate().readToEnd() : Files.read(file)
      guard bytes.count <= limit else { throw CommandFailure("the context in \(file) is larger than 10 MiB") }
      let (context, secrets) = try unpack(bytes, file, name)
      try ContextStore(configDirectory: session.configDirectory).write(context, secrets: secrets)
      StandardStream.output.line(name)
      StandardStream.error.line("Successfully imported context \"\(name)\"")
      return 0
    }
  }

  private static func archive(_ context: EngineContext, _ secrets: ContextSecrets) throws -> [UInt8] {
    var members = [file("meta.json", JSON.encode(context.content))]
    members.append(.init(TarEntry("tls", .directory, mode: 0o700), []))
    if !secrets.isEmpty { members.append(.init(TarEntry("tls/docker", .directory, mode: 0o700), [])) }
    for (name, content) in secrets.sorted(by: { $0.key < $1.key }) {
      members.append(file("tls/docker/\(name)", content))
    }
    return try TarSource(members).readToEnd(limit: 2 * limit)
  }

  private static func file(_ path: String, _ content: [UInt8]) -> TarSource.Member {
    .init(TarEntry(path, .file, mode: 0o600, size: UInt64(content.count)), content)
  }

  private static func unpack(
    _ bytes: [UInt8], _ file: String, _ name: String
  ) throws -> (EngineContext, ContextSecrets) {
    var context: EngineContext?
    var secrets: ContextSecrets = [:]
    for member in try members(bytes) {
      let path = member.name.split(separator: "/").map(String.init)
      if path == ["meta.json"] {
        context = EngineContext(try JSON.parse(member.content), name: name)
      } else if path.count == 3, path[0] == "tls", path[1] == "docker",
        ContextStore.secretNames.contains(path[2])
      {
        secrets[path[2]] = member.content
      } else {
        throw CommandFailure("\(file): unexpected context file: \(member.name)")
      }
    }
    guard let context else { throw CommandFailure("\(file): invalid context: no metadata found") }
    return (context, secrets)
  }

  /// The regular files of a zip or tar archive.
  private static func members(_ bytes: [UInt8]) throws -> [ZipReader.Member] {
    if ZipReader.isZip(bytes) { return try ZipReader(bytes).members(most: 100, limit: limit) }
    let reader = TarReader(ArraySource(bytes))
    var members: [ZipReader.Member] = []
    while let entry = try reader.next() {
      guard entry.kind == .file else { continue }
      let name = entry.components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
      members.append(ZipReader.Member(name: name, content: try reader.contents(limit: limit)))
    }
    return members
  }
}

import DockerAPI
import DockerClient
import Flags
import TerminalUI

/// `skiff debug`: tools beside a container that has none.
enum DebugCommand {
  static let entry = CommandEntry("debug", "Open a shell with tools beside a container that has none") {
    path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER [COMMAND] [ARG...]",
      summary:
        "Open a shell with tools beside a container that has none: its processes, network and files (at /proc/1/root)"
        + " seen from a container of another image; of a stopped container, a copy of its files",
      words: .atLeast(1),
      flags: [
        .string("image", "Image that has the tools", default: "busybox"),
        .string(
          "pull", "Pull the image before running (\"always\", \"missing\", \"never\")", default: "missing"),
        .bool("quiet|q", "Suppress the pull output and what is said about the container"),
      ], aliases: aliases("container debug", "debug"),
      examples: ["skiff debug web", "skiff debug --image nicolaka/netshoot web ss -tlnp"],
      mixesFlagsAndWords: false)
    return Command(syntax) { arguments, session in
      try await RunFailure.told(path) {
        let client = try await session.engine()
        let target = try await client.inspectContainer(arguments.words[0])
        let debugging = Debugging(arguments: arguments, session: session, client: client, target: target)
        return target.state.running ? try await debugging.beside() : try await debugging.copy()
      }
    }
  }
}

/// One visit to a container with tools.
private struct Debugging {
  let arguments: Arguments
  let session: Session
  let client: DockerClient
  let target: ContainerInspect

  private static let tools = "/.skiff-debug"

  private var name: String { String(target.name.drop { $0 == "/" }) }
  private var image: String { arguments.string("image") }
  private var command: [String] { Array(arguments.words.dropFirst()) }

  /// Its namespaces joined by a container of the tools' image. Of its files it sees what the first process sees.
  func beside() async throws -> Int32 {
    guard !target.state.paused else {
      throw CommandFailure("container \(name) is paused: unpause it first")
    }
    var request = bare(image)
    let root = target.hostConfig.pidMode == "host" ? "/proc/\(target.state.pid)/root" : "/proc/1/root"
    let words = command.isEmpty ? ["sh"] : command
    request.config.env = ["ROOT=\(root)"]
    request.config.entrypoint = [words[0]]
    request.config.cmd = StringList(Array(words.dropFirst()))
    request.hostConfig.pidMode = "container:\(target.id)"
    request.hostConfig.networkMode = "container:\(target.id)"
    if target.hostConfig.ipcMode == "shareable" { request.hostConfig.ipcMode = "container:\(target.id)" }
    // To see the files and memory of processes of other users.
    request.hostConfig.capAdd = ["SYS_PTRACE"]
    say("beside \(name), with the tools of \(image); its files are at \(root), $ROOT")
    return try await run(request)
  }

  /// A container that does not run has no namespaces: a copy of its files is run, with the tools at `tools`.
  func copy() async throws -> Int32 {
    var wish = VolumeCreateRequest()
    wish.labels = ["org.skiff.debug": name]
    let volume = try await client.createVolume(wish).name
    do {
      try await fill(volume)
      let image = try await client.commitContainer(target.id, reference: "", message: "debug", pause: false)
        .id
      say("a copy of \(name), which does not run; the tools are at \(Self.tools), changes are lost")
      let status = try await result { try await run(request(running: image, with: volume)) }
      // What cannot be removed now is found by its label, or by prune.
      _ = try? await client.removeImage(image, force: true)
      try? await client.removeVolume(volume, force: true)
      return try status.get()
    } catch {
      // As above.
      try? await client.removeVolume(volume, force: true)
      throw error
    }
  }

  private func result(_ body: () async throws -> Int32) async throws -> Result<Int32, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  /// An empty volume takes over what the image has at the place where it is mounted: all of the tools' `/bin`.
  private func fill(_ volume: String) async throws {
    var request = bare(image)
    request.config.entrypoint = ["/bin/true"]
    request.config.attachStdin = false
    request.config.openStdin = false
    request.config.tty = false
    request.hostConfig.networkMode = "none"
    request.hostConfig.binds = ["\(volume):/bin"]
    let id = try await ContainerCreation(arguments: arguments, session: session).create(request)
    let run = ContainerRun(client: client, id: id, request: request, detachKeys: detachKeys)
    guard try await run.attached(proxiesSignals: false) == 0 else {
      throw CommandFailure("the tools of \(image) cannot be used: /bin/true failed")
    }
  }

  private func request(running copy: String, with volume: String) -> ContainerCreateRequest {
    var request = bare(copy)
    let words = command.isEmpty ? ["\(Self.tools)/sh"] : command
    request.config.entrypoint = [words[0]]
    request.config.cmd = StringList(Array(words.dropFirst()))
    let standard = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    let path = (target.config.env ?? []).last { $0.hasPrefix("PATH=") } ?? standard
    request.config.env = ["\(path):\(Self.tools)"]
    request.config.user = "0:0"
    request.config.healthcheck = HealthConfig()
    request.config.healthcheck?.test = ["NONE"]
    request.hostConfig.binds = ["\(volume):\(Self.tools):ro"]
    return request
  }

  /// What both ways have in common.
  private func bare(_ image: String) -> ContainerCreateRequest {
    var request = ContainerCreateRequest()
    request.config.image = image
    request.config.labels = ["org.skiff.debug": name]
    request.config.attachStdin = true
    request.config.attachStdout = true
    request.config.attachStderr = true
    request.config.openStdin = true
    request.config.stdinOnce = true
    request.config.tty = StandardStream.input.isTerminal && StandardStream.output.isTerminal
    request.hostConfig.autoRemove = true
    return request
  }

  private func run(_ request: ContainerCreateRequest) async throws -> Int32 {
    let id = try await ContainerCreation(arguments: arguments, session: session).create(request)
    return try await ContainerRun(client: client, id: id, request: request, detachKeys: detachKeys)
      .attached(proxiesSignals: !request.config.tty)
  }

  private var detachKeys: (text: String, keys: [UInt8]) { ("", DetachKeys.parse("") ?? []) }

  private func say(_ what: String) {
    if !arguments.bool("quiet"), command.isEmpty {
      StandardStream.error.line("\(programName) debug: \(what)")
    }
  }
}

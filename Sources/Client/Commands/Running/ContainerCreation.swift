import Credentials
import DockerAPI
import DockerClient
import Flags
import ImageNames
import Linux
import TerminalUI

/// Creating the container of `run` and `create`: with pulling, the file for its id and the engine's warnings.
struct ContainerCreation {
  let arguments: Arguments
  let session: Session

  private var pulls: String { arguments.string("pull") }

  /// The new container's id.
  func create(_ request: ContainerCreateRequest) async throws -> String {
    guard ["always", "missing", "never", ""].contains(pulls) else {
      throw CommandFailure(
        "invalid pull option: '\(pulls)': must be one of \"always\", \"missing\" or \"never\"")
    }
    if !Self.isWholeID(request.config.image) { _ = try ImagePull.parse(request.config.image) }
    let idFile = arguments.string("cidfile")
    if !idFile.isEmpty, Files.exist(idFile) {
      throw CommandFailure(
        "container ID file found, make sure the other container isn't running or delete \(idFile)")
    }
    if let slash = idFile.lastIndex(of: "/"), slash > idFile.startIndex,
      !Files.isDirectory(String(idFile[..<slash]))
    {
      throw CommandFailure(
        "failed to create the container ID file: open \(idFile): no such file or directory")
    }
    let client = try await session.engine()
    if pulls == "always" { try await pull(request.config.image) }
    let answer = try await createPulling(request, client)
    for warning in answer.warnings { StandardStream.error.line("WARNING: \(warning)") }
    if !idFile.isEmpty { try Files.write(idFile, Array(answer.id.utf8)) }
    return answer.id
  }

  private func createPulling(_ request: ContainerCreateRequest, _ client: DockerClient) async throws
    -> ContainerCreateResponse
  {
    let name = arguments.string("name")
    let platform = arguments.string("platform")
    do {
      return try await client.createContainer(request, name: name, platform: platform)
    } catch let error as APIError where error.isNotFound && pulls != "never" && Self.isAboutImage(error) {
      let reference = try ImagePull.parse(request.config.image).withDefaultTag
      if !arguments.bool("quiet") {
        StandardStream.error.line("Unable to find image '\(reference.familiar)' locally")
      }
      try await pull(request.config.image)
      return try await client.createContainer(request, name: name, platform: platform)
    }
  }

  private static func isWholeID(_ image: String) -> Bool {
    WholeID.matches(image.hasPrefix("sha256:") ? image.dropFirst("sha256:".count) : image[...])
  }

  private static func isAboutImage(_ error: APIError) -> Bool {
    ["No such image", "no such image", "does not match the specified platform"].contains {
      error.message.contains($0)
    }
  }

  private func pull(_ image: String) async throws {
    let reference = try ImagePull.parse(image).withDefaultTag
    try await ImagePull.pull(
      reference, platform: arguments.string("platform"), session, on: .error, quiet: arguments.bool("quiet"))
  }

  /// The variables that config.json's proxies add, after those that were given.
  static func addProxies(to request: inout ContainerCreateRequest, _ session: Session) throws {
    let given = Set((request.config.env ?? []).map { $0.prefix { $0 != "=" } })
    for proxy in session.config().proxies(for: try session.host().description)
    where !given.contains(proxy.name[...]) {
      request.config.env = (request.config.env ?? []) + ["\(proxy.name)=\(proxy.value)"]
    }
  }
}

import Archive
import ComposeModel
import DockerClient
import HTTP
import JSON

/// Writes secrets and configs whose content is no file of this machine into a container that has not started yet.
struct FileInjection: Sendable {
  let project: Project
  let client: DockerClient

  func inject(_ service: Service, into id: String) async throws {
    try await inject(service.parts("secrets"), project.secrets, "secret", "/run/secrets/", service, id)
    try await inject(service.parts("configs"), project.configs, "config", "/", service, id)
  }

  private func inject(
    _ uses: [JSONObject], _ known: [String: JSONObject], _ kind: String, _ directory: String,
    _ service: Service,
    _ id: String
  ) async throws {
    for use in uses {
      let source = known[use["source"]?.string ?? ""] ?? [:]
      guard let content = try content(source, kind), !content.isEmpty else { continue }
      let name = source["name"]?.string ?? ""
      guard !service.flag("read_only") else {
        throw ComposeFailure(
          "cannot create \(kind) \"\(name)\" in read-only service \(service.name): `file` is the sole supported option"
        )
      }
      let target = ContainerRequests.target(use, directory)
      try await client.copy(.bytes(try SingleFileArchive.make(target, content, use)), to: "/", in: id)
    }
  }

  private func content(_ source: JSONObject, _ kind: String) throws -> String? {
    if let content = source["content"]?.string { return content }
    guard let variable = source["environment"]?.string else { return nil }
    guard let value = project.environment[variable] else {
      throw ComposeFailure(
        "environment variable \"\(variable)\" required by \(kind) \"\(source["name"]?.string ?? "")\" is not set"
      )
    }
    return value
  }
}

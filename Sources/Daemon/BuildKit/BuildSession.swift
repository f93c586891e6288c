import BuildKitAPI
import Builder
import DockerAPI
import GRPC
import HTTP
import HTTP2
import Protobuf
import TextFormats

/// A client's end of its session: what it lends to the builds that it asks for.
final class BuildSession: Sendable {
  let id: String
  private let client: GRPCClient
  private let methods: Set<String>

  /// - Parameter methods: paths of what the client answers, as it says.
  init(id: String, _ connection: HTTP2Connection, methods: Set<String>) {
    self.id = id
    self.methods = methods
    client = GRPCClient(connection)
  }

  /// The session of that name, as soon as its client has opened it.
  static func find(_ id: String, in sessions: Arrivals<BuildSession>) async throws -> BuildSession {
    try await sessions.find(id, else: "no active session for \(id.prefix(128)): context deadline exceeded")
  }

  /// Begins to read files of one of the client's directories.
  func files(of directory: String, _ wish: FileWish) throws -> GRPCClientCall {
    try client.call("/moby.filesync.v1.FileSync/DiffCopy", metadata: wish.metadata(directory))
  }

  /// An archive that the client holds ready.
  func upload(_ path: String) throws -> GRPCClientCall {
    let metadata = [HeaderField("urlpath", path), HeaderField("urlhost", "buildkit-session")]
    return try client.call("/moby.upload.v1.Upload/Pull", metadata: metadata)
  }

  /// Nil where the client has no such secret.
  func secret(_ id: String) async throws -> [UInt8]? {
    let path = "/moby.buildkit.secrets.v1.Secrets/GetSecret"
    guard methods.contains(path) else { return nil }
    var request = RefRequest()
    request.ref = id
    do {
      let data = try await client.ask(path, request, as: BytesMessage.self).data
      guard data.count <= BuildSecrets.mostBytes else {
        throw GRPCStatus(
          .invalidArgument, "secret \(id): more than \(ByteSize.binary(Double(BuildSecrets.mostBytes)))")
      }
      return data
    } catch let status as GRPCStatus where status.code == .notFound {
      return nil
    }
  }

  /// How one connects to the client's ssh agent; nil where it lends none of that name.
  func agent(_ id: String) async throws -> AgentConnector? {
    let service = "/moby.sshforward.v1.SSH/"
    guard methods.contains(service + "ForwardAgent") else { return nil }
    var request = RefRequest()
    request.ref = id
    do {
      _ = try await client.ask(service + "CheckAgent", request, as: NoFields.self)
    } catch is GRPCStatus {
      return nil
    }
    return { [client] in
      AgentCall(
        try client.call(service + "ForwardAgent", metadata: [HeaderField("buildkit.ssh.id", id)]))
    }
  }

  /// Who the client is at a registry; nil where it has not logged in.
  func credentials(_ host: String) async throws -> RegistryAuth? {
    let path = "/moby.filesync.v1.Auth/Credentials"
    guard methods.contains(path) else { return nil }
    // Docker Hub's registry has another name than its images.
    let request = CredentialsRequest(host: host == "docker.io" ? "registry-1.docker.io" : host)
    let answer = try await client.ask(path, request, as: CredentialsResponse.self)
    guard !answer.secret.isEmpty else { return nil }
    var auth = RegistryAuth()
    if answer.user.isEmpty {
      auth.identitytoken = answer.secret
    } else {
      auth.username = answer.user
      auth.password = answer.secret
    }
    return auth
  }
}

/// Which files of a directory are wanted: patterns of .dockerignore, and paths whose links are followed.
struct FileWish: Sendable {
  var includes: [String] = []
  var excludes: [String] = []
  var follows: [String] = []

  func metadata(_ directory: String) -> [HeaderField] {
    let lists = [
      ("dir-name", [directory]), ("include-patterns", includes), ("exclude-patterns", excludes),
      ("followpaths", follows),
    ]
    return lists.flatMap { name, values in Self.fields(name, values) }
  }

  /// What is not printable ASCII, which no head may have, is escaped as in a query, and a field says so.
  private static func fields(_ name: String, _ values: [String]) -> [HeaderField] {
    let isPlain = values.allSatisfy { $0.utf8.allSatisfy { (0x20..<0x7f).contains($0) } }
    if isPlain { return values.map { HeaderField(name, $0) } }
    return values.map { HeaderField(name, percentEncoded($0)) } + [HeaderField("\(name)-encoded", "1")]
  }
}

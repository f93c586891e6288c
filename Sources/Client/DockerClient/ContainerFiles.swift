import DockerAPI
import HTTP
import JSON
import TextFormats

/// What is at a path in a container (`X-Docker-Container-Path-Stat`).
public struct PathStat: Codable, Sendable {
  public var name: String
  public var size: Int64
  /// Go's os.FileMode: the permission bits, bit 31 for a directory, bit 27 for a symbolic link.
  public var mode: UInt32
  public var mtime: String
  public var linkTarget: String

  public var isDirectory: Bool { mode & 1 << 31 != 0 }
  public var isSymbolicLink: Bool { mode & 1 << 27 != 0 }
}

extension DockerClient {
  public func statPath(_ path: String, in id: String) async throws -> PathStat {
    let response = try await send("HEAD", "/containers/\(Query.name(id))/archive", Self.path(path))
    return try Self.stat(response)
  }

  /// A tar stream of what is at the path.
  public func copy(from path: String, in id: String) async throws -> (stat: PathStat, tar: HTTPBody) {
    let response = try await send("GET", "/containers/\(Query.name(id))/archive", Self.path(path))
    return (try Self.stat(response), response.body)
  }

  /// Unpacks a tar stream into a directory of the container.
  public func copy(
    _ tar: HTTPRequestBody, to path: String, in id: String, copyUIDGID: Bool = false,
    overwriteDirWithFile: Bool = false
  ) async throws {
    var query = Self.path(path)
    if !overwriteDirWithFile { query.set("noOverwriteDirNonDir", "true") }
    if copyUIDGID { query.set("copyUIDGID", "true") }
    _ = try await bytes(
      "PUT", "/containers/\(Query.name(id))/archive", query, headers: [("Content-Type", "application/x-tar")],
      body: tar)
  }

  private static func path(_ path: String) -> Query {
    var query = Query()
    query.set("path", path)
    return query
  }

  private static func stat(_ response: HTTPClientResponse) throws -> PathStat {
    let header = response.headers["X-Docker-Container-Path-Stat"] ?? ""
    return try JSON.decode(PathStat.self, from: Base64.decode(header) ?? [])
  }
}

import Assembly
import BuildKitAPI
import EngineErrors
import GRPC
import ImageNames
import Images
import OCISpec

/// What a build's result becomes.
struct ImageExport: Sendable {
  /// The image's names, as the client wrote them; nil where nothing is kept.
  let names: [String]?

  /// Throws for what is no name, before anything is built.
  init(names: [String]) throws(GRPCStatus) {
    for name in names { try Self.check(name) }
    self.names = names
  }

  /// Throws for what cannot be done, before anything is built.
  init(_ request: SolveRequest) throws(GRPCStatus) {
    for cache in request.cache.exports where cache.type != "inline" {
      throw GRPCStatus(
        .unimplemented, "cache export to \"\(cache.type)\" is not supported: the engine keeps its own cache")
    }
    var names: [String]?
    for exporter in request.allExporters {
      guard ["moby", "image"].contains(exporter.type) else {
        throw GRPCStatus(
          .unimplemented, "exporter \"\(exporter.type)\" is not supported: only images are made here")
      }
      guard exporter.type == "moby" || !["1", "true"].contains(exporter.attributes["push"] ?? "") else {
        throw GRPCStatus(.unimplemented, "pushing while building is not supported: push the image afterwards")
      }
      let given = (exporter.attributes["name"] ?? "").split(separator: ",").map(String.init)
      for name in given { try Self.check(name) }
      names = (names ?? []) + given
    }
    self.names = names
  }

  private static func check(_ name: String) throws(GRPCStatus) {
    do {
      _ = try ImageReference.parse(name)
    } catch {
      throw GRPCStatus(.invalidArgument, "invalid tag \"\(name)\": \(error)")
    }
  }

  /// Gives the image its names, and answers what the client is told of it.
  func keep(_ image: Digest, in engine: Engine, _ vertices: BuildVertices) async throws -> [String: String] {
    guard let names else { return [:] }
    return try await vertices.step("exporting to image") { key in
      vertices.progress(key, "exporting layers", current: 0, isDone: true)
      vertices.progress(key, "writing image \(image)", current: 0, isDone: true)
      for name in names {
        let full = try ImageReference.parse(name).withDefaultTag
        try await engine.images.tag(image.description, as: full.familiar)
        vertices.progress(key, "naming to \(full.full)", current: 0, isDone: true)
      }
      var response = [
        "containerimage.config.digest": image.description, "containerimage.digest": image.description,
      ]
      if !names.isEmpty { response["image.name"] = names.joined(separator: ",") }
      return response
    }
  }
}

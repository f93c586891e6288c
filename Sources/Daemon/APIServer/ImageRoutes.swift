import Assembly
import Containers
import DockerAPI
import EngineErrors
import ImageNames
import Images
import OCISpec

/// Images as objects: listed, looked at, named, removed.
func imageRoutes(_ engine: Engine) -> [Route] {
  let images = engine.images
  let uses = imageUses(engine)
  return [
    Route("GET", "/images/json") { call in
      // Images are everybody's but for those that somebody's label marks: the socket's label is no filter here.
      var filters = try call.givenFilters()
      // Clients before API 1.25 filter by name in a parameter of its own.
      if let name = call.text("filter") { filters.values["reference", default: []].append(name) }
      let list = try await images.list(all: call.flag("all"), filters: filters)
      try await call.answer(list.filter { call.sees(image: $0.labels) }.map { $0.spoken(in: call.version) })
    },
    Route("POST", "/images/prune") { call in
      try await call.answer(try await images.prune(filters: call.filters(), usedBy: uses))
    },
    Route("GET", "/images/search") { _ in
      throw EngineError(.notImplemented, "searching a registry is not supported")
    },
    Route("GET", "/images/{name*}/json") { call in
      try await call.answer(try await images.inspect(call.hole("name")).spoken(in: call.version))
    },
    Route("GET", "/images/{name*}/history") { call in
      try await call.answer(try await images.history(call.hole("name")))
    },
    Route("POST", "/images/{name*}/tag") { call in
      guard let repository = call.text("repo") else {
        throw EngineError(.invalidArgument, "invalid reference format: repo is missing")
      }
      try await images.tag(
        call.hole("name"), as: call.text("tag").map { "\(repository):\($0)" } ?? repository)
      try await call.answer(status: 201)
    },
    Route("DELETE", "/images/{name*}") { call in
      try await call.answer(
        try await images.remove(call.hole("name"), force: call.flag("force"), usedBy: uses))
    },
  ]
}

/// Which containers were made from an image.
func imageUses(_ engine: Engine) -> Images.Uses {
  { id in
    // A list that cannot be made counts as unused only by name; the removal itself still checks its layers.
    let all = (try? await engine.containers.list(.everything)) ?? []
    return all.filter { $0.imageID == id.description }.map {
      ContainerUse(id: $0.id, isRunning: ["running", "paused", "restarting"].contains($0.state))
    }
  }
}

extension ImageSummary {
  /// VirtualSize went with API 1.44.
  fileprivate func spoken(in version: APIVersion) -> Self {
    var summary = self
    summary.virtualSize = version < APIVersion(1, 44) ? size : nil
    return summary
  }
}

extension ImageInspect {
  fileprivate func spoken(in version: APIVersion) -> Self {
    var inspect = self
    inspect.virtualSize = version < APIVersion(1, 44) ? size : nil
    return inspect
  }
}

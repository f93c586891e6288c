import Assembly
import Containers
import DockerAPI
import EngineErrors
import ImageNames
import Images
import OCISpec
import Registry

/// Images as objects: listed, looked at, named, removed.
func imageRoutes(_ engine: Engine) -> [Route] {
  let images = engine.images
  let uses = imageUses(engine)
  return [
    Route("GET", "/images/json") { call in
      // Images are everybody's but for those that somebody's label marks: the socket's label is no filter here.
      var filters = try call.givenFilters()
      // Old clients filter by name in a parameter of its own.
      if call.version < APIVersion(1, 41), let name = call.text("filter") {
        filters.values["reference", default: []].append(name)
      }
      let sharesSizes = call.version >= APIVersion(1, 42) && call.flag("shared-size")
      var list = try await images.list(all: call.flag("all"), filters: filters, sharedSizes: sharesSizes)
      if call.version >= APIVersion(1, 51) { try await countContainers(of: &list, engine) }
      try await call.answer(list.filter { call.sees(image: $0.labels) }.map { $0.spoken(in: call.version) })
    },
    Route("POST", "/images/prune", since: APIVersion(1, 25)) { call in
      try await call.answer(try await images.prune(filters: call.filters(), usedBy: uses))
    },
    Route("GET", "/images/search") { call in
      // Nobody need be known to search.
      let auth = try? call.registryAuth()
      let found = try await images.registry.search(
        call.text("term") ?? "", limit: try call.integer("limit") ?? 0, filters: call.givenFilters(),
        auth: auth)
      try await call.answer(found.map(\.json))
    },
    Route("GET", "/images/{name*}/json") { call in
      let inspect = try await images.inspect(call.hole("name"))
      try await call.answer(inspect, in: .image(inspect, call.version))
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

/// How many containers were made from each image.
func countContainers(of images: inout [ImageSummary], _ engine: Engine) async throws {
  var counts: [String: Int64] = [:]
  for container in try await engine.containers.list(.everything) {
    counts[container.imageID, default: 0] += 1
  }
  for index in images.indices { images[index].containers = counts[images[index].id] ?? 0 }
}

/// Which containers were made from an image, or mount it.
func imageUses(_ engine: Engine) -> Images.Uses {
  { id in await engine.containers.users(of: id) }
}

import Assembly
import DockerAPI
import Containers
import EngineErrors
import Volumes

func volumeRoutes(_ engine: Engine) -> [Route] {
  let volumes = engine.volumes
  let users: @Sendable (String) async -> [String] = { await engine.containers.users(of: $0) }
  return [
    Route("GET", "/volumes") { call in
      var list = VolumeList()
      list.volumes = try await volumes.list(try call.filters()) { await !users($0).isEmpty }
      try await call.answer(list)
    },
    Route("POST", "/volumes/create") { call in
      var request = try await call.optionalBody(VolumeCreateRequest.self)
      if request == nil { request = try await call.admitted(VolumeCreateRequest()) }
      try await call.answer(try await volumes.create(request ?? VolumeCreateRequest()), status: 201)
    },
    Route("POST", "/volumes/prune", since: APIVersion(1, 25)) { call in
      var filters = try call.filters()
      // Before API 1.42 named volumes were pruned too.
      if call.version < APIVersion(1, 42) { filters.values["all"] = ["true"] }
      try await call.answer(try await volumes.prune(filters, users: users))
    },
    Route("GET", "/volumes/{name}") { call in
      try await call.answer(try await volumes.inspect(call.hole("name")))
    },
    Route("PUT", "/volumes/{name}", since: APIVersion(1, 42)) { _ in
      throw EngineError(
        .unavailable, "This node is not a swarm manager. Only cluster volumes can be updated.")
    },
    Route("DELETE", "/volumes/{name}") { call in
      let name = call.hole("name")
      try await volumes.remove(name, force: call.flag("force"), usedBy: await users(name))
      try await call.answer(status: 204)
    },
  ]
}

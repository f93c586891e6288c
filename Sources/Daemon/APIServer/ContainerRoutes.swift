import Assembly
import Containers
import DockerAPI
import EngineErrors

/// Containers as objects: made, listed, looked at, renamed, changed, removed.
func containerRoutes(_ engine: Engine) -> [Route] {
  let containers = engine.containers
  return [
    Route("GET", "/containers/json") { call in try await listContainers(call, containers) },
    Route("POST", "/containers/create") { call in
      let spoken = try SpokenCreateRequest(try await call.body(ContainerCreateRequest.self), in: call.version)
      var response = try await containers.create(
        name: call.text("name"), spoken.request, platform: try call.platform(since: APIVersion(1, 41)),
        readOnlyIsFlat: spoken.readOnlyIsFlat)
      response.warnings += spoken.warnings
      try await call.answer(response, status: 201)
    },
    Route("POST", "/containers/prune", since: APIVersion(1, 25)) { call in
      let report = try await containers.prune(try call.filters())
      try await call.answer(report)
    },
    Route("GET", "/containers/{id}/json") { call in
      let inspect = try await containers.inspect(call.hole("id"), size: call.flag("size"))
      try await call.answer(inspect.spoken(in: call.version))
    },
    Route("GET", "/containers/{id}/top") { call in
      let top = try await containers.top(call.hole("id"), arguments: call.text("ps_args") ?? "-ef")
      try await call.answer(top)
    },
    Route("POST", "/containers/{id}/rename") { call in
      guard let name = call.text("name") else {
        throw EngineError(.invalidArgument, "Neither old nor new names may be empty")
      }
      try await containers.rename(call.hole("id"), to: name)
      try await call.answer(status: 204)
    },
    Route("POST", "/containers/{id}/update") { call in
      var answer = ContainerUpdateResponse()
      answer.warnings = try await containers.update(
        call.hole("id"), try await call.body(HostConfig.self).asUpdate(in: call.version))
      try await call.answer(answer)
    },
    Route("DELETE", "/containers/{id*}") { call in
      if call.flag("link") {
        try await containers.removeLink(call.hole("id"))
        return try await call.answer(status: 204)
      }
      try await containers.remove(call.hole("id"), force: call.flag("force"), volumes: call.flag("v"))
      try await call.answer(status: 204)
    },
  ]
}

private func listContainers(_ call: Call, _ containers: Containers) async throws {
  var options = ListOptions()
  options.all = call.flag("all")
  if let limit = try call.integer("limit"), limit > 0 { options.limit = limit }
  options.size = call.flag("size")
  options.notes = call.flag("notes")
  options.filters = try call.filters()
  try await call.answer(try await containers.list(options).map { $0.spoken(in: call.version) })
}

extension HostConfig {
  /// Before API 1.40 the number of processes could not be changed; nothing and less means any number.
  fileprivate func asUpdate(in version: APIVersion) -> Self {
    var change = self
    if let limit = change.pidsLimit { change.pidsLimit = version < APIVersion(1, 40) ? nil : max(limit, 0) }
    return change
  }
}

extension ListOptions {
  static var everything: ListOptions {
    var options = ListOptions()
    options.all = true
    return options
  }
}

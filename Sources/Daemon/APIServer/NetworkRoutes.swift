import Assembly
import Containers
import DockerAPI
import EngineErrors
import Flags
import Networks

func networkRoutes(_ engine: Engine) -> [Route] {
  let networks = engine.networks
  return [
    Route("GET", "/networks") { call in
      // Before API 1.28 a list told who is in a network.
      let isDetailed = call.version < APIVersion(1, 28)
      try await call.answer(try await networks.list(try call.filters(), containers: isDetailed))
    },
    Route("POST", "/networks/create") { call in
      let request = try await call.body(NetworkCreateRequest.self)
      try await call.answer(try await networks.create(request), status: 201)
    },
    Route("POST", "/networks/prune", since: APIVersion(1, 25)) { call in
      try await call.answer(try await networks.prune(try call.filters()))
    },
    Route("GET", "/networks/{id}") { call in
      let verbose = call.text("verbose") ?? "false"
      if let complaint = GoValues.complaintAboutBool(verbose) {
        throw EngineError(.invalidArgument, "invalid value for verbose: \(verbose): \(complaint)")
      }
      let network = try await networks.inspect(call.hole("id"))
      if let scope = call.text("scope"), scope != network.scope {
        throw EngineError(.notFound, "network \(call.hole("id")) not found")
      }
      try await call.answer(network)
    },
    Route("DELETE", "/networks/{id}") { call in
      try await networks.remove(call.hole("id"))
      try await call.answer(status: 204)
    },
    Route("POST", "/networks/{id}/connect") { call in
      let request = try await call.body(NetworkConnectRequest.self)
      try await engine.containers.connect(
        request.container, to: call.hole("id"), request.endpointConfig ?? EndpointSettings())
      try await call.answer(status: 200)
    },
    Route("POST", "/networks/{id}/disconnect") { call in
      let request = try await call.body(NetworkDisconnectRequest.self)
      try await engine.containers.disconnect(request.container, from: call.hole("id"), force: request.force)
      try await call.answer(status: 200)
    },
  ]
}

import Assembly
import Containers
import DockerAPI
import EngineErrors
import Networks

func networkRoutes(_ engine: Engine) -> [Route] {
  let networks = engine.networks
  return [
    Route("GET", "/networks") { call in try await call.answer(try await networks.list(try call.filters())) },
    Route("POST", "/networks/create") { call in
      let request = try await call.body(NetworkCreateRequest.self)
      try await call.answer(try await networks.create(request), status: 201)
    },
    Route("POST", "/networks/prune") { call in
      try await call.answer(try await networks.prune(try call.filters()))
    },
    Route("GET", "/networks/{id}") { call in
      try await call.answer(try await networks.inspect(call.hole("id"), verbose: call.flag("verbose")))
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

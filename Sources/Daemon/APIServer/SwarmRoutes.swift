import EngineErrors

/// Swarm, secrets, configs and plugins as an engine answers that has none of them.
func swarmRoutes() -> [Route] {
  let paths = ["/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"]
  let isManagersWork: Route.Handler = { _ in
    throw EngineError(
      .unavailable,
      "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to "
        + "swarm and try again.")
  }
  var routes: [Route] = []
  for method in ["GET", "POST", "DELETE"] {
    for path in paths {
      routes.append(Route(method, path, isManagersWork))
      routes.append(Route(method, "\(path)/{rest*}", isManagersWork))
    }
  }
  routes.insert(
    contentsOf: [
      Route("POST", "/swarm/leave") { _ in
        throw EngineError(.unavailable, "This node is not part of a swarm")
      },
      Route("POST", "/swarm/init") { _ in throw EngineError(.notImplemented, "this engine has no swarm mode")
      },
      Route("POST", "/swarm/join") { _ in throw EngineError(.notImplemented, "this engine has no swarm mode")
      },
    ], at: 0)
  return routes
}

func pluginRoutes() -> [Route] {
  let isUnknown: Route.Handler = { call in
    throw EngineError(.notFound, "plugin \"\(call.hole("name"))\" not found")
  }
  let isMissing: Route.Handler = { _ in
    throw EngineError(.notImplemented, "this engine has no plugins: volumes are local, networks are bridges")
  }
  let named = ["enable", "disable", "upgrade", "push", "set"].map {
    Route("POST", "/plugins/{name*}/\($0)", isUnknown)
  }
  return named + [
    Route("DELETE", "/plugins/{name*}", isUnknown), Route("GET", "/plugins/privileges", isMissing),
    Route("POST", "/plugins/pull", isMissing), Route("POST", "/plugins/create", isMissing),
    Route("GET", "/plugins") { call in try await call.answer([String]()) },
    Route("GET", "/plugins/{name*}/json", isUnknown),
  ]
}

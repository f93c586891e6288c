import DockerAPI
import Assembly
import BuildKit
import DaemonSettings
import EngineErrors
import HTTP
import Linux

/// The Docker Engine API over one engine.
public struct APIServer: Sendable {
  private let router: Router
  private let engine: Engine?
  private let times = ActionTimes()
  /// Nil where there is no engine to measure.
  let metrics: Metrics?

  public init(_ engine: Engine, _ facts: DaemonFacts) {
    let buildKit = BuildKitServer(engine) { await engine.worker(facts) }
    let routes =
      systemRoutes(engine, facts) + eventRoutes(engine) + containerRoutes(engine)
      + containerLifeRoutes(engine)
      + logRoutes(engine) + attachRoutes(engine) + execRoutes(engine) + statsRoutes(engine)
      + imageRoutes(engine) + imageTransferRoutes(engine) + registryRoutes(engine)
      + containerFileRoutes(engine) + buildRoutes(engine, buildKit) + buildKitRoutes(buildKit)
      + volumeRoutes(engine) + networkRoutes(engine) + swarmRoutes() + pluginRoutes()
    let undeclared = Set(routes.map(\.name)).symmetricDifference(RouteAccess.table.keys)
    precondition(undeclared.isEmpty, "say in RouteAccess who may use \(undeclared.sorted())")
    self.init(routes, over: engine, facts)
  }

  init(_ routes: [Route], over engine: Engine? = nil, _ facts: DaemonFacts? = nil) {
    router = Router(routes)
    self.engine = engine
    if let engine, let facts {
      metrics = Metrics(engine: engine, facts: facts, times: times)
    } else {
      metrics = nil
    }
  }

  /// Answers one exchange; every error becomes an answer where none was begun. `scope` nil is a client without limits.
  public func answer(_ exchange: HTTPExchange, within scope: Scope? = nil) async {
    let request = exchange.request
    var call = Call(exchange: exchange, version: .newest, holes: [:])
    do {
      // What a path can be asked is nobody's secret: browsers ask before every call.
      if request.method == "OPTIONS" { return try await call.answer(status: 200) }
      let found = try router.find(request.method, request.path)
      call = Call(exchange: exchange, version: found.version, holes: found.holes)
      if let scope { call = try await gate(scope).pass(call, found.route.name) }
      Log.debug("\(request.method) \(request.path)")
      let (route, allowed) = (found.route, call)
      try await times.measure(route.name) { try await route.handler(allowed) }
    } catch {
      await refuse(error, call)
    }
  }

  private func gate(_ scope: Scope) throws(EngineError) -> Gate {
    guard let engine else { throw EngineError(.forbidden, "there is no engine to ask whose this is") }
    return Gate(engine: engine, scope: scope)
  }

  private func refuse(_ error: any Error, _ call: Call) async {
    let (status, message) = statusAndMessage(error)
    let what = "\(call.request.method) \(call.request.path)"
    guard !call.exchange.isAnswered, !(error is CancellationError) else {
      return Log.debug("\(what) broke off: \(message)")
    }
    if status >= 500, status != 501, status != 503 { Log.error("\(what): \(message)") }
    // A client that has gone need not hear why.
    if Router.isBeforeJSON(call.request.path) { return (try? await call.refusePlainly(error)) ?? () }
    try? await call.refuse(error)
  }
}

import Assembly
import EngineErrors
import HTTP
import Linux

/// The Docker Engine API over one engine.
public struct APIServer: Sendable {
  private let router: Router

  public init(_ engine: Engine, _ facts: DaemonFacts) {
    self.init(
      systemRoutes(engine, facts) + eventRoutes(engine) + containerRoutes(engine)
        + containerLifeRoutes(engine)
        + logRoutes(engine) + attachRoutes(engine) + execRoutes(engine) + statsRoutes(engine)
        + imageRoutes(engine) + imageTransferRoutes(engine) + registryRoutes(engine)
        + containerFileRoutes(engine) + buildRoutes(engine)
        + volumeRoutes(engine) + networkRoutes(engine) + swarmRoutes() + pluginRoutes())
  }

  init(_ routes: [Route]) { router = Router(routes) }

  /// Answers one exchange; every error becomes an answer where none was begun.
  public func answer(_ exchange: HTTPExchange) async {
    let request = exchange.request
    var call = Call(exchange: exchange, version: .current, holes: [:])
    do {
      let found = try router.find(request.method, request.path)
      call = Call(exchange: exchange, version: found.version, holes: found.holes)
      Log.debug("\(request.method) \(request.path)")
      try await found.handler(call)
    } catch {
      await refuse(error, call)
    }
  }

  private func refuse(_ error: any Error, _ call: Call) async {
    let (status, message) = statusAndMessage(error)
    let what = "\(call.request.method) \(call.request.path)"
    guard !call.exchange.isAnswered, !(error is CancellationError) else {
      return Log.debug("\(what) broke off: \(message)")
    }
    if status >= 500, status != 501, status != 503 { Log.error("\(what): \(message)") }
    // A client that has gone need not hear why.
    try? await call.refuse(error)
  }
}

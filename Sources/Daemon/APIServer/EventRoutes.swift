import Assembly
import DockerAPI
import EngineErrors
import Events
import HTTP
import JSON

func eventRoutes(_ engine: Engine) -> [Route] {
  [
    Route("GET", "/events") { call in
      let (since, until) = (try call.moment("since"), try call.moment("until"))
      if let since, let until, until < since {
        throw EngineError(
          .invalidArgument,
          "`since` time (\(call.text("since") ?? "")) cannot be after `until` time (\(call.text("until") ?? ""))"
        )
      }
      let events = engine.events.subscribe(since: since, until: until, filters: try call.filters())
      let stream = try await call.stream("application/json")
      try await call.exchange.whileConnected {
        for await event in events { try await stream.write(JSON.encode(event, as: .plain) + [0x0a]) }
        try Task.checkCancellation()
        try await stream.finish()
      }
    }
  ]
}

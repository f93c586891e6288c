import Archive
import Assembly
import Builder
import DockerAPI
import EngineErrors
import HTTP
import Images
import OCISpec
import Reactor

/// Images that come and go as archives or through registries.
func imageTransferRoutes(_ engine: Engine) -> [Route] {
  let images = engine.images
  return [
    Route("POST", "/images/load") { call in
      try await ProgressStream(call).runReporting(quiet: call.flag("quiet")) { report in
        _ = try await UploadSource.with(call.request.body) { try await images.load($0, progress: report) }
      }
    },
    Route("GET", "/images/get") { call in
      let names = call.request.parameters("names").flatMap { $0.split(separator: ",").map(String.init) }
      guard !names.isEmpty else { throw EngineError(.invalidArgument, "no image names given") }
      try await save(names, call, images)
    },
    Route("GET", "/images/{name*}/get") { call in try await save([call.hole("name")], call, images) },
    Route("POST", "/images/create") { call in try await create(call, engine) },
    Route("POST", "/images/{name*}/push") { call in try await push(call, images) },
  ]
}

private func save(_ names: [String], _ call: Call, _ images: Images) async throws {
  let source = try await images.save(names)
  let stream = try await call.stream("application/x-tar")
  try await stream.send(source)
}

extension HTTPResponseStream {
  /// Everything of a source that blocks, then the end.
  func send(_ source: any ByteSource) async throws {
    while true {
      let bytes = try await blocking { try source.read(upTo: 1 << 20) }
      if bytes.isEmpty { return try await finish() }
      try await write(bytes)
    }
  }
}

/// `fromSrc=-` imports the body, `fromImage` pulls.
private func create(_ call: Call, _ engine: Engine) async throws {
  if let source = call.text("fromSrc") {
    guard source == "-" else {
      throw EngineError(
        .notImplemented, "importing from a URL is not supported: fetch it and send it as the body")
    }
    return try await importImage(call, engine.images)
  }
  guard let name = call.text("fromImage") else {
    throw EngineError(.invalidArgument, "either fromImage or fromSrc is needed")
  }
  try await pull(name, call, engine.images)
}

private func importImage(_ call: Call, _ images: Images) async throws {
  let name = call.text("repo").map { repository in
    call.text("tag").map { "\(repository):\($0)" } ?? repository
  }
  let changes = call.request.parameters("changes")
  let progress = ProgressStream(call)
  try await progress.run {
    let image = try await UploadSource.with(call.request.body) {
      try await images.importTar(
        $0, as: name, message: call.text("message") ?? "Imported from -",
        configure: { (defaults) throws(EngineError) in try ConfigurationChanges.apply(changes, to: &defaults)
        })
    }
    var message = ProgressMessage()
    message.status = image.id.description
    try await progress.send(message)
  }
}

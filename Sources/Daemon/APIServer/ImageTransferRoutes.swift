import Archive
import Assembly
import Builder
import DockerAPI
import EngineErrors
import HTTP
import Images
import Linux
import OCISpec
import Reactor
import Registry

/// Images that come and go as archives or through registries.
func imageTransferRoutes(_ engine: Engine) -> [Route] {
  let images = engine.images
  return [
    Route("POST", "/images/load") { call in
      let progress = ProgressStream(call)
      // As dockerd: what is wrong with the archive is told in the stream.
      try await progress.begin()
      try await progress.runReporting(quiet: call.flag("quiet")) { report in
        _ = try await PipedSource.with(call.request.body) { try await images.load($0, progress: report) }
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
    return try await source == "-"
      ? importImage(call, engine.images) : importImage(from: source, call, engine)
  }
  guard let name = call.text("fromImage") else {
    throw EngineError(.invalidArgument, "either fromImage or fromSrc is needed")
  }
  if name == "scratch" { throw EngineError(.forbidden, "'scratch' is a reserved name") }
  try await pull(name, call, engine.images)
}

private func importImage(_ call: Call, _ images: Images) async throws {
  let progress = ProgressStream(call)
  try await progress.run {
    let image = try await PipedSource.with(call.request.body) {
      try await take($0, from: "-", call, images)
    }
    try await progress.say(image.id.description)
  }
}

/// Fetches the archive first: a registry of layers should not wait for a slow server.
private func importImage(from source: String, _ call: Call, _ engine: Engine) async throws {
  let url = source.contains("://") ? source : "http://\(source)"
  guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
    throw EngineError(.invalidArgument, "cannot import from \(url): only http and https URLs are fetched")
  }
  let progress = ProgressStream(call)
  try await call.exchange.whileConnected {
    try await progress.run {
      try await progress.say("Downloading from \(url)")
      let path = "\(engine.settings.dataRoot)/tmp/build-import-\(UInt64.random(in: 0 ... .max))"
      // Nothing is there where the download failed.
      defer { try? Files.unlink(path) }
      _ = try await WebFile.download(url, to: path, failure: "import failed")
      let file = DescriptorSource(try FileDescriptor.open(path, [.readOnly]))
      let image = try await take(file, from: url, call, engine.images)
      try await progress.say(image.id.description)
    }
  }
}

private func take(
  _ tar: any ByteSource, from source: String, _ call: Call, _ images: Images
) async throws -> Image {
  let changes = call.request.parameters("changes")
  let name = call.text("repo").map { repository in
    call.text("tag").map { "\(repository):\($0)" } ?? repository
  }
  return try await images.importTar(
    tar, as: name, message: call.text("message") ?? "Imported from \(source)",
    configure: { (defaults) throws(EngineError) in try ConfigurationChanges.apply(changes, to: &defaults) })
}

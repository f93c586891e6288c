import EngineErrors
import Reactor
import Snapshots

/// WORKDIR: the directory exists in the image from now on.
extension BuildRun {
  func changeDirectory(_ path: String, on state: inout StageState) async throws {
    let parent = try Self.id(of: state)
    try state.changeDirectory(path)
    let directory = state.workingDirectory
    let createdBy = "\(state.shell.joined(separator: " ")) #(nop) WORKDIR \(directory)"
    let key = BuildCache.key(parent: parent, ["workdir", directory])
    if try await cached(key, createdBy: createdBy, on: &state) { return }
    let layerPath = try await layerDirectory()
    let snapshots = builder.snapshots
    let isNew = try await snapshots.withMounted(
      try await snapshots.rootFileSystem(of: state.top), readOnly: true
    ) { image in
      try await blocking { () throws(EngineError) in
        try failing(.invalidArgument, "WORKDIR \(directory)") {
          let writer = try LayerWriter(image: image, layer: layerPath, owner: .root, mode: nil)
          try writer.makeDirectory(try writer.canonical(directory))
          try writer.finish()
          return !writer.isEmpty
        }
      }
    }
    let layer = isNew ? try await snapshots.adopt(directory: layerPath, on: state.top) : nil
    try await finish(key, createdBy: createdBy, layer: layer, on: &state)
  }
}

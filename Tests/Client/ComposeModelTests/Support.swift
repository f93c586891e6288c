import ComposeModel
import JSON

/// Files that live in memory.
struct MemoryFiles: ComposeFiles {
  var contents: [String: String]

  func read(_ path: String) throws(ComposeError) -> [UInt8] {
    guard let text = contents[path] else { throw ComposeError("open \(path): no such file or directory") }
    return Array(text.utf8)
  }

  func kind(of path: String) -> FileKind? {
    if contents[path] != nil { return .file }
    return contents.keys.contains { $0.hasPrefix(path == "/" ? "/" : path + "/") } ? .directory : nil
  }

  func resolved(_ path: String) -> String { path }
  func standardInput() throws(ComposeError) -> [UInt8] { Array((contents["-"] ?? "").utf8) }
}

/// Loads a project of files under `/app`, as `compose` does there.
func load(
  _ files: [String: String], environment: [String: String] = [:], log: LoadLog = LoadLog(),
  _ change: (inout ProjectSource, inout LoadOptions) -> Void = { _, _ in }, selecting: [String] = []
) throws -> Project {
  let memory = MemoryFiles(
    contents: Dictionary(
      uniqueKeysWithValues: files.map { key, text in
        (key.hasPrefix("/") || key == "-" ? key : "/app/\(key)", text)
      }))
  var source = ProjectSource(environment: environment, currentDirectory: "/app")
  var options = LoadOptions()
  options.discardsFiles = true
  change(&source, &options)
  return try Project.load(source, files: memory, options: options, log: log, selecting: selecting)
}

/// The message that loading ends with.
func complaint(_ files: [String: String], environment: [String: String] = [:]) -> String? {
  do {
    _ = try load(files, environment: environment)
    return nil
  } catch {
    return "\(error)"
  }
}

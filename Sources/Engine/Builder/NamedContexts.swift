import Dockerfile
import EngineErrors
import Hashing
import ImageNames
import OCISpec
import PathPatterns

/// What stands for an image or a stage of the Dockerfile (`--build-context NAME=…`).
public enum NamedContext: Sendable {
  /// Another image.
  case image(String)
  /// Files that are brought one by one, when they are needed.
  case files(@Sendable (ContextReceiver) async throws -> Void)
}

extension BuildOptions {
  /// What stands for the name, as a Dockerfile writes it.
  func context(_ name: String) -> NamedContext? {
    contexts.isEmpty ? nil : contexts[name] ?? contexts[Self.contextName(name)]
  }

  /// The name as clients write it: an image's without what is standard in it.
  static func contextName(_ name: String) -> String {
    // What is no image's name is a stage's.
    guard let image = try? ImageReference.parse(name.lowercased()) else { return name.lowercased() }
    let familiar = image.familiar
    return familiar.hasSuffix(":latest") ? String(familiar.dropLast(7)) : familiar
  }
}

extension BuildRun {
  /// The image that FROM or a source of files means.
  func imageName(_ name: String) throws(EngineError) -> String {
    switch options.context(name) {
    case nil: return name
    case .image(let other): return other
    case .files:
      throw EngineError(
        .notImplemented, "the build context \"\(name)\" is a directory, and FROM needs an image")
    }
  }

  /// The build's context, or the one of that name, fetched when it is needed first; nil for a stage's or image's name.
  func files(_ name: String?) async throws -> ContextDirectory? {
    guard let name else { return context }
    guard case .files(let send) = options.context(name) else { return nil }
    if let known = namedDirectories[name] { return known }
    let directory = try await ContextReceiver.receive(
      into: layerDirectory(), "the build context \(name)", from: send)
    namedDirectories[name] = directory
    return directory
  }
}

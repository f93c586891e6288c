import JSON
import PathPatterns
import TextFormats

/// Follows `extends`: a service takes over what another says, from this file or from another.
struct Extending {
  let loader: Loader
  /// The file whose services are being extended, as errors name it.
  let file: String
  /// The places that the file resets.
  let resets: [[String]]

  /// A service on the way of `extends` so far.
  fileprivate struct Step: Equatable {
    let file: String
    let service: String
  }

  func apply(to tree: JSONObject) throws(ComposeError) -> JSONObject {
    guard let section = tree["services"] else { return tree }
    guard case .object(var services) = section else { throw ComposeError("services must be a mapping") }
    for name in services.keys {
      services[name] = try extended(name, in: &services, [], resets)
    }
    var result = tree
    result["services"] = .object(services)
    return result
  }

  private func extended(
    _ name: String, in services: inout JSONObject, _ way: [Step], _ resets: [[String]]
  ) throws(ComposeError) -> JSONValue {
    guard let value = services[name], value != .null else { return .null }
    guard case .object(let service) = value else { throw ComposeError("services.\(name) must be a mapping") }
    guard let extends = service["extends"] else { return value }
    let (ref, otherFile) = try reference(extends, name)
    var base: JSONValue
    let step = Step(file: otherFile ?? file, service: name)
    if let otherFile {
      var (others, otherResets) = try self.services(of: otherFile, for: name, ref)
      base = try extended(ref, in: &others, try way.adding(step), otherResets)
    } else {
      guard services[ref] != nil else {
        throw ComposeError(
          "cannot extend service \(GoQuote.text(name)) in \(file): service \(GoQuote.text(ref)) not found")
      }
      base = try extended(ref, in: &services, try way.adding(step), [])
    }
    guard base != .null else { return value }
    base = dropping(resets, from: ["services": .object([name: base])])["services"]?[name] ?? .null
    guard case .object(let source) = base else { return value }
    var merged = try Merging.extend(source, service)
    merged["extends"] = nil
    services[name] = .object(merged)
    return .object(merged)
  }

  private func reference(_ extends: JSONValue, _ name: String) throws(ComposeError) -> (String, String?) {
    switch extends {
    case .string(let ref): return (ref, nil)
    case .object(let members):
      guard let ref = members["service"]?.string else {
        throw ComposeError("extends.\(name).service is required")
      }
      return (ref, members["file"]?.string)
    default: throw ComposeError("extends.\(name).service is required")
    }
  }

  private func services(
    of path: String, for name: String, _ ref: String
  ) throws(ComposeError) -> (JSONObject, [[String]]) {
    let local = loader.absolute(path)
    let failure = "cannot extend service \(GoQuote.text(name)) in"
    var other = loader
    other.directory = SlashPath.directory(local)
    other.validates = false
    other.extends = false
    other.includes = false
    let (tree, resets) = try other.add(SourceFile(path: local), to: [:], including: [])
    guard let section = tree["services"] else {
      throw ComposeError("\(failure) \(local): no services section")
    }
    guard case .object(let services) = section else {
      throw ComposeError("\(failure) \(local): services must be a mapping")
    }
    guard services[ref] != nil else {
      throw ComposeError("\(failure) \(file): service \(GoQuote.text(ref)) not found in \(path)")
    }
    let paths = RelativePaths(
      base: loader.relativeDirectory(of: path), home: loader.home, files: loader.files)
    return (try paths.resolve(tree)["services"]?.object ?? [:], resets)
  }
}

extension [Extending.Step] {
  /// The way with one more step; throws where it leads in a circle.
  fileprivate func adding(_ step: Element) throws(ComposeError) -> Self {
    guard count < Loader.maximalNesting else { throw ComposeError("extends is nested too deeply") }
    guard contains(step) else { return self + [step] }
    var lines = ["Circular reference:", "  \(self[0].service) in \(self[0].file)"]
    for next in dropFirst() + [step] { lines.append("  extends \(next.service) in \(next.file)") }
    throw ComposeError(lines.joined(separator: "\n"))
  }
}

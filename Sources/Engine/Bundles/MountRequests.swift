import DockerAPI
import EngineErrors

/// A mount that the user or the image asks for, before volumes have names and paths exist.
public struct MountRequest: Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    /// A path of the host; `create` makes a missing directory (`-v` does, `--mount` does not).
    case bind(path: String, create: Bool)
    /// A named volume, or with nil a new anonymous one.
    case volume(
      name: String?, driver: String, options: [String: String], labels: [String: String], copyUp: Bool,
      subpath: String?)
    /// The files of an image, or a file or directory of it.
    case image(reference: String, subpath: String?)
    /// Options as mount(8) spells them: `size=64m`, `mode=1777`.
    case tmpfs(options: [String])
  }

  public var source: Source
  public var destination: String
  public var readOnly: Bool
  /// rprivate unless asked otherwise; empty for volumes and tmpfs.
  public var propagation: String
  public var nonRecursive: Bool
  /// What is mounted below a read-only mount stays writable.
  public var readOnlyIsFlat: Bool
  /// The option text of `-v`, which inspect repeats.
  public var mode: String

  public init(
    source: Source, destination: String, readOnly: Bool = false, propagation: String = "",
    nonRecursive: Bool = false, readOnlyIsFlat: Bool = false,
    mode: String = ""
  ) {
    self.source = source
    self.destination = destination
    self.readOnly = readOnly
    self.propagation = propagation
    self.nonRecursive = nonRecursive
    self.readOnlyIsFlat = readOnlyIsFlat
    self.mode = mode
  }
}

/// Collects what a create request and its image want mounted: `-v`, `--mount`, `--tmpfs` and `VOLUME`.
public func mountRequests(_ config: ContainerConfig, _ host: HostConfig) throws(EngineError) -> [MountRequest]
{
  var requests: [MountRequest] = []
  for bind in host.binds ?? [] { requests.append(try parseBind(bind, driver: host.volumeDriver)) }
  for mount in host.mounts ?? [] { requests.append(try request(from: mount)) }
  for (path, options) in (host.tmpfs ?? [:]).sorted(by: { $0.key < $1.key }) {
    guard path.hasPrefix("/") else {
      throw EngineError(
        .invalidArgument, "invalid mount path: '\(path)' mount path must be absolute")
    }
    let words = try TmpfsWords.checked(options)
    requests.append(MountRequest(source: .tmpfs(options: words), destination: try clean(path, in: path)))
  }
  var seen: Set<String> = []
  for mount in requests where !seen.insert(mount.destination).inserted {
    throw EngineError(.invalidArgument, "Duplicate mount point: \(mount.destination)")
  }
  for path in (config.volumes ?? [:]).keys.sorted() {
    let destination = try clean(path, in: path)
    guard seen.insert(destination).inserted else { continue }
    let anonymous = MountRequest.Source.volume(
      name: nil, driver: "local", options: [:], labels: [:], copyUp: true, subpath: nil)
    requests.append(MountRequest(source: anonymous, destination: destination))
  }
  return requests
}

private let propagations: Set<String> = ["private", "rprivate", "slave", "rslave", "shared", "rshared"]

private func parseBind(_ text: String, driver: String) throws(EngineError) -> MountRequest {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
  // A path alone is where an anonymous volume goes.
  if parts.count == 1, !text.isEmpty {
    let anonymous = MountRequest.Source.volume(
      name: nil, driver: driver.isEmpty ? "local" : driver, options: [:], labels: [:], copyUp: true,
      subpath: nil)
    return MountRequest(source: anonymous, destination: try clean(text, in: text))
  }
  guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
    throw EngineError(.invalidArgument, "invalid volume specification: '\(text)'")
  }
  let mode = parts.count == 3 ? parts[2] : ""
  var propagation = ""
  var copyUp = true
  for option in mode.split(separator: ",").map(String.init) {
    switch option {
    case "ro", "rw", "z", "Z", "cached", "delegated", "consistent": break
    case "nocopy": copyUp = false
    case _ where propagations.contains(option): propagation = option
    default:
      throw EngineError(.invalidArgument, "invalid mode: \(mode)")
    }
  }
  let isPath = parts[0].hasPrefix("/")
  guard copyUp || !isPath else {
    throw EngineError(
      .invalidArgument,
      "invalid volume specification: '\(text)': invalid mount config for type \"bind\": field VolumeOptions must not be specified"
    )
  }
  let destination = try clean(parts[1], in: text, type: isPath ? "bind" : "volume")
  let source: MountRequest.Source =
    isPath
    ? .bind(path: lexicallyClean(parts[0]), create: true)
    : .volume(
      name: try volumeName(parts[0]), driver: driver.isEmpty ? "local" : driver, options: [:], labels: [:],
      copyUp: copyUp, subpath: nil)
  return MountRequest(
    source: source, destination: destination, readOnly: mode.split(separator: ",").contains("ro"),
    propagation: isPath ? (propagation.isEmpty ? "rprivate" : propagation) : "", mode: mode)
}

private func request(from mount: Mount) throws(EngineError) -> MountRequest {
  func invalid(_ why: String) -> EngineError {
    EngineError(.invalidArgument, "invalid mount config for type \"\(mount.type)\": \(why)")
  }
  guard !mount.target.isEmpty else { throw invalid("field Target must not be empty") }
  guard mount.target.hasPrefix("/") else {
    throw invalid("invalid mount path: '\(mount.target)' mount path must be absolute")
  }
  let destination = try clean(mount.target, in: mount.target)
  var result = MountRequest(
    source: .tmpfs(options: []), destination: destination, readOnly: mount.readOnly ?? false)
  if mount.type != "image", mount.imageOptions != nil {
    throw invalid("field ImageOptions must not be specified")
  }
  switch mount.type {
  case "image":
    guard let reference = mount.source, !reference.isEmpty else {
      throw invalid("field Source must not be empty")
    }
    let subpath = mount.imageOptions?.subpath.flatMap { $0.isEmpty ? nil : $0 }
    if let subpath, subpath.hasPrefix("/") || subpath.split(separator: "/").contains("..") {
      throw invalid("subpath must be a relative path within the volume")
    }
    result.source = .image(reference: reference, subpath: subpath)
    result.propagation = "rprivate"
    result.readOnly = true
  case "bind":
    guard let path = mount.source, !path.isEmpty else { throw invalid("field Source must not be empty") }
    guard path.hasPrefix("/") else {
      throw invalid("invalid mount path: '\(path)' mount path must be absolute")
    }
    result.source = .bind(path: lexicallyClean(path), create: mount.bindOptions?.createMountpoint ?? false)
    let propagation = mount.bindOptions?.propagation ?? ""
    guard propagation.isEmpty || propagations.contains(propagation) else {
      throw invalid("invalid propagation mode: \(propagation)")
    }
    result.propagation = propagation.isEmpty ? "rprivate" : propagation
    result.nonRecursive = mount.bindOptions?.nonRecursive ?? false
    result.readOnlyIsFlat = mount.bindOptions?.readOnlyNonRecursive ?? false
  case "volume":
    let options = mount.volumeOptions
    let name = mount.source.flatMap { $0.isEmpty ? nil : $0 }
    result.source = .volume(
      name: try name.map(volumeName),
      driver: options?.driverConfig?.name.flatMap { $0.isEmpty ? nil : $0 } ?? "local",
      options: options?.driverConfig?.options ?? [:], labels: options?.labels ?? [:],
      copyUp: !(options?.noCopy ?? false),
      subpath: options?.subpath.flatMap { $0.isEmpty ? nil : $0 })
  case "tmpfs":
    guard (mount.source ?? "").isEmpty else { throw invalid("field Source must not be specified") }
    var words: [String] = []
    if let size = mount.tmpfsOptions?.sizeBytes, size > 0 { words.append("size=\(size)") }
    if let mode = mount.tmpfsOptions?.mode { words.append("mode=\(String(mode, radix: 8))") }
    for option in mount.tmpfsOptions?.options ?? [] {
      guard (1...2).contains(option.count), option[0] != "",
        !option.contains(where: { $0.contains(",") || $0.contains("=") })
      else { throw invalid("TmpfsOptions.Options holds lists of a flag, or of a name and its value") }
      words.append(option.joined(separator: "="))
    }
    result.source = .tmpfs(options: words)
  default: throw invalid("mount type unknown")
  }
  return result
}

private func volumeName(_ name: String) throws(EngineError) -> String {
  let tail: (UInt8) -> Bool = { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }
  guard name.utf8.count > 1 else {
    throw EngineError(
      .invalidArgument,
      "create \(name): volume name is too short, names should be at least two alphanumeric characters")
  }
  guard let first = name.utf8.first, tail(first), !"_.-".utf8.contains(first), name.utf8.allSatisfy(tail)
  else {
    throw EngineError(
      .invalidArgument,
      "create \(name): \"\(name)\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. "
        + "If you intended to pass a host directory, use absolute path")
  }
  return name
}

private func clean(_ path: String, in text: String, type: String = "volume") throws(EngineError) -> String {
  guard path.hasPrefix("/") else {
    throw EngineError(
      .invalidArgument,
      "invalid volume specification: '\(text)': invalid mount config for type \"\(type)\": invalid mount path: '\(path)' mount path must be absolute"
    )
  }
  let cleaned = lexicallyClean(path)
  guard cleaned != "/" else {
    throw EngineError(
      .invalidArgument,
      "invalid volume specification: '\(text)': invalid mount config for type \"\(type)\":"
        + " invalid specification: destination can't be '/'")
  }
  return cleaned
}

/// Go's path.Clean for an absolute path: no `.`, `..`, doubled or trailing slashes.
public func lexicallyClean(_ path: String) -> String {
  var kept: [Substring] = []
  for part in path.split(separator: "/") {
    switch part {
    case ".": continue
    case "..": _ = kept.popLast()
    default: kept.append(part)
    }
  }
  return "/" + kept.joined(separator: "/")
}

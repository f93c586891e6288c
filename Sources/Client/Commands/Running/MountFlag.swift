import DockerAPI
import TextFormats

/// `--mount type=bind,src=/a,dst=/b,readonly`.
enum MountFlag {
  static let complaint: @Sendable (String) -> String? = { text in
    if case .failure(let fault) = parse(text) { fault.description } else { nil }
  }

  static func parse(_ text: String) -> Result<Mount, CommandFailure> {
    do throws(CommandFailure) {
      return .success(try read(text))
    } catch {
      return .failure(error)
    }
  }

  private static func read(_ text: String) throws(CommandFailure) -> Mount {
    guard !text.isEmpty else { throw CommandFailure("EOF") }
    var mount = Mount()
    mount.type = "volume"
    for field in CommaFields.split(text) {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = parts[0].lowercased()
      if parts.count == 1, try set(&mount, switch: key) { continue }
      guard parts.count == 2 else {
        throw CommandFailure("invalid field '\(field)' must be a key=value pair")
      }
      try set(&mount, key, String(parts[1]))
    }
    try check(mount)
    return mount
  }

  /// Keys that may stand without a value.
  private static func set(_ mount: inout Mount, switch key: String) throws(CommandFailure) -> Bool {
    switch key {
    case "readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src":
      try set(&mount, key, "true")
      return true
    default: return false
    }
  }

  private static func set(_ mount: inout Mount, _ key: String, _ value: String) throws(CommandFailure) {
    func flag() throws(CommandFailure) -> Bool {
      switch value {
      case "true", "1", "True", "TRUE", "t", "T": return true
      case "false", "0", "False", "FALSE", "f", "F": return false
      default: throw CommandFailure("invalid value for \(key): \(value)")
      }
    }
    switch key {
    case "type": mount.type = value.lowercased()
    case "source", "src": mount.source = value.hasPrefix(".") ? HostPath.absolute(value) : value
    case "target", "dst", "destination": mount.target = value
    case "readonly", "ro": mount.readOnly = try flag()
    case "consistency": mount.consistency = value.lowercased()
    case "bind-propagation": change(&mount.bindOptions, BindOptions()) { $0.propagation = value.lowercased() }
    case "bind-nonrecursive":
      let on = try flag()
      change(&mount.bindOptions, BindOptions()) { $0.nonRecursive = on }
    case "bind-create-src":
      let on = try flag()
      change(&mount.bindOptions, BindOptions()) { $0.createMountpoint = on }
    case "bind-recursive": try setRecursion(&mount, value)
    case "volume-subpath": change(&mount.volumeOptions, VolumeOptions()) { $0.subpath = value }
    case "volume-nocopy":
      let on = try flag()
      change(&mount.volumeOptions, VolumeOptions()) { $0.noCopy = on }
    case "volume-label":
      let (name, label) = pair(value)
      change(&mount.volumeOptions, VolumeOptions()) {
        $0.labels = ($0.labels ?? [:]).merging([name: label]) { $1 }
      }
    case "volume-driver":
      change(&mount.volumeOptions, VolumeOptions()) {
        change(&$0.driverConfig, VolumeDriver()) { $0.name = value }
      }
    case "volume-opt":
      let (name, option) = pair(value)
      change(&mount.volumeOptions, VolumeOptions()) {
        change(&$0.driverConfig, VolumeDriver()) {
          $0.options = ($0.options ?? [:]).merging([name: option]) { $1 }
        }
      }
    case "image-subpath": change(&mount.imageOptions, ImageOptions()) { $0.subpath = value }
    case "tmpfs-size":
      // The next line says so when it is no size.
      guard let size = try? ByteSize.parse(value) else {
        throw CommandFailure("invalid value for \(key): \(value)")
      }
      change(&mount.tmpfsOptions, TmpfsOptions()) { $0.sizeBytes = size }
    case "tmpfs-mode":
      guard let mode = UInt32(value, radix: 8) else {
        throw CommandFailure("invalid value for \(key): \(value)")
      }
      change(&mount.tmpfsOptions, TmpfsOptions()) { $0.mode = mode }
    default: throw CommandFailure("unexpected key '\(key)' in '\(key)=\(value)'")
    }
  }

  private static func setRecursion(_ mount: inout Mount, _ value: String) throws(CommandFailure) {
    switch value {
    case "enabled": break
    case "disabled": change(&mount.bindOptions, BindOptions()) { $0.nonRecursive = true }
    case "writable": change(&mount.bindOptions, BindOptions()) { $0.readOnlyNonRecursive = true }
    case "readonly": change(&mount.bindOptions, BindOptions()) { $0.readOnlyForceRecursive = true }
    default:
      throw CommandFailure(
        "invalid value for bind-recursive: \(value) (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")"
      )
    }
  }

  private static func check(_ mount: Mount) throws(CommandFailure) {
    guard !mount.target.isEmpty else { throw CommandFailure("target is required") }
    if mount.volumeOptions != nil, mount.type != "volume" {
      throw CommandFailure("cannot mix 'volume-*' options with mount type '\(mount.type)'")
    }
    if mount.bindOptions != nil, mount.type != "bind" {
      throw CommandFailure("cannot mix 'bind-*' options with mount type '\(mount.type)'")
    }
    if mount.imageOptions != nil, mount.type != "image" {
      throw CommandFailure("cannot mix 'image-*' options with mount type '\(mount.type)'")
    }
    if mount.tmpfsOptions != nil, mount.type != "tmpfs" {
      throw CommandFailure("cannot mix 'tmpfs-*' options with mount type '\(mount.type)'")
    }
  }

  private static func pair(_ text: String) -> (String, String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
  }
}

/// Changes an optional value, from `fresh` when there is none yet.
func change<Value>(_ value: inout Value?, _ fresh: Value, _ body: (inout Value) -> Void) {
  var changed = value ?? fresh
  body(&changed)
  value = changed
}

/// Fields separated by commas, where quotation marks keep commas (RFC 4180, one line).
enum CommaFields {
  static func split(_ text: String) -> [String] {
    var fields = [""]
    var quoted = false
    for letter in text {
      if letter == "\"" {
        quoted.toggle()
      } else if letter == ",", !quoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(letter)
      }
    }
    return fields
  }
}

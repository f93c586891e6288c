import JSON
import TerminalUI
import TextFormats

/// What `inspect` writes of the objects it found: all of them as JSON, or each by a template.
struct InspectOutput {
  private enum Form {
    case indented, compact
    case template(GoTemplate)
  }

  private let form: Form

  /// `format` as it was given; a broken template is told with docker's own exit code.
  init(_ format: String) throws {
    form =
      switch format {
      case "": .indented
      case "json": .compact
      case let text: .template(try Listing.parse(text, status: 64))
      }
  }

  /// Writes the objects; returns what to say of those that do not fit the template.
  /// `typeName` is docker's word for what they are, where it is not told by the engine.
  func tell(_ values: [JSONValue], typeName: String? = nil) -> [String] {
    guard case .template(let template) = form else {
      let isIndented = if case .indented = form { true } else { false }
      StandardStream.output.line(
        String(decoding: JSON.encode(values, as: .docker, pretty: isIndented), as: UTF8.self))
      return []
    }
    var lines: [String] = []
    var failures: [String] = []
    for value in values {
      do {
        let root = typeName.map { TemplateValue.record(TemplateRecord(value, typeName: $0)) } ?? .json(value)
        lines.append(try template.render(root, fields: Self.fields))
      } catch {
        failures.append("template parsing error: \(error)")
      }
    }
    // Docker ends a line also where there is nothing to say.
    StandardStream.output.write(lines.isEmpty ? "\n" : lines.map { "\($0)\n" }.joined())
    return failures
  }

  /// What docker's client knows of containers, images, networks and volumes.
  static let fields: GoFields = {
    var fields = GoFields()
    for name in [
      "Author", "Comment", "CreatedAt", "Driver", "GatewayIPv6", "Isolation", "MacAddress", "Name",
      "OsVersion",
      "Parent", "Platform", "Runtime", "StopSignal", "User", "Variant", "WorkingDir", "DefaultGateway",
    ] {
      fields.absent[name] = ""
    }
    for name in ["ArgsEscaped", "NetworkDisabled", "Tty"] { fields.absent[name] = "false" }
    for name in ["Interval", "Timeout", "StartPeriod", "StartInterval"] {
      fields.absent[name] = "0s"
      fields.durations.insert(name)
    }
    fields.absent["Retries"] = "0"
    for name in [
      "BindOptions", "ClusterVolume", "Health", "Healthcheck", "ImageManifestDescriptor", "Init",
      "SizeRootFs",
      "SizeRw", "StopTimeout", "TmpfsOptions", "UsageData", "VolumeOptions", "ConsoleSize",
    ] {
      fields.absent[name] = "<nil>"
    }
    for name in [
      "Annotations", "ExposedPorts", "Labels", "Options", "Status", "StorageOpt", "Sysctls", "Tmpfs",
      "Volumes",
    ] {
      fields.absent[name] = "map[]"
      fields.maps.insert(name)
    }
    fields.lists = [
      "Aliases", "Args", "Binds", "BlkioDeviceReadBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteBps",
      "BlkioDeviceWriteIOps", "BlkioWeightDevice", "CapAdd", "CapDrop", "Cmd", "DNSNames",
      "DeviceCgroupRules",
      "DeviceRequests", "Devices", "Dns", "DnsOptions", "DnsSearch", "Entrypoint", "Env", "ExecIDs",
      "ExtraHosts", "GroupAdd", "Layers", "Links", "MaskedPaths", "Mounts", "OnBuild", "ReadonlyPaths",
      "RepoDigests", "RepoTags", "SecurityOpt", "Shell", "Test", "Ulimits", "VolumesFrom",
    ]
    fields.spellings = [
      "ID": "Id", "CPUCount": "CpuCount", "CPUPercent": "CpuPercent", "CPUPeriod": "CpuPeriod",
      "CPUQuota": "CpuQuota", "CPURealtimePeriod": "CpuRealtimePeriod",
      "CPURealtimeRuntime": "CpuRealtimeRuntime", "CPUShares": "CpuShares", "DNS": "Dns",
      "DNSOptions": "DnsOptions",
      "DNSSearch": "DnsSearch", "HostIP": "HostIp",
      "NanoCPUs": "NanoCpus",
    ]
    for name in ["Cmd", "Entrypoint", "Env", "Mounts", "OnBuild", "Shell", "Test"] {
      fields.absent[name] = "[]"
    }
    return fields
  }()
}

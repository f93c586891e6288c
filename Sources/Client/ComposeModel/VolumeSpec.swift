import JSON
import PathPatterns

/// The short syntax of a service's volumes: `[source:]target[:options]`.
enum VolumeSpec {
  /// The long syntax of `spec`.
  static func parse(_ spec: String) throws(ComposeError) -> JSONObject {
    guard !spec.isEmpty else { throw ComposeError("invalid empty volume spec") }
    var volume = Volume()
    if spec.unicodeScalars.count <= 2 {
      volume.target = spec
    } else {
      let sections = sections(of: spec)
      for (place, section) in sections.enumerated() {
        do {
          try volume.take(section, last: place == sections.count - 1)
        } catch {
          throw ComposeError("invalid spec: \(spec): \(error)")
        }
      }
    }
    return volume.tree
  }

  /// Splits at colons, but not behind a drive letter and not inside `${…}`.
  private static func sections(of spec: String) -> [String] {
    var sections: [String] = []
    var section = String.UnicodeScalarView()
    var depth = 0
    let scalars = Array(spec.unicodeScalars)
    for (place, scalar) in scalars.enumerated() {
      if scalar == "$", place + 1 < scalars.count, scalars[place + 1] == "{" { depth += 1 }
      if scalar == "}", depth > 0 { depth -= 1 }
      let isDrive = section.count == 1 && section.first?.properties.isAlphabetic == true
      if scalar == ":", depth == 0, !isDrive {
        sections.append(String(section))
        section = .init()
      } else {
        section.append(scalar)
      }
    }
    sections.append(String(section))
    return sections
  }

  static func isPath(_ source: String) -> Bool {
    guard let first = source.unicodeScalars.first else { return false }
    if first == "." || first == "/" || first == "~" || source.hasPrefix("\\\\") { return true }
    return first.properties.isAlphabetic && source.unicodeScalars.dropFirst().first == ":"
  }

  private struct Volume {
    var source = ""
    var target = ""
    var readOnly = false
    var noCopy = false
    var bind: JSONObject?

    mutating func take(_ section: String, last: Bool) throws(ComposeError) {
      guard !section.isEmpty else { throw ComposeError("empty section between colons") }
      if source.isEmpty, last {
        target = section
      } else if source.isEmpty {
        source = section
      } else if target.isEmpty {
        target = section
      } else if !last {
        throw ComposeError("too many colons")
      } else {
        for option in section.split(separator: ",") { take(option: String(option)) }
      }
    }

    private mutating func take(option: String) {
      switch option {
      case "ro": readOnly = true
      case "rw": readOnly = false
      case "nocopy": noCopy = true
      case "rprivate", "private", "rshared", "shared", "rslave", "slave":
        bind = bind ?? [:]
        bind?["propagation"] = .string(option)
      case "z", "Z":
        bind = bind ?? [:]
        bind?["selinux"] = .string(option)
      default: break
      }
    }

    var tree: JSONObject {
      let isBind = VolumeSpec.isPath(source)
      var tree: JSONObject = ["type": isBind ? "bind" : "volume"]
      if !source.isEmpty { tree["source"] = .string(source) }
      if !target.isEmpty { tree["target"] = .string(SlashPath.clean(target)) }
      if readOnly { tree["read_only"] = true }
      if isBind {
        var bind = self.bind ?? [:]
        bind["create_host_path"] = true
        tree["bind"] = .object(bind)
      } else if let bind {
        tree["bind"] = .object(bind)
      }
      if !isBind || noCopy { tree["volume"] = noCopy ? ["nocopy": true] : [:] }
      return tree
    }
  }
}

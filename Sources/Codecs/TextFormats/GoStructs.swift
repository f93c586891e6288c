import JSON

/// Structs of Docker's API that templates print as a whole: Go shows their fields' values in order, without names.
enum GoStructs {
  private struct Shape {
    /// In the order of the declaration; a field that may be left out ends in `?` and what stands for it.
    let fields: [(name: String, absent: String?)]

    init(_ fields: String...) {
      self.fields = fields.map { field in
        let parts = field.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
      }
    }

    func text(_ object: JSONObject) -> String? {
      var texts: [String] = []
      var found = 0
      for field in fields {
        guard let value = object[field.name] else {
          guard let absent = field.absent else { return nil }
          texts.append(absent)
          continue
        }
        found += 1
        texts.append(value == .null ? field.absent ?? "<nil>" : TemplateValue.text(value))
      }
      // A map that users wrote may have these names, and others.
      return found == object.count ? "{" + texts.joined(separator: " ") + "}" : nil
    }
  }

  private static let shapes = [
    Shape("HostIp", "HostPort"), Shape("Name", "MaximumRetryCount"), Shape("Type", "Config?map[]"),
    Shape("Type", "Name?", "Source", "Destination", "Driver?", "Mode", "RW", "Propagation"),
    Shape("Subnet", "IPRange?", "Gateway?", "AuxiliaryAddresses?map[]"),
    Shape("Driver", "Options?map[]", "Config?[]"),
    Shape("PathOnHost", "PathInContainer", "CgroupPermissions"),
    Shape(
      "Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "Pid", "ExitCode", "Error",
      "StartedAt",
      "FinishedAt", "Health?<nil>"),
  ]

  /// `{json-file map[]}`; nil for an object that is no struct known here.
  static func text(_ object: JSONObject) -> String? {
    guard (2...12).contains(object.count) else { return nil }
    for shape in shapes {
      if let text = shape.text(object) { return text }
    }
    return nil
  }
}

import JSON
import PathPatterns

/// The short syntaxes of ports and volumes, for command lines.
public enum PortSpecs {
  /// `[[ip:][host:]]container[/protocol]` in canonical form.
  public static func parse(_ text: String) throws(ComposeError) -> [JSONObject] { try PortSpec.parse(text) }
}

public enum VolumeSpecs {
  /// `[source:]target[:options]` in canonical form; a relative path is one seen from `directory`.
  public static func parse(_ text: String, from directory: String) throws(ComposeError) -> JSONObject {
    var volume = try VolumeSpec.parse(text)
    if volume["type"]?.string == "bind", let source = volume["source"]?.string {
      volume["source"] = .string(SlashPath.join(directory, source))
    }
    return volume
  }
}

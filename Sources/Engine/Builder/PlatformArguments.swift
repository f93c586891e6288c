import OCISpec

/// The arguments that are known in front of every FROM, and in a stage after ARG without a value.
enum PlatformArguments {
  static func values(target: String) -> [String: String] {
    let platform = Platform.host
    var values = ["TARGETSTAGE": target.isEmpty ? "default" : target]
    for side in ["TARGET", "BUILD"] {
      values["\(side)OS"] = platform.os
      values["\(side)ARCH"] = platform.architecture
      values["\(side)VARIANT"] = platform.variant ?? ""
      values["\(side)PLATFORM"] = [platform.os, platform.architecture, platform.variant].compactMap(\.self)
        .joined(separator: "/")
    }
    return values
  }
}

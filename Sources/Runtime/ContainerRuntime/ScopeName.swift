/// The scope of a container, as `cgroupsPath` names it for systemd: `slice:prefix:name`.
struct ScopeName: Equatable {
  let slice: String
  let unit: String

  /// Without a path the scope is named after the container; without a slice it stands where services do, or users.
  init(_ asked: String, id: String, isUser: Bool = false) throws(RuntimeError) {
    let usual = isUser ? "user.slice" : "system.slice"
    if asked.isEmpty {
      slice = usual
      unit = "skiff-\(id).scope"
      return
    }
    let parts = asked.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else {
      throw RuntimeError(
        .invalid,
        "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"\(asked)\"")
    }
    slice = parts[0].isEmpty ? usual : parts[0]
    unit = (parts[1].isEmpty ? "" : "\(parts[1])-") + "\(parts[2]).scope"
    guard !parts[2].isEmpty, !unit.contains("/"), unit.utf8.count < 256, Self.path(of: slice) != nil else {
      throw RuntimeError(.invalid, "cgroupsPath names no scope of systemd: \"\(asked)\"")
    }
  }

  /// Its cgroup, below that of systemd itself.
  var path: String { (Self.path(of: slice) ?? "") + "/\(unit)" }

  /// `a-b.slice` stands in `a.slice` (systemd.slice(5)); nil for what is no slice.
  private static func path(of slice: String) -> String? {
    guard slice.hasSuffix(".slice"), !slice.contains("/"), slice.utf8.count < 256 else { return nil }
    if slice == "-.slice" { return "" }
    let parts = slice.dropLast(6).split(separator: "-", omittingEmptySubsequences: false)
    guard !parts.contains(where: \.isEmpty), parts != [".."], parts != ["."] else { return nil }
    return parts.indices.map { "/" + parts[...$0].joined(separator: "-") + ".slice" }.joined()
  }
}

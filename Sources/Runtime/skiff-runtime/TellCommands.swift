import ContainerRuntime
import JSON
import Linux
import OCISpec

/// The commands that only tell.
enum TellCommands {
  /// What `state` and `list` say of a container beyond the specification's fields.
  struct Description {
    var ociVersion: String
    var id: String
    var pid: Int32
    var status: String
    var bundle: String
    var rootfs: String
    var created: String
    var annotations: [String: String]?
    var owner: String

    init(_ container: Container) {
      let state = container.state()
      ociVersion = state.ociVersion
      id = state.id
      pid = state.pid ?? 0
      status = state.status.rawValue
      bundle = state.bundle
      let root = container.bundle.root?.path ?? ""
      rootfs = root.hasPrefix("/") ? root : "\(state.bundle)/\(root)"
      created = container.created
      annotations = state.annotations.isEmpty ? nil : state.annotations
      owner = TellCommands.userName(container.owner)
    }

    var json: JSONValue {
      var members: JSONObject = [
        "ociVersion": .string(ociVersion), "id": .string(id), "pid": .integer(Int64(pid)),
        "status": .string(status), "bundle": .string(bundle), "rootfs": .string(rootfs),
        "created": .string(created),
      ]
      if let annotations {
        let sorted = annotations.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        members["annotations"] = .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))
      }
      members["owner"] = .string(owner)
      return .object(members)
    }
  }

  /// By the host's passwd file; the number where it is not listed.
  static func userName(_ uid: UInt32) -> String {
    // Without a passwd file users have numbers only.
    let bytes = (try? Files.read("/etc/passwd")) ?? []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      if fields.count > 2, UInt32(String(decoding: fields[2], as: UTF8.self)) == uid {
        return String(decoding: fields[0], as: UTF8.self)
      }
    }
    return "\(uid)"
  }

  static let refuse = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    throw RuntimeError(.invalid, "\(call.command) is not supported by this runtime")
  }

  static let state = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(call.arguments, values: [], switches: [], command: "state")
    let container = try Container.load(try flags.onlyArgument("state"), stateRoot: call.root)
    Output.write(JSON.encode(Description(container).json, pretty: true) + [UInt8(ascii: "\n")], to: 1)
    return 0
  }

  static let list = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments, values: ["format"], switches: ["quiet"], short: ["q": "quiet", "f": "format"],
      command: "list")
    guard ["table", "json"].contains(flags.value("format") ?? "table") else {
      throw RuntimeError(.invalid, "invalid format option: \(flags.value("format") ?? "")")
    }
    let found = try Container.all(stateRoot: call.root).map(Description.init)
    if flags.has("quiet") {
      for one in found { Output.write("\(one.id)\n") }
    } else if flags.value("format") == "json" {
      Output.write(JSON.encode(.array(found.map(\.json))) + [UInt8(ascii: "\n")], to: 1)
    } else {
      let rows = found.map { [$0.id, "\($0.pid)", $0.status, $0.bundle, $0.created, $0.owner] }
      Output.write(Table.text([["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]] + rows))
    }
    return 0
  }

  static let spec = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments, values: ["bundle"], switches: ["rootless"], short: ["b": "bundle"], command: "spec")
    let path = "\(flags.value("bundle") ?? ".")/config.json"
    guard !Files.exist(path) else { throw RuntimeError(.invalid, "File \(path) exists. Remove it first") }
    do throws(SyscallError) {
      let system = try FileSystemStatus.of("/sys/fs/cgroup").type
      var example = Bundle.example(unifiedCgroups: system == FileSystemStatus.cgroup2)
      if flags.has("rootless") {
        example.makeRootless(uid: Identity.effectiveUser, gid: Identity.effectiveGroup)
      }
      try Files.write(path, JSON.encode(example, pretty: true) + [UInt8(ascii: "\n")])
    } catch {
      throw RuntimeError(.failed, "write the example: \(error)")
    }
    return 0
  }

  static let features = { @Sendable (_: Call) throws(RuntimeError) -> Int32 in
    Output.write(JSON.encode(Features(), pretty: true) + [UInt8(ascii: "\n")], to: 1)
    return 0
  }
}

/// Columns of text, each as wide as its widest cell.
enum Table {
  static func text(_ rows: [[String]]) -> String {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count + 3)
      }
      return String(cells.joined().reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}

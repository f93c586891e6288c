import ContainerRuntime
import JSON
import Linux
import OCISpec

/// The commands that only tell.
enum TellCommands {
  /// What `state` and `list` say of a container beyond the specification's fields.
  struct Description: Encodable {
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
      owner = ""
    }
  }

  static let state: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(arguments, values: [], switches: [], command: "state")
    let container = try Container.load(try flags.onlyArgument("state"), stateRoot: root)
    Output.write(JSON.encode(Description(container), pretty: true) + [UInt8(ascii: "\n")], to: 1)
    return 0
  }

  static let list: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(
      arguments, values: ["format"], switches: ["quiet"], short: ["q": "quiet", "f": "format"],
      command: "list")
    let found = try Container.all(stateRoot: root).map(Description.init)
    if flags.has("quiet") {
      for one in found { Output.write("\(one.id)\n") }
    } else if flags.value("format") == "json" {
      Output.write(JSON.encode(found) + [UInt8(ascii: "\n")], to: 1)
    } else {
      let rows = found.map { [$0.id, "\($0.pid)", $0.status, $0.bundle, $0.created] }
      Output.write(Table.text([["ID", "PID", "STATUS", "BUNDLE", "CREATED"]] + rows))
    }
    return 0
  }

  static let processes: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(
      arguments, values: ["format"], switches: [], short: ["f": "format"], command: "ps")
    guard let id = flags.rest.first else {
      throw RuntimeError(.invalid, "\"ps\" requires the container's ID")
    }
    let found = try Container.load(id, stateRoot: root).processes().sorted()
    if flags.value("format") == "json" {
      Output.write(JSON.encode(found) + [UInt8(ascii: "\n")], to: 1)
    } else {
      let rows = found.map { pid in
        // A process that has just ended has no command any more.
        let command = (try? Files.text("/proc/\(pid)/cmdline")) ?? ""
        return ["\(pid)", command.split(separator: "\0").joined(separator: " ")]
      }
      Output.write(Table.text([["PID", "CMD"]] + rows))
    }
    return 0
  }

  static let spec: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(
      arguments, values: ["bundle"], switches: ["rootless"], short: ["b": "bundle"], command: "spec")
    let path = "\(flags.value("bundle") ?? ".")/config.json"
    guard !Files.exist(path) else { throw RuntimeError(.invalid, "File \(path) exists. Remove it first") }
    do throws(SyscallError) {
      let system = try FileSystemStatus.of("/sys/fs/cgroup").type
      let example = Bundle.example(unifiedCgroups: system == FileSystemStatus.cgroup2)
      try Files.write(path, JSON.encode(example, pretty: true) + [UInt8(ascii: "\n")])
    } catch {
      throw RuntimeError(.failed, "write the example: \(error)")
    }
    return 0
  }

  static let features: Program.Command = { (_, _) throws(RuntimeError) in
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

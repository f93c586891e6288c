import JSON
import Linux
import OCISpec

/// What is kept of a container, by name, for later commands: `<root>/<id>/`.
struct StateDirectory {
  let root: String
  let id: String
  var path: String { "\(root)/\(id)" }
  var startPipe: String { "\(path)/start" }
  private var recordPath: String { "\(path)/state.json" }
  private var bundlePath: String { "\(path)/config.json" }

  /// The facts that do not change once the container is created.
  struct Record: JSONReadable {
    var id: String
    /// Absolute.
    var bundle: String
    var pid: Int32
    /// Ticks after boot: with the pid it names the process for ever.
    var startTime: UInt64
    var cgroup: String
    /// RFC 3339.
    var created: String
    var owner: UInt32
    /// A user's container may have none.
    var hasNoCgroup = false
  }

  /// Letters, digits and `_ + - .`, not `.` or `..`, at most 1024.
  static func isValid(_ id: String) -> Bool {
    !id.isEmpty && id.utf8.count <= 1024 && id != "." && id != ".."
      && id.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "_+-.".utf8.contains($0)
      }
  }

  init(root: String, id: String) throws(RuntimeError) {
    guard Self.isValid(id) else { throw RuntimeError(.invalid, "invalid container ID: \"\(id)\"") }
    self.root = root
    self.id = id
  }

  /// Takes the name; it must be free. As long as the answer is open the container counts as in the making.
  func make() throws(RuntimeError) -> FileDescriptor {
    let name = "make the state directory"
    try step(name) { () throws(SyscallError) in try Files.makeDirectories(root, mode: 0o711) }
    do throws(SyscallError) {
      try Files.makeDirectory(path, mode: 0o711)
    } catch  where error.errno == .fileExists {
      throw RuntimeError(.containerExists, "container with given ID already exists: \(id)")
    } catch {
      throw RuntimeError(step: name, error)
    }
    return try step(name) { () throws(SyscallError) in
      let lock = try FileDescriptor.open(path, [.directory])
      _ = try lock.lock(wait: false)
      try Files.makeFIFO(startPipe)
      return lock
    }
  }

  /// Whether some runtime is making the container right now.
  var isMaking: Bool {
    // What cannot be opened is not being made.
    guard let directory = try? FileDescriptor.open(path, [.directory]),
      let isFree = try? directory.lock(wait: false)
    else { return false }
    return !isFree
  }

  /// Leaves word of the cgroup for whoever cleans up after a runtime that was killed.
  func note(cgroup: String) throws(RuntimeError) {
    try step("write the state") { () throws(SyscallError) in
      try Files.write("\(path)/cgroup", cgroup.utf8, mode: 0o600)
    }
  }

  /// What a runtime that was killed has left; nil when it came as far as the record.
  func notedCgroup() -> String? {
    if Files.exist(recordPath) { return nil }
    // Not there when the runtime had not come that far.
    return try? Files.text("\(path)/cgroup")
  }

  func remove() throws(RuntimeError) {
    try step("remove the state directory") { () throws(SyscallError) in try Files.removeTree(path) }
  }

  /// Writes all down but under a name that nobody reads yet, which `publish` changes: the container's process
  /// is on its way meanwhile.
  func write(_ record: Record, bundle: [UInt8]) throws(RuntimeError) {
    try step("write the state") { () throws(SyscallError) in
      try Files.write(bundlePath, bundle, mode: 0o600)
      try Files.write("\(recordPath).new", JSON.encode(record.json), mode: 0o600)
    }
  }

  /// From now on the container is created.
  func publish() throws(RuntimeError) {
    try step("write the state") { () throws(SyscallError) in
      try Files.rename("\(recordPath).new", to: recordPath)
    }
  }

  /// What was written when the container was created.
  func read() throws(RuntimeError) -> (record: Record, bundle: Bundle) {
    guard Files.exist(recordPath) else {
      throw RuntimeError(.noSuchContainer, "container \"\(id)\" does not exist")
    }
    let bytes = try step("read the state") { () throws(SyscallError) in
      (try Files.read(recordPath), try Files.read(bundlePath))
    }
    do throws(JSONError) {
      return (try JSON.read(Record.self, from: bytes.0), try JSON.read(Bundle.self, from: bytes.1))
    } catch {
      throw RuntimeError(.failed, "\(path): \(error)")
    }
  }

  /// The names of all containers below a root, sorted.
  static func names(in root: String) throws(RuntimeError) -> [String] {
    guard Files.exist(root) else { return [] }
    return try step("list the containers") { () throws(SyscallError) in
      try Files.names(in: root).filter { !$0.hasPrefix(".") && Files.exist("\(root)/\($0)/state.json") }
    }
  }
}

extension StateDirectory.Record {
  init(json: JSONReader) throws(JSONError) {
    id = try json.member("id").string()
    bundle = try json.member("bundle").string()
    pid = try Self.number("pid", in: json)
    startTime = try Self.number("startTime", in: json)
    cgroup = try json.member("cgroup").string()
    created = try json.member("created").string()
    owner = try Self.number("owner", in: json)
    hasNoCgroup = try json.present("hasNoCgroup")?.bool() ?? false
  }

  private static func number<T: FixedWidthInteger>(_ key: StaticString, in json: JSONReader) throws(JSONError)
    -> T
  {
    let member = try json.member(key)
    guard let (isNegative, amount) = member.wholeNumber(), !isNegative, let number = T(exactly: amount) else {
      throw member.mismatch("a whole number (\(T.self))")
    }
    return number
  }

  var json: JSONValue {
    var members: JSONObject = [
      "id": .string(id), "bundle": .string(bundle), "pid": .integer(Int64(pid)),
      "startTime": .integer(Int64(clamping: startTime)), "cgroup": .string(cgroup),
      "created": .string(created),
      "owner": .integer(Int64(owner)),
    ]
    if hasNoCgroup { members["hasNoCgroup"] = true }
    return .object(members)
  }
}

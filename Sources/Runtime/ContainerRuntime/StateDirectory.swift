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
  /// What becomes the record.
  private var draftPath: String { "\(path)/state.json.new" }

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
    /// Of systemd, where that made the cgroup.
    var unit: String?
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

  /// Leaves word of the cgroup, and of systemd's unit, for whoever cleans up after a runtime that was killed.
  func note(cgroup: String, unit: String?) throws(RuntimeError) {
    try step("write the state") { () throws(SyscallError) in
      var draft: JSONObject = ["cgroup": .string(cgroup)]
      if let unit { draft["unit"] = .string(unit) }
      try Files.write(draftPath, JSON.encode(.object(draft)), mode: 0o600)
    }
  }

  /// What a runtime that was killed has left; nil when it came as far as the record.
  func notedCgroup() -> (path: String, unit: String?)? {
    if Files.exist(recordPath) { return nil }
    // Not there when the runtime had not come that far.
    guard let bytes = try? Files.read(draftPath), let draft = try? Self.parse(bytes) else { return nil }
    // As above.
    guard let path = try? draft.member("cgroup").string() else { return nil }
    // As above: only where systemd makes it.
    let unit = try? draft.present("unit")?.string()
    return (path, unit)
  }

  func remove() throws(RuntimeError) {
    try step("remove the state directory") { () throws(SyscallError) in try Files.removeTree(path) }
  }

  /// Writes all down but under a name that nobody reads yet, which `publish` changes: the container's process
  /// is on its way meanwhile. Record and bundle are one document, over the note of the cgroup: on a disk a
  /// new file is among the dearest things that a short run does.
  func write(_ record: Record, bundle: [UInt8]) throws(RuntimeError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text =
      JSON.encode(record.json).dropLast() + Array(#","config":"#.utf8)
      + (bundle.starts(with: mark) ? bundle[3...] : bundle[...]) + [UInt8(ascii: "}")]
    try step("write the state") { () throws(SyscallError) in
      // Not emptied first: whoever is killed here leaves the note or the whole.
      try FileDescriptor.open(draftPath, .writeOnly).write(text)
    }
  }

  /// From now on the container is created.
  func publish() throws(RuntimeError) {
    try step("write the state") { () throws(SyscallError) in
      try Files.rename(draftPath, to: recordPath)
    }
  }

  /// What was written when the container was created.
  func read() throws(RuntimeError) -> (record: Record, bundle: Bundle) {
    guard Files.exist(recordPath) else {
      throw RuntimeError(.noSuchContainer, "container \"\(id)\" does not exist")
    }
    let bytes = try step("read the state") { () throws(SyscallError) in try Files.read(recordPath) }
    let (record, bundle) = try read(bytes)
    if let bundle { return (record, bundle) }
    // Made by an earlier version of this program: the bundle has a file of its own.
    return (record, try Bundle.read(path).bundle)
  }

  private func read(_ bytes: [UInt8]) throws(RuntimeError) -> (Record, Bundle?) {
    do throws(JSONError) {
      let json = try Self.parse(bytes)
      let bundle = try json.present("config")
      return (try Record(json: json), try bundle.map { (json) throws(JSONError) in try Bundle(json: json) })
    } catch {
      throw RuntimeError(.failed, "\(path): \(error)")
    }
  }

  /// As deep as the bundle may be, and in the record.
  private static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONReader {
    try JSONReader(bytes, depthLimit: JSON.depthLimit + 1)
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
    unit = try json.present("unit")?.string()
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
    if let unit { members["unit"] = .string(unit) }
    return .object(members)
  }
}

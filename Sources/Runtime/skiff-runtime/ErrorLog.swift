import ContainerRuntime
import JSON
import Linux

/// Where errors go besides standard error: a file, as runc's callers expect it.
struct ErrorLog: Sendable {
  let program: String
  private let path: String?
  private let isJSON: Bool

  init(program: String) {
    self.program = program
    path = nil
    isJSON = false
  }

  /// The file must be one that can be written; the format is `text` or `json`.
  init(program: String, path: String?, format: String?) throws(RuntimeError) {
    self.program = program
    self.path = path
    isJSON = format == "json"
    guard format == nil || format == "json" || format == "text" else {
      throw RuntimeError(.invalid, "unknown log-format \"\(format ?? "")\": text and json are known")
    }
    guard let path else { return }
    do throws(SyscallError) { _ = try FileDescriptor.open(path, .appendOrCreate) } catch {
      throw RuntimeError(.invalid, "open the log: \(error)")
    }
  }

  func fail(_ error: RuntimeError) {
    if path != nil { write("error", error.message) }
    Output.writeError("\(program): \(error.message)\n")
  }

  func debug(_ message: String) { write("debug", message) }

  func warn(_ message: String) { write("warning", message) }

  private func write(_ level: String, _ message: String) {
    let time = Container.timestamp()
    let line: [UInt8]
    if isJSON {
      let entry: JSONValue = ["level": .string(level), "msg": .string(message), "time": .string(time)]
      line = JSON.encode(entry)
    } else {
      let quoted = String(decoding: JSON.encode(JSONValue.string(message)), as: UTF8.self)
      line = Array("time=\"\(time)\" level=\(level) msg=\(quoted)".utf8)
    }
    guard let path else { return Output.write(line + [UInt8(ascii: "\n")], to: 2) }
    // An error was told on standard error already.
    try? FileDescriptor.open(path, .appendOrCreate).write(line + [UInt8(ascii: "\n")])
  }
}

enum Output {
  static func write(_ text: String) { write(Array(text.utf8), to: 1) }
  static func writeError(_ text: String) { write(Array(text.utf8), to: 2) }
  static func write(_ bytes: [UInt8], to number: Int32) {
    guard FileDescriptor.isOpen(number) else { return }
    // There is nowhere to say that nobody listens.
    try? FileDescriptor.borrowing(number) { (stream) throws(SyscallError) in try stream.write(bytes) }
  }
}

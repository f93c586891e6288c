import DockerAPI
import JSON
import OCISpec
import Synchronization

/// The words of the classic builder. A quiet build keeps them back for the case that it fails.
struct BuildOutput: Sendable {
  /// What a quiet build has not said, up to a megabyte of its end.
  private final class Unsaid: Sendable {
    static let limit = 1 << 20
    private let text = Mutex("")

    func add(_ more: String) {
      text.withLock { text in
        text += more
        if text.utf8.count > 2 * Self.limit {
          text = String(decoding: text.utf8.suffix(Self.limit), as: UTF8.self)
        }
      }
    }

    func take() -> String {
      text.withLock { text in
        defer { text = "" }
        return text
      }
    }
  }

  private let send: @Sendable (ProgressMessage) async -> Void
  private let unsaid: Unsaid?
  private var quiet: Bool { unsaid != nil }

  private let tellsIDs: Bool

  init(_ send: @escaping @Sendable (ProgressMessage) async -> Void, quiet: Bool, tellsIDs: Bool) {
    self.send = send
    self.tellsIDs = tellsIDs
    unsaid = quiet ? Unsaid() : nil
  }

  /// Says what a quiet build has kept back.
  func failed() async {
    guard let text = unsaid?.take(), !text.isEmpty else { return }
    var message = ProgressMessage()
    message.stream = text
    await send(message)
  }

  func stream(_ text: String) async {
    if let unsaid { return unsaid.add(text) }
    var message = ProgressMessage()
    message.stream = text
    await send(message)
  }

  func step(_ number: Int, of total: Int, _ text: String) async {
    await stream("Step \(number)/\(total) : \(text)\n")
  }
  func arrow(_ text: String) async { await stream(" ---> \(text)\n") }
  func warning(_ text: String) async { await stream(" ---> [Warning] \(text)\n") }

  func forward(_ message: ProgressMessage) async {
    if !quiet { await send(message) }
  }

  func finished(_ id: Digest, names: [String]) async {
    var message = ProgressMessage()
    guard !quiet else {
      message.stream = "\(id)\n"
      return await send(message)
    }
    message.aux = .object(["ID": .string(id.description)])
    if tellsIDs { await send(message) }
    await stream("Successfully built \(id.short)\n")
    for name in names { await stream("Successfully tagged \(name)\n") }
  }
}

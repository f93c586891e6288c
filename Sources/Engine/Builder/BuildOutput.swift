import DockerAPI
import JSON
import OCISpec

/// The words of the classic builder.
struct BuildOutput: Sendable {
  private let send: @Sendable (ProgressMessage) async -> Void
  private let quiet: Bool

  init(_ send: @escaping @Sendable (ProgressMessage) async -> Void, quiet: Bool) {
    self.send = send
    self.quiet = quiet
  }

  func stream(_ text: String) async {
    if quiet { return }
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
    message.aux = .object(["ID": .string(id.description)])
    await send(message)
    guard !quiet else {
      var message = ProgressMessage()
      message.stream = "\(id)\n"
      return await send(message)
    }
    await stream("Successfully built \(id.short)\n")
    for name in names { await stream("Successfully tagged \(name)\n") }
  }
}

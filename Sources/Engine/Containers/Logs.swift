import ContainerLog
import DockerAPI
import EngineErrors
import Linux
import Reactor
import ShimProtocol
import TextFormats

extension Containers {
  /// Opens a container's log; `follow` goes on until the container has ended.
  public func logs(_ reference: String, _ query: LogQuery, follow: Bool) async throws(EngineError)
    -> ContainerLogs
  {
    try await find(reference).logs(query, follow: follow)
  }
}

extension Containers {
  /// The log of a container that is gone, by the name it had, and whether it had a terminal.
  public func previousLogs(_ reference: String, _ query: LogQuery) async throws(EngineError) -> (
    logs: ContainerLogs, isTerminal: Bool
  ) {
    let kept = previousLogs
    return try await blocking { () throws(EngineError) in
      guard let (path, about) = kept.find(reference) else {
        throw EngineError(
          .notFound,
          "No log of a removed container named \(reference) is kept (those removed with -v or by prune leave none)"
        )
      }
      return try failing(.internal, "reading the log of the container") {
        let reader = try LogReader(path: path, query: query)
        return (ContainerLogs(reader: reader, watch: nil, over: AsyncStream { $0.finish() }), about.terminal)
      }
    }
  }
}

extension Container {
  /// Bounded where nobody asks for anything: dockerd's json-file log grows without end.
  var logOptions: LogOptions {
    let asked = record.hostConfig.logConfig
    var options: LogOptions
    switch asked.type {
    case "none": return LogOptions(path: nil)
    case "local":
      options = LogOptions(path: "\(directory)/container.log", maximumSize: 20 << 20, compress: true)
    default: options = LogOptions(path: "\(directory)/\(id)-json.log")
    }
    let wishes = LogWishes(asked.config ?? [:])
    options.maximumSize = wishes.maximumSize ?? options.maximumSize
    options.maximumFiles = wishes.maximumFiles ?? options.maximumFiles
    options.compress = wishes.compress ?? options.compress
    return options
  }

  func logs(_ query: LogQuery, follow: Bool) async throws(EngineError) -> ContainerLogs {
    guard let path = logOptions.path else {
      throw EngineError(.notImplemented, "configured logging driver does not support reading")
    }
    if !follow { await comeToItself() }
    let over = untilEnd()
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "reading the log of the container") {
        let reader = try LogReader(path: path, query: query)
        let watch = follow ? try AsyncDescriptor(reader.watch()) : nil
        return ContainerLogs(reader: reader, watch: watch, over: over)
      }
    }
  }

  var isTerminal: Bool { record.config.tty }

  /// Who asks for the log or the processes right after the start, as scripts do, gets what dockerd would have had by then:
  /// a tenth of a second is a fraction of what its start takes. Waits until then, or until the process has ended.
  func comeToItself() async {
    guard record.life.hasProcess, let started = Timestamp(rfc3339: record.life.startedAt) else { return }
    let age = (Clock.realtime - started.nanoseconds) / 1_000_000
    guard (0..<100).contains(age) else { return }
    let over = untilEnd()
    // Neither the end nor the time over is an error here.
    try? await withDeadline(milliseconds: 100 - Int(age)) { for await _ in over {} }
  }
}

extension Containers {
  /// Whether the container's output comes raw from a terminal.
  public func isTerminal(_ reference: String) async throws(EngineError) -> Bool {
    await (try find(reference)).isTerminal
  }
}

/// A container's log, read in portions. One reader at a time.
public final class ContainerLogs: Sendable {
  private let reader: LogReader
  private let watch: AsyncDescriptor?
  private let ending: Task<Void, Never>?

  init(reader: LogReader, watch: AsyncDescriptor?, over: AsyncStream<Departure>) {
    self.reader = reader
    self.watch = watch
    ending = watch.map { watch in
      Task {
        for await _ in over {}
        watch.close()
      }
    }
  }

  deinit {
    ending?.cancel()
    watch?.close()
  }

  /// The next entries, in order; nil at the end, which a followed log reaches when its container has ended.
  public func next() async throws -> [LogEntry]? {
    var isLast = watch == nil
    while true {
      let reader = reader
      let entries = try await blocking { () throws(SyscallError) in try reader.next() }
      if !entries.isEmpty { return entries }
      if isLast || reader.isPastUntil { return nil }
      isLast = !(await hasNews())
    }
  }

  /// Waits until the log may have grown; false when the container has ended.
  private func hasNews() async -> Bool {
    guard let watch else { return false }
    do {
      // The contents of inotify's events do not matter, only that there are some.
      return try await !watch.read().isEmpty
    } catch {
      return false
    }
  }
}

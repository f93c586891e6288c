import DockerAPI

extension DockerClient {
  private static let mostBytes = 65536

  /// The last lines of a container's log, at most so many and at most 64 KiB of them.
  public func lastLines(_ count: Int, of container: ContainerInspect) async throws -> [String] {
    var options = LogOptions()
    options.tail = "\(count)"
    options.tty = container.config.tty
    var bytes: [UInt8] = []
    for try await piece in try await containerLogs(container.id, options) {
      bytes = (bytes + piece.bytes).suffix(Self.mostBytes)
    }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }
}

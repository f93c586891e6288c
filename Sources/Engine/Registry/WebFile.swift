import EngineErrors
import Linux
import Reactor

/// A file of the web: for `ADD https://…`, for an import or a build from an URL.
public struct WebFile: Sendable {
  /// Larger files are refused.
  public static let sizeLimit: Int64 = 16 << 30

  /// The Last-Modified header as it came (RFC 9110); nil where there was none.
  public let lastModified: String?
  /// The Content-Disposition header as it came (RFC 6266).
  public let disposition: String?

  /// Writes the body of `url` to the file `path`, which must not exist. Every status but 200 is an error,
  /// which begins with `failure`.
  public static func download(
    _ url: String, to path: String, failure: String = "ADD failed"
  ) async throws(EngineError) -> WebFile {
    try await stoppable { stop throws(EngineError) in
      try await blocking { () throws(EngineError) in
        try failing(.internal, "download \(url)") { try fetch(url, path, failure, stop) }
      }
    }
  }

  private static func fetch(
    _ url: String, _ path: String, _ failure: String, _ stop: StopFlag
  ) throws -> WebFile {
    let transfer = Transfer(WebRequest(url: url), stop: stop)
    let head = try transfer.head()
    guard head.status == 200 else {
      throw EngineError(.invalidArgument, "\(failure): failed to GET \(url) with status \(head.status)")
    }
    let file = try FileDescriptor.open(path, [.writeOnly, .create, .exclusive], mode: 0o600)
    var size: Int64 = 0
    while true {
      let bytes = try transfer.read(upTo: 1 << 20)
      if bytes.isEmpty { break }
      size += Int64(bytes.count)
      guard size <= sizeLimit else {
        throw EngineError(.invalidArgument, "\(url) is larger than \(sizeLimit) bytes")
      }
      try file.write(bytes)
    }
    return WebFile(
      lastModified: head.header("last-modified"), disposition: head.header("content-disposition"))
  }
}

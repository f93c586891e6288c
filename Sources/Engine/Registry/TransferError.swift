import CCurl
import EngineErrors
import Linux
import Synchronization

/// Why a server could not be asked, in the words that docker has from Go's HTTP client.
struct TransferError: Error, CustomStringConvertible {
  let description: String
  /// Whether trying again may help: the connection was there and broke.
  let isPassing: Bool
  /// Whether nobody was reached at all.
  let isUnreachable: Bool

  init(_ request: WebRequest, _ code: CURLcode, systemError: Int32, _ text: String) {
    let address = WebAddress(request.url)
    isPassing = [CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM]
      .contains(code)
    isUnreachable = [CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT].contains(
      code)
    let reason =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST: "dial tcp: lookup \(address.host): no such host"
      case CURLE_COULDNT_CONNECT:
        "dial tcp \(address.host):\(address.port): connect: "
          + (systemError == 0 ? text : Errno(rawValue: systemError).description.lowercased())
      case CURLE_OPERATION_TIMEDOUT:
        "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"
      case CURLE_PEER_FAILED_VERIFICATION: "tls: failed to verify certificate: \(text)"
      default: text
      }
    description = "\(request.verb) \"\(address.start)\": \(reason)"
  }
}

/// The parts of an URL that messages name.
struct WebAddress {
  let host: String
  let port: Int
  /// Scheme, host and the root of the distribution API; the whole URL where it is of something else.
  let start: String

  init(_ url: String) {
    let isPlain = url.hasPrefix("http:")
    let rest = url.drop { $0 != "/" }.dropFirst(2)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    var host = authority
    var port = isPlain ? 80 : 443
    if let colon = authority.lastIndex(of: ":"), let number = Int(authority[authority.index(after: colon)...])
    {
      host = authority[..<colon]
      port = number
    }
    self.host = String(host)
    self.port = port
    let isRegistry = rest[authority.endIndex...].hasPrefix("/v2/")
    start = isRegistry ? "\(isPlain ? "http" : "https")://\(authority)/v2/" : url
  }
}

/// Says to transfers on other threads that nobody wants them any more.
public final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  public init() {}
  public func set() { flag.store(true, ordering: .relaxed) }
  public var isSet: Bool { flag.load(ordering: .relaxed) }
}

/// Does `body` with a flag that is set when the task is cancelled.
public func stoppable<Value: Sendable>(
  isolation: isolated (any Actor)? = #isolation, _ body: (StopFlag) async throws(EngineError) -> Value
) async throws(EngineError) -> Value {
  let stop = StopFlag()
  let result = await withTaskCancellationHandler {
    do throws(EngineError) {
      return Result<Value, EngineError>.success(try await body(stop))
    } catch {
      return .failure(error)
    }
  } onCancel: {
    stop.set()
  }
  return try result.get()
}

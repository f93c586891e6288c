import CSSL
import Glibc
import Linux
import Synchronization

/// What one call of OpenSSL came to.
enum TLSStep<Value> {
  case done(Value)
  /// To be called again once the socket can be read, or written.
  case wantsRead, wantsWrite
  case failed(any Error)
}

/// OpenSSL's state of one connection over a non-blocking socket, used by one thread at a time.
final class TLSSession: Sendable {
  private struct Handle: ~Copyable {
    let raw: OpaquePointer
    /// OpenSSL forbids any further call after a fatal error (SSL_get_error(3)).
    var isBroken = false
    var saidFarewell = false

    init(raw: consuming sending OpaquePointer) { self.raw = raw }
    deinit { SSL_free(raw) }
  }

  private let handle: Mutex<Handle>
  /// A client that wants to know whom it talks to.
  private let verifies: Bool

  init(_ context: TLSContext, _ socket: CInt, _ name: String) throws(TLSError) {
    ERR_clear_error()
    guard let raw = SSL_new(context.raw) else { throw TLSError.last("OpenSSL has no memory") }
    verifies = context.verifies
    SSL_set_fd(raw, socket)
    if context.isServer { SSL_set_accept_state(raw) } else { SSL_set_connect_state(raw) }
    if !context.isServer { Self.expect(name, raw, checks: context.verifies) }
    handle = Mutex(Handle(raw: raw))
  }

  /// Whom the certificate must name: an address, or a name in its list of names, as Go has it.
  private static func expect(_ name: String, _ raw: OpaquePointer, checks: Bool) {
    let isAddress = name.contains(":") || name.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) }
    if !isAddress { cssl_set_server_name(raw, name) }
    guard checks else { return }
    if isAddress {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), name)
    } else {
      SSL_set_hostflags(raw, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
      SSL_set1_host(raw, name)
    }
  }

  func shakeHands() -> TLSStep<Bool> {
    call { raw in
      SSL_do_handshake(raw)
    } then: { _ in
      true
    }
  }

  /// None at the end.
  func read(upTo count: Int) -> TLSStep<[UInt8]> {
    var bytes: [UInt8] = []
    let outcome = call { raw in
      var result: CInt = 0
      bytes = [UInt8](unsafeUninitializedCapacity: min(count, 16384)) { buffer, filled in
        result = SSL_read(raw, buffer.baseAddress, CInt(buffer.count))
        filled = max(0, Int(result))
      }
      return result
    } then: { _ in
      true
    }
    switch outcome {
    case .done: return .done(bytes)
    case .wantsRead: return .wantsRead
    case .wantsWrite: return .wantsWrite
    case .failed(let error): return error is TLSEnd ? .done([]) : .failed(error)
    }
  }

  /// How many bytes were taken.
  func write(_ bytes: [UInt8], from start: Int) -> TLSStep<Int> {
    call { raw in
      bytes.withUnsafeBytes { SSL_write(raw, $0.baseAddress?.advanced(by: start), CInt(bytes.count - start)) }
    } then: {
      Int($0)
    }
  }

  /// close_notify: nothing more will be written.
  func sayFarewell() -> TLSStep<Bool> {
    handle.withLock { handle in
      if handle.isBroken || handle.saidFarewell || SSL_is_init_finished(handle.raw) == 0 {
        return .done(false)
      }
      ERR_clear_error()
      let result = SSL_shutdown(handle.raw)
      if result >= 0 {
        handle.saidFarewell = true
        return .done(true)
      }
      switch SSL_get_error(handle.raw, result) {
      case SSL_ERROR_WANT_WRITE: return .wantsWrite
      case SSL_ERROR_WANT_READ: return .wantsRead
      default:
        handle.isBroken = true
        return .done(false)
      }
    }
  }

  private func call<Value>(_ body: (OpaquePointer) -> CInt, then: (CInt) -> Value) -> TLSStep<Value> {
    handle.withLock { handle in
      if handle.isBroken { return .failed(SyscallError(call: "read", errno: .connectionReset)) }
      ERR_clear_error()
      errno = 0
      let result = body(handle.raw)
      if result > 0 { return .done(then(result)) }
      let number = errno
      switch SSL_get_error(handle.raw, result) {
      case SSL_ERROR_WANT_READ: return .wantsRead
      case SSL_ERROR_WANT_WRITE: return .wantsWrite
      case SSL_ERROR_ZERO_RETURN: return .failed(TLSEnd())
      case SSL_ERROR_SYSCALL where number != 0:
        handle.isBroken = true
        return .failed(SyscallError(call: "read", errno: Errno(rawValue: number)))
      default:
        handle.isBroken = true
        return .failed(failure(handle.raw))
      }
    }
  }

  private func failure(_ raw: OpaquePointer) -> TLSError {
    let verdict = SSL_get_verify_result(raw)
    guard verifies, verdict != X509_V_OK, let text = X509_verify_cert_error_string(verdict) else {
      return TLSError.last("the connection ended")
    }
    ERR_clear_error()
    return TLSError("tls: failed to verify certificate: \(String(cString: text))")
  }
}

/// The other side has said farewell.
struct TLSEnd: Error {}

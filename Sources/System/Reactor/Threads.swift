import Glibc

/// Starts a detached thread. A machine that gives no thread at all cannot run this program, so that traps.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  let context = Unmanaged.passRetained(ThreadBody(name: name, body: body)).toOpaque()
  var thread = pthread_t()
  let failure = pthread_create(
    &thread, nil,
    { context in
      guard let context else { return nil }
      let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
      body.body()
      return nil
    }, context)
  precondition(failure == 0, "pthread_create for \(name): \(failure)")
  pthread_detach(thread)
}

private final class ThreadBody: Sendable {
  let name: String
  let body: @Sendable () -> Void
  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

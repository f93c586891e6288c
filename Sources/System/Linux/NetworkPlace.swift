/// Somebody else's network namespace, entered for a moment.
public enum NetworkPlace {
  /// Runs `body` in the network namespace at `path` and comes back; for programs with one thread. Sockets that were
  /// opened there stay there.
  public static func visit<Value>(
    _ path: String, _ body: () throws(SyscallError) -> Value
  ) throws(SyscallError) -> Value {
    let own = try FileDescriptor.open("/proc/self/ns/net", .readOnly)
    let target = try FileDescriptor.open(path, .readOnly)
    try Namespaces.network.join(target)
    let result = Result { () throws(SyscallError) in try body() }
    do { try Namespaces.network.join(own) } catch {
      // Everything later would happen in the other network.
      fatalError("back to the own network namespace: \(error)")
    }
    return try result.get()
  }
}

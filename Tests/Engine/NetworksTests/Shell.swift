import Linux

/// Commands for scenarios that need root: what a user would see from outside.
enum Shell {
  /// Standard output and error together, and the exit code; at most ten seconds.
  @discardableResult
  static func run(_ script: String) throws -> (output: String, code: Int32) {
    let pipe = try Pipe()
    let null = try FileDescriptor.open("/dev/null", [.readWrite])
    let pid = try Spawn(
      "/usr/bin/timeout", ["timeout", "10", "/bin/sh", "-c", script], environment: Environment.all(),
      descriptors: [null.rawValue, pipe.writeEnd.rawValue, pipe.writeEnd.rawValue]
    ).start()
    let reader = pipe.intoReadEnd()
    let output = String(decoding: try reader.readToEnd(), as: UTF8.self)
    return (output, try Wait.forEnd(of: pid)?.exitCode ?? -1)
  }

  /// The same, in a network namespace.
  @discardableResult
  static func run(in namespace: String, _ script: String) throws -> (output: String, code: Int32) {
    try run("exec nsenter --net=\(namespace) /bin/sh -c '\(script)'")
  }

  /// A server in a namespace that answers every connection with a text, until its handle is stopped.
  static func serve(in namespace: String, port: Int, _ text: String) throws -> Int32 {
    let script = """
      import socket,sys
      s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
      s.bind(("0.0.0.0", \(port))); s.listen(64); open("/proc/self/comm","w").write("skiff-serve")
      import os; os.write(1, b"r")
      while True:
        c,a=s.accept(); c.sendall(("\(text) "+a[0]+"\\n").encode()); c.close()
      """
    return try start(in: namespace, script).pid
  }

  /// A program in Python in a namespace, which has written one byte when this returns.
  static func start(in namespace: String, _ script: String) throws -> Started {
    let pipe = try Pipe()
    let null = try FileDescriptor.open("/dev/null", [.readWrite])
    let pid = try Spawn(
      "/usr/bin/nsenter", ["nsenter", "--net=\(namespace)", "/usr/bin/python3", "-c", script],
      environment: Environment.all(), descriptors: [null.rawValue, pipe.writeEnd.rawValue, 2]
    ).start()
    let started = Started(pid: pid, output: pipe.intoReadEnd())
    _ = try started.output.read(upTo: 1)
    return started
  }

  struct Started: ~Copyable {
    let pid: Int32
    let output: FileDescriptor
  }

  static func stop(_ pid: Int32) {
    // One that has ended already is as good.
    try? Processes.signal(pid, .kill)
    _ = try? Wait.forEnd(of: pid)
  }
}

import Linux
import ShimProtocol

/// Brings a shim to where it can be told to start its container.
enum ShimBirth {
  struct Life {
    let shim: Shim
    let server: ShimServer
  }

  /// Leaves nothing behind when it fails.
  static func begin(_ spec: ShimSpec, _ loop: Loop) throws(ShimFailure) -> Life {
    try refusing("process") { () throws(SyscallError) in
      try ProcessAttributes.closeOnExecute(from: 3)
      try ProcessAttributes.setSubreaper(true)
    }
    let children = try refusing("signals") { () throws(SyscallError) in
      try Children(loop, others: [.terminate, .interrupt, .hangup])
    }
    let root = "\(spec.bundle)/rootfs"
    try refusing("root file system") { () throws(SyscallError) in
      try RootMount.enterOwnNamespace()
      try RootMount.mount(spec.rootFileSystem, on: root)
    }
    for image in spec.imageMounts ?? [] { try ImageMounting.mount(image) }
    for copy in spec.copyUps {
      try refusing("volume for \(copy.destination)") { () throws(SyscallError) in
        try VolumeFilling.fill(copy, from: root)
      }
    }
    let driver = try makeDriver(spec)
    let shim = try refusing("log") { () throws(SyscallError) in try Shim(spec, loop, children, driver) }
    children.onSignal = { [unowned shim] signal in shim.heard(signal) }
    do throws(ShimFailure) {
      try shim.create()
      return try serve(shim, loop)
    } catch {
      driver.delete()
      throw error
    }
  }

  private static func serve(_ shim: Shim, _ loop: Loop) throws(ShimFailure) -> Life {
    var resolver: Resolver?
    if let file = shim.spec.dnsFile, let namespace = shim.spec.networkNamespace {
      resolver = try refusing("name server") { () throws(SyscallError) in
        try Resolver(loop, file: file, namespace: namespace)
      }
    }
    let server = try refusing("socket") { () throws(SyscallError) in
      try ShimServer(shim, loop, path: shim.spec.socket, resolver: resolver)
    }
    return Life(shim: shim, server: server)
  }

  private static func makeDriver(_ spec: ShimSpec) throws(ShimFailure) -> any ContainerDriver {
    if let runtime = spec.runtime { return try CommandDriver(runtime, spec) }
    return try LibraryDriver(spec)
  }
}

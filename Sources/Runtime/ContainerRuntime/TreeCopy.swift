import Linux

/// Copies a directory's contents with owners and modes; both sides are held open, no path is walked.
enum TreeCopy {
  static func copy(
    from source: borrowing FileDescriptor, to target: borrowing FileDescriptor, depth: Int = 0
  ) throws(SyscallError) {
    let readable = try source.open(at: ".", [.directory])
    for entry in try readable.entries() {
      let status = try readable.status(of: entry.name)
      switch status.kind {
      case .directory:
        try target.makeDirectory(entry.name, mode: 0o700)
        if depth < 256 {
          try copy(
            from: try readable.open(at: entry.name, [.directory, .noFollow]),
            to: try target.open(at: entry.name, [.directory, .noFollow]), depth: depth + 1)
        }
      case .symbolicLink: try target.makeSymbolicLink(entry.name, to: try readable.readLink(entry.name))
      case .regular:
        let from = try readable.open(at: entry.name, [.noFollow])
        let to = try target.open(at: entry.name, [.writeOnly, .create, .exclusive], mode: 0o600)
        while true {
          let some = try from.read()
          if some.isEmpty { break }
          try to.write(some)
        }
      default: try target.makeNode(entry.name, mode: status.mode, device: status.deviceNumber)
      }
      try target.changeOwner(entry.name, uid: status.uid, gid: status.gid)
      if status.kind != .symbolicLink { try target.changeMode(entry.name, status.permissions) }
    }
  }
}

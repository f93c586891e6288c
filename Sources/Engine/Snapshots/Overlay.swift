import Linux

/// How overlayfs marks what is gone (kernel, Documentation/filesystems/overlayfs.rst).
enum Overlay {
  static let opaque = "trusted.overlay.opaque"
  static let privatePrefix = "trusted.overlay."
  /// Attributes by which a directory's or file's contents would be looked for elsewhere.
  static let foreign = ["trusted.overlay.redirect", "trusted.overlay.metacopy"]

  private static let characterDevice: UInt32 = 0o020000

  /// A character device 0/0 hides what the layers below have under that name.
  static func makeWhiteout(_ name: PathBytes, in directory: borrowing FileDescriptor) throws(SyscallError) {
    try directory.makeNode(name, mode: characterDevice, device: DeviceNumber(rawValue: 0))
  }

  static func isWhiteout(_ status: FileStatus) -> Bool {
    status.kind == .characterDevice && status.deviceNumber.rawValue == 0
  }

  /// Hides what the layers below have in that directory.
  static func makeOpaque(_ directory: borrowing FileDescriptor) throws(SyscallError) {
    try directory.setAttribute(opaque, [UInt8(ascii: "y")])
  }
}

/// How layers' archives mark what is gone (image-spec layer.md, "Whiteouts").
enum Whiteout {
  static let prefix = Array(".wh.".utf8)
  static let opaque = Array(".wh..wh..opq".utf8)
  /// aufs' own bookkeeping, which means nothing elsewhere.
  static let bookkeeping = Array(".wh..wh.".utf8)
}

import Linux
import ShimProtocol

/// The images that a container mounts, in the shim's own mount namespace like its root.
enum ImageMounting {
  static func mount(_ image: ImageMount) throws(ShimFailure) {
    guard let subpath = image.subpath else {
      return try refusing("image for \(image.destination)") { () throws(SyscallError) in
        try RootMount.mount(image.rootFileSystem, on: image.target)
      }
    }
    do throws(SyscallError) {
      let whole = place(ofWhole: image)
      try RootMount.mount(image.rootFileSystem, on: whole)
      try show(subpath, of: whole, on: image.target)
    } catch {
      throw ShimFailure(
        .failed, "cannot mount the path \"\(subpath)\" of the image on \(image.destination): \(reason(error))"
      )
    }
  }

  private static func reason(_ error: SyscallError) -> String {
    switch error.errno {
    case .crossDevice: "it leads out of the image"
    case .noSuchFile, .notADirectory: "the image has no such path"
    default: "\(error)"
    }
  }

  /// Whoever hears of the end may remove these directories at once.
  static func unmountQuietly(_ images: [ImageMount]) {
    for image in images where !image.rootFileSystem.lower.isEmpty {
      RootMount.unmountQuietly(image.target)
      if image.subpath != nil { RootMount.unmountQuietly(place(ofWhole: image)) }
    }
  }

  private static func place(ofWhole image: ImageMount) -> String { "\(image.target)-whole" }

  private static func show(_ subpath: String, of whole: String, on target: String) throws(SyscallError) {
    let root = try FileDescriptor.open(whole, [.path, .directory])
    let place = try root.open(inside: subpath, .path, resolve: [.beneath, .noMagicLinks])
    if try place.status().kind == .directory {
      try Files.makeDirectories(target)
    } else {
      try Files.write(target, [])
    }
    try Mounts.mount(place.procPath, on: target, .bind)
  }
}

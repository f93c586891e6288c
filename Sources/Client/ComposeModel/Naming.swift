import TextFormats

extension Service {
  /// The image that the service's containers run: its own, or the one that its build makes.
  public func imageName(in project: String, separator: String = "-") -> String {
    image ?? "\(project)\(separator)\(name)"
  }
}

extension Project {
  /// Throws where two services claim one container name.
  public func checkContainerNames() throws(ComposeError) {
    var owners: [String: String] = [:]
    for name in serviceNames {
      guard let claimed = services[name]?.containerName else { continue }
      if owners[claimed] != nil {
        throw ComposeError(
          "services.\(name): container name \(GoQuote.text(claimed)) is already in use by service \(claimed)\""
        )
      }
      owners[claimed] = name
    }
  }
}

/// Why an archive's entry cannot become part of a layer.
enum UnpackError: Error, CustomStringConvertible {
  case outside(String)
  case notRepresentable(String, String)
  case badLink(String, String)
  case otherKind(String, String, String)
  case digest(expected: String, actual: String)
  case failed(String, any Error)

  var description: String {
    switch self {
    case .outside(let path): "invalid path \"\(path)\" in layer: it leads outside"
    case .notRepresentable(let path, let why): "\(path): \(why)"
    case .badLink(let path, let target):
      "invalid hard link \"\(path)\" -> \"\(target)\": no such file in this layer"
    case .otherKind(let why, let path, let with): "\(why) \"\(path)\" \(with)"
    case .digest(let expected, let actual):
      "layer verification failed: expected digest \(expected), got \(actual)"
    case .failed(let path, let error): "failed to register layer: \(path): \(error)"
    }
  }
}

import Linux

/// Keeps the table of names as the daemon's files have it: looked at before each question, read when they changed.
final class NameFiles {
  private static let longest: Int64 = 16 << 20

  private let path: String
  private var configurationStamp: FileStamp?
  private var stamps: [FileStamp?] = []
  private var configuration = NameTable()
  private var current = NameTable()

  init(_ path: String) { self.path = path }

  /// As of now. A file that cannot be read counts as empty.
  var table: NameTable {
    let newConfiguration = FileStamp(path)
    if newConfiguration != configurationStamp || newConfiguration == nil {
      configurationStamp = newConfiguration
      configuration = NameTable(configuration: Self.text(path))
      stamps = []
    }
    let newStamps = configuration.networks.map { FileStamp($0) }
    if newStamps != stamps || stamps.isEmpty {
      stamps = newStamps
      current = configuration
      for network in configuration.networks { current.add(records: Self.text(network)) }
    }
    return current
  }

  private static func text(_ path: String) -> String {
    // A file replaced meanwhile is found at the next question; one that is not there has no names.
    guard let status = try? Files.status(path), status.size <= longest else { return "" }
    return (try? Files.text(path)) ?? ""
  }
}

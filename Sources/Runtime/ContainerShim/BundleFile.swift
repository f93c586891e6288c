import JSON
import Linux
import OCISpec
import ShimProtocol

/// The bundle's `config.json`.
enum BundleFile {
  static func read(_ bundle: String) throws(ShimFailure) -> Bundle {
    let bytes = try refusing("bundle") { () throws(SyscallError) in try Files.read("\(bundle)/config.json") }
    do {
      return try JSON.read(Bundle.self, from: bytes)
    } catch {
      throw ShimFailure(.failed, "\(bundle)/config.json: \(error)")
    }
  }

  static func process(_ bundle: String) throws(ShimFailure) -> Bundle.Process {
    guard let process = try read(bundle).process else {
      throw ShimFailure(.failed, "\(bundle)/config.json: no process")
    }
    return process
  }
}

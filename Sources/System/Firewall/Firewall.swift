import CNftables
import Glibc
import Linux

/// The kernel's packet filter by libnftables(3), in the network namespace of the calling thread. Nothing is kept between
/// two uses: a context takes two megabytes, and 0.05 ms to make.
public enum Firewall {
  private struct Context: ~Copyable {
    let handle: OpaquePointer

    init() throws(FirewallError) {
      guard let handle = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
        throw FirewallError(message: "libnftables: out of memory")
      }
      self.handle = handle
      nft_ctx_buffer_output(handle)
      nft_ctx_buffer_error(handle)
    }

    deinit { nft_ctx_free(handle) }

    /// - Returns: what the commands print.
    func run(_ commands: String, handles: Bool) throws(FirewallError) -> String {
      nft_ctx_output_set_flags(handle, handles ? UInt32(NFT_CTX_OUTPUT_HANDLE) : 0)
      let result = nft_run_cmd_from_buffer(handle, commands)
      let output = nft_ctx_get_output_buffer(handle).map { String(cString: $0) } ?? ""
      guard result == 0 else {
        let text = nft_ctx_get_error_buffer(handle).map { String(cString: $0) } ?? ""
        throw FirewallError(message: Self.firstLine(text))
      }
      return output
    }

    /// libnftables underlines the place in further lines.
    private static func firstLine(_ text: String) -> String {
      let line = text.split(separator: "\n").first.map(String.init) ?? "nftables: unknown failure"
      return line.hasPrefix("internal:0:0-0: ") ? String(line.dropFirst(16)) : line
    }
  }

  /// Runs commands of nft(8)'s language, all of them in one transaction or none.
  /// - Returns: What they print; listings hold the handles of rules where they are asked for.
  @discardableResult
  public static func apply(_ commands: String, handles: Bool = false) throws(FirewallError) -> String {
    try Context().run(commands, handles: handles)
  }
}

/// Why nftables refused a transaction, in its own words.
public struct FirewallError: Error, Equatable, Sendable, CustomStringConvertible {
  public let message: String
  public var description: String { message }
}

import DockerClient
import Linux
import Reactor

/// Passing the signals that this program gets on to a container.
enum SignalProxy {
  /// Those that ask a program for something. What tells of a fault of our own stays ours.
  private static let forwarded: [Int32] = [1, 2, 3, 10, 12, 14, 15, 18]

  /// Forwards until cancelled.
  static func forward(to container: String, _ client: DockerClient) -> Task<Void, Never> {
    let signals = Signals.stream(forwarded)
    return Task {
      for await signal in signals {
        // The container may have ended meanwhile; then there is nobody to tell.
        try? await client.killContainer(container, signal: "\(signal)")
      }
    }
  }
}

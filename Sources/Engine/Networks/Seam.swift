import DockerAPI
import EngineErrors

// Only the seam that Containers uses; the room replaces this file.

public struct Published: Sendable {
  public var ports: PortMap
  public var reservations: [Int32]
}

public actor Networks {
  public init() {}
  public func openSandbox(_ id: String) async throws(EngineError) -> String {
    throw EngineError(.notImplemented, "only --network host works yet")
  }
  public func sandboxPath(_ id: String) -> String? { nil }
  public func connect(
    _ id: String, name: String, to network: String, _ settings: EndpointSettings
  ) async throws(EngineError) -> EndpointSettings { settings }
  public func publish(_ id: String, _ ports: PortMap) async throws(EngineError) -> Published {
    Published(ports: ports, reservations: [])
  }
  public func closeSandbox(_ id: String) async {}
  public func rename(container: String, to: String) async {}
  public func dnsConfigPath(_ id: String) -> String? { nil }
  public func endpoints(of id: String) -> [String: EndpointSettings] { [:] }
  public func publishedPorts(of id: String) -> PortMap { [:] }
  public func restore() async {}
}

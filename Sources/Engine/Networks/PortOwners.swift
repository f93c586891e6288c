import Linux
import Reactor

extension Networks {
  /// Who has what these requests ask for: `: container web has it`, `: nginx (pid 812) has it`; empty where that is not known.
  func owner(of requests: [PortRequest]) async -> String {
    for request in requests {
      // Of a range the first ones tell enough.
      for number in (request.hostPorts.map { Array($0.prefix(8)) } ?? []) {
        for address in request.hostAddresses {
          let port = PublishedPort(
            transport: request.transport, containerPort: request.containerPort, hostAddress: address,
            hostPort: number)
          if let id = ports.owner(of: port) { return ": container \(sandboxes[id]?.name ?? id) has it" }
        }
        let isDatagrams = request.transport == .udp
        if let holder = await blocking({ PortHolder.find(number, udp: isDatagrams) }) {
          return ": \(holder.name) (pid \(holder.pid)) has it"
        }
      }
    }
    return ""
  }
}

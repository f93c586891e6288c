import DockerAPI
import EngineErrors
import Events
import Linux
import Netlink
import Records
import Testing

@testable import Networks

/// Real bridges, namespaces and rules: run by root with SKIFF_ROOT_TESTS=1.
@Suite(.serialized, .enabled(if: Environment.value("SKIFF_ROOT_TESTS") == "1"))
struct NetworkScenarioTests {
  private func withNetworks(_ body: (Networks, Place) async throws -> Void) async throws {
    let place = Place()
    try Files.makeDirectories(place.root)
    let result: Result<Void, any Error>
    let networks = try place.open()
    do {
      try await networks.restore()
      try await body(networks, place)
      result = .success(())
    } catch { result = .failure(error) }
    let last = try place.open()
    try await last.restore()
    let links = await last.linksOfHost
    await last.closeSandboxes(besides: [])
    for network in try await last.list(Filters(["type": ["custom"]])) { try await last.remove(network.id) }
    await last.quiesce()
    #expect(try NetlinkSession().links().filter { links.contains($0.name) } == [])
    #expect(try place.traces() == "")
    try Files.removeTree(place.root)
    try result.get()
  }

  struct Place {
    let mark = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
    var root: String { "/tmp/skiff-net-\(mark)" }
    var defaults: NetworkDefaults { NetworkDefaults(execRoot: root, mark: mark) }
    func open() throws -> Networks {
      try Networks(database: try Database(path: "\(root)/skiff.db"), events: Events(), defaults: defaults)
    }
    /// What of an engine is left on the host: rules, mounts, its bridge.
    func traces() throws -> String {
      try Shell.run(
        "nft list tables | grep \(defaults.table); grep \(root) /proc/self/mountinfo; ls /sys/class/net | grep \(mark)"
      ).output
    }
  }

  private func id(_ digit: Character) -> String { String(repeating: digit, count: 64) }

  @Test func `two networks: names, ports, isolation, and a restart of the engine`() async throws {
    try await withNetworks { networks, place in
      var request = NetworkCreateRequest()
      request.name = "front"
      let front = try await networks.create(request).id
      request.name = "back"
      _ = try await networks.create(request)
      var wish = EndpointSettings()
      wish.aliases = ["web"]
      var spaces: [String] = []
      for (digit, network) in [("a", "front"), ("b", "front"), ("c", "back")] as [(Character, String)] {
        spaces.append(try await networks.openSandbox(id(digit)))
        _ = try await networks.connect(id(digit), name: "box-\(digit)", to: network, wish)
      }
      let addresses = try await networks.inspect("front").containers
      #expect(addresses.count == 2)
      let a = try #require(await networks.endpoints(of: id("a"))["front"]).ipAddress
      let b = try #require(await networks.endpoints(of: id("b"))["front"]).ipAddress
      let c = try #require(await networks.endpoints(of: id("c"))["back"]).ipAddress
      let names = try Files.text("\(place.root)/names/\(front)")
      #expect(names.contains("web \(a)\n") && names.contains("web \(b)\n") && names.contains("box-a \(a)\n"))

      var binding = PortBinding()
      let published = try await networks.publish(id("a"), ["80/tcp": [binding]])
      defer { for raw in published.reservations { _ = FileDescriptor(owning: raw) } }
      let port = try #require(published.ports["80/tcp"]?.first).hostPort
      let server = try Shell.serve(in: spaces[0], port: 80, "hello")
      defer { Shell.stop(server) }
      let uplink =
        try Shell.run("ip -4 -o addr show scope global | head -1 | awk '{print $4}' | cut -d/ -f1").output
        .split(separator: "\n").first.map(String.init) ?? ""

      func reach(_ space: String?, _ host: String, _ port: String) throws -> String {
        let script = "timeout 2 busybox nc \(host) \(port) </dev/null 2>/dev/null"
        return try space.map { try Shell.run(in: $0, script).output } ?? Shell.run(script).output
      }
      func checkAll() throws {
        #expect(try reach(spaces[1], a, "80") == "hello \(b)\n", "inside a network")
        #expect(try reach(nil, "127.0.0.1", port).hasPrefix("hello"), "from localhost")
        #expect(try reach(nil, uplink, port).hasPrefix("hello"), "from the host by its address")
        #expect(
          try reach(spaces[1], uplink, port).hasPrefix("hello"), "from a neighbour by the host's address")
        #expect(try reach(spaces[0], uplink, port).hasPrefix("hello"), "from itself by the host's address")
        #expect(
          try reach(spaces[2], uplink, port) == "hello \(c)\n", "from another network by the host's address")
        #expect(try reach(spaces[2], a, "80") == "", "another network is out of reach")
        #expect(try Shell.run(in: spaces[1], "busybox ping -c1 -W2 \(uplink)").code == 0, "the host")
      }
      try checkAll()
      // The way out, by the one server outside that every host with a network knows.
      let resolver = HostResolver(try Files.text("/etc/resolv.conf")).servers.first { !$0.hasPrefix("127.") }
      if let resolver {
        let answer = try Shell.run(in: spaces[1], "timeout 4 busybox nslookup localhost. \(resolver)").output
        #expect(answer.contains("Server:"), "masquerading")
      }

      // A second engine leaves alone what is right already: a packet under way must not miss its translation.
      let handle = try Shell.run("nft -a list tables | grep \(place.defaults.table)").output
      try await place.open().restore()
      #expect(try Shell.run("nft -a list tables | grep \(place.defaults.table)").output == handle)
      try checkAll()

      // A third one finds everything, although somebody has taken the rules and a link away.
      try Shell.run("nft delete table ip \(place.defaults.table); ip link del br-\(front.prefix(12))")
      let again = try place.open()
      try await again.restore()
      #expect(await again.endpoints(of: id("a"))["front"]?.ipAddress == a)
      #expect(await again.publishedPorts(of: id("a")) == published.ports)
      try checkAll()

      binding.hostPort = port
      let taken = await #expect(throws: EngineError.self) {
        _ = try await again.publish(self.id("b"), ["80/tcp": [binding]])
      }
      #expect(
        taken?.message.contains("Bind for 0.0.0.0:\(port) failed: port is already allocated: container ")
          == true)
      let used = await #expect(throws: EngineError.self) { try await again.remove("front") }
      #expect(used?.message.contains("has active endpoints (name:\"box-a\" id:\"") == true)

      _ = try await again.connect(id("c"), name: "box-c", to: "front", EndpointSettings())
      #expect(try reach(spaces[2], a, "80").hasPrefix("hello"), "connected while it runs")
      try await again.disconnect(id("c"), from: "front")
      #expect(try reach(spaces[2], a, "80") == "", "disconnected while it runs")
      for digit in "abc" { await again.closeSandbox(id(digit)) }
      #expect(try Files.names(in: "\(place.root)/netns") == [])
      #expect(try reach(nil, "127.0.0.1", port) == "")
    }
  }

  @Test func `who comes back under its name gets its address`() async throws {
    try await withNetworks { networks, _ in
      func start(_ digit: Character, _ name: String) async throws -> String {
        _ = try await networks.openSandbox(id(digit))
        return try await networks.connect(id(digit), name: name, to: "bridge", EndpointSettings()).ipAddress
      }
      let first = try await start("a", "web")
      let second = try await start("b", "db")
      for digit in "ab" { await networks.closeSandbox(id(digit)) }
      #expect(try await start("c", "db") == second)
      #expect(try await start("d", "web") == first)
      #expect(try await start("e", "other") != first)
    }
  }

  @Test func `of networks that are gone nothing is remembered`() async throws {
    try await withNetworks { networks, _ in
      for digit in "abc" as String {
        var request = NetworkCreateRequest()
        request.name = "short"
        let network = try await networks.create(request).id
        _ = try await networks.openSandbox(id(digit))
        _ = try await networks.connect(id(digit), name: "box", to: "short", EndpointSettings())
        await networks.closeSandbox(id(digit))
        try await networks.remove(network)
      }
      #expect(await networks.habits.count == 0)
      #expect(await networks.promised.isEmpty)
      #expect(await networks.standing.isEmpty)
    }
  }

  @Test func `a network without containers moves away from a subnet that somebody else has taken`()
    async throws
  {
    try await withNetworks { networks, place in
      var request = NetworkCreateRequest()
      request.name = "ours"
      let id = try await networks.create(request).id
      let before = try #require(try await networks.inspect("ours").ipam.config?.first?.gateway)
      await networks.quiesce()
      let link = "sk-other-\(id.prefix(4))"
      try Shell.run(
        "ip link add \(link) type bridge; ip addr add \(before)/16 dev \(link); ip link set \(link) up")
      let again = try place.open()
      try await again.restore()
      let after = try #require(try await again.inspect("ours").ipam.config?.first?.gateway)
      try Shell.run("ip link del \(link)")
      #expect(after != before)
    }
  }

  @Test func `a sender of datagrams that went on all the time reaches a container that came later`()
    async throws
  {
    try await withNetworks { networks, _ in
      let host = try await NetworkScenarioTests.sender(networks, id("a"))
      let space = try await networks.openSandbox(id("b"))
      _ = try await networks.connect(id("b"), name: "log", to: "bridge", EndpointSettings())
      var binding = PortBinding()
      binding.hostPort = "\(host.port)"
      let receiver = try Shell.start(
        in: space,
        """
        import socket,sys,os
        s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 514)); s.settimeout(5); os.write(1, b"r")
        try: os.write(1, s.recv(99))
        except TimeoutError: os.write(1, b"nothing")
        """)
      let published = try await networks.publish(id("b"), ["514/udp": [binding]])
      defer { for raw in published.reservations { _ = FileDescriptor(owning: raw) } }
      #expect(String(decoding: try receiver.output.readToEnd(), as: UTF8.self) == "tick")
      Shell.stop(receiver.pid)
      Shell.stop(host.sender)
    }
  }

  /// A container that sends a datagram to the host every tenth of a second, always from the same port.
  private static func sender(_ networks: Networks, _ id: String) async throws -> (port: Int, sender: Int32) {
    let space = try await networks.openSandbox(id)
    let gateway = try await networks.connect(id, name: "ticker", to: "bridge", EndpointSettings()).gateway
    let port = Int.random(in: 20000..<30000)
    let running = try Shell.start(
      in: space,
      """
      import socket,time,os
      s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 5555))
      for i in range(100):
        s.sendto(b"tick", ("\(gateway)", \(port)))
        if i == 2: os.write(1, b"r")
        time.sleep(0.1)
      """)
    return (port, running.pid)
  }

  @Test func `published ports follow the bridges of a container whose traffic goes out elsewhere`()
    async throws
  {
    try await withNetworks { networks, place in
      let wire = "sk-w-\(place.mark)"
      try Shell.run("ip link add \(wire) type bridge; ip link set \(wire) up")
      // The check for traces tells of a link that stays.
      defer { _ = try? Shell.run("ip link del \(wire)") }
      let space = try await networks.openSandbox(id("a"))
      for name in ["a-wire", "b-first", "c-second"] {
        var request = NetworkCreateRequest()
        request.name = name
        if name == "a-wire" { (request.driver, request.options) = ("macvlan", ["parent": wire]) }
        _ = try await networks.create(request)
        _ = try await networks.connect(id("a"), name: "box", to: name, EndpointSettings())
      }
      let published = try await networks.publish(id("a"), ["80/udp": [PortBinding()]])
      defer { for raw in published.reservations { _ = FileDescriptor(owning: raw) } }
      let port = try #require(published.ports["80/udp"]?.first).hostPort
      let server = try Shell.start(
        in: space,
        """
        import socket,os
        s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 80)); os.write(1, b"r")
        while True:
          text,whence=s.recvfrom(99); s.sendto(text.upper(), whence)
        """)
      defer { Shell.stop(server.pid) }
      // Always from the same port, as somebody who went on all the time.
      func echo() throws -> String {
        try Shell.run(
          """
          python3 -c '
          import socket
          s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 19999)); s.settimeout(2)
          s.sendto(b"tick", ("127.0.0.1", \(port))); print(s.recv(99).decode(), end="")'
          """
        ).output
      }
      #expect(try echo() == "TICK")
      try await networks.disconnect(id("a"), from: "b-first")
      #expect(try echo() == "TICK", "they lead to the bridge that is left")
      _ = try await networks.connect(id("a"), name: "box", to: "b-first", EndpointSettings())
      try await networks.disconnect(id("a"), from: "c-second")
      #expect(try echo() == "TICK", "they lead to the bridge that came back")
    }
  }

  @Test func `a hundred containers at once get addresses and ports of their own`() async throws {
    try await withNetworks { networks, _ in
      let start = Clock.monotonic
      let got = try await withThrowingTaskGroup(of: (String, String).self) { group in
        for number in 0..<100 {
          group.addTask {
            let id = "\(number)" + String(repeating: "e", count: 60)
            _ = try await networks.openSandbox(id)
            let settings = try await networks.connect(
              id, name: "n\(number)", to: "bridge", EndpointSettings())
            let published = try await networks.publish(id, ["80/tcp": [PortBinding()]])
            for raw in published.reservations { _ = FileDescriptor(owning: raw) }
            return (settings.ipAddress, published.ports["80/tcp"]?.first?.hostPort ?? "")
          }
        }
        var got: [(String, String)] = []
        for try await one in group { got.append(one) }
        return got
      }
      print("a hundred in", (Clock.monotonic - start) / 1_000_000, "ms")
      #expect(Set(got.map(\.0)).count == 100 && Set(got.map(\.1)).count == 100)
      #expect(try await networks.inspect("bridge").containers.count == 100)
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<100 {
          group.addTask { await networks.closeSandbox("\(number)" + String(repeating: "e", count: 60)) }
        }
      }
      await networks.finish()
      #expect(try await networks.inspect("bridge").containers.isEmpty)
    }
  }

  @Test func `how long it takes`() async throws {
    try await withNetworks { networks, place in
      func measure(_ what: String, _ times: inout [String: [Int64]], _ body: () async throws -> Void)
        async throws
      {
        let start = Clock.monotonic
        try await body()
        times[what, default: []].append((Clock.monotonic - start) / 1000)
      }
      var times: [String: [Int64]] = [:]
      for round in 0..<30 {
        let id = "\(round)" + String(repeating: "f", count: 60)
        try await measure("open", &times) { _ = try await networks.openSandbox(id) }
        try await measure("connect", &times) {
          _ = try await networks.connect(id, name: "n\(round)", to: "bridge", EndpointSettings())
        }
        try await measure("publish", &times) {
          let published = try await networks.publish(id, ["80/tcp": [PortBinding()]])
          for raw in published.reservations { _ = FileDescriptor(owning: raw) }
        }
        if round % 2 == 0 { try await measure("close", &times) { await networks.closeSandbox(id) } }
      }
      for (what, values) in times.sorted(by: { $0.key < $1.key }) {
        let sorted = values.sorted()
        print(
          what, "median", sorted[sorted.count / 2], "µs, least", sorted[0], "most", sorted[sorted.count - 1])
      }
      #expect(times.count == 4)
    }
  }
}

extension Networks {
  /// The links that this engine has made on the host.
  fileprivate var linksOfHost: Set<String> {
    let ends = sandboxes.values.flatMap { $0.endpoints.compactMap { $0.link?.hostName } }
    return Set(ends + standing.keys.compactMap { networks[$0]?.bridge })
  }
}

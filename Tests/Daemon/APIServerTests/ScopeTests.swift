import DaemonSettings
import DockerAPI
import Testing

@testable import APIServer

private func power(_ change: (inout HostConfig) -> Void) -> String? {
  var host = HostConfig()
  change(&host)
  return Powers.beyond(host)
}

@Suite struct PowersTests {
  @Test func `what containers usually ask for is theirs`() {
    #expect(
      power {
        $0.binds = ["data:/data", "data:/data:ro"]
        $0.networkMode = "front"
        $0.pidMode = "container:a"
        $0.ipcMode = "private"
        $0.cgroupnsMode = "private"
        $0.capAdd = ["CAP_NET_BIND_SERVICE", "chown"]
        $0.capDrop = ["ALL"]
        $0.securityOpt = ["no-new-privileges", "no-new-privileges:true"]
        $0.sysctls = ["net.core.somaxconn": "1", "kernel.shmmax": "1"]
        $0.tmpfs = ["/a": "", "/b": "rw,size=1m,mode=1777,noexec"]
        $0.runtime = "runc"
      } == nil)
  }

  @Test(arguments: [
    "/etc:/x", "./a:/x", "../a:/x", "~/a:/x", "a/../../b:/x", "/x", "a", "a:x", "a:/x:ro:y", ":/x", "-a:/x",
    "a b:/x", "a\n:/x", "é:/x",
  ])
  func `a bind that is no volume's name is the host's`(_ bind: String) {
    #expect(power { $0.binds = [bind] } == "Binds \(bind)")
  }

  @Test(arguments: ["bind", "npipe", "cluster", "", "Bind", "Image"])
  func `mounts are volumes, images and tmpfs alone`(_ type: String) {
    var mount = Mount()
    mount.type = type
    mount.source = "a1"
    #expect(power { $0.mounts = [mount] } != nil)
  }

  @Test(arguments: [
    "kernel.core_pattern", "vm.swappiness", "net/../kernel/core_pattern", "net...kernel.core_pattern",
    "net.ipv4..", "kernel.shmmax/../core_pattern", "fs.file-max", "",
  ])
  func `sysctls of the host stay with it`(_ name: String) {
    #expect(power { $0.sysctls = [name: "1"] } == "Sysctls \(name)")
  }

  @Test func `what is hidden of the kernel stays hidden`() {
    #expect(power { $0.maskedPaths = [] } == "MaskedPaths")
    #expect(power { $0.maskedPaths = ["/proc/kcore"] } == "MaskedPaths")
    #expect(power { $0.readonlyPaths = ["/proc/bus"] } == "ReadonlyPaths")
    let usual = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
    #expect(power { $0.readonlyPaths = usual + ["/more"] } == nil)
  }

  @Test(arguments: ["bind", "size=1m,rbind", "source=/etc", "lowerdir=/", "x"])
  func `a tmpfs is a tmpfs`(_ options: String) {
    #expect(power { $0.tmpfs = ["/a": options] } == "Tmpfs \(options)")
  }
}

@Suite struct RouteAccessTests {
  /// Requests that change something, by their method.
  private static let changing = ["POST", "PUT", "DELETE"]

  @Test func `a viewer changes nothing`() {
    let changes = RouteAccess.table.filter { route, access in
      access.role == .viewer && Self.changing.contains { route.hasPrefix("\($0) ") }
    }.keys.filter { route in
      !["/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"].contains {
        route.contains(" \($0)")
      }
    }
    #expect(Array(changes) == ["POST /containers/{id}/wait"])
  }

  @Test func `what names an object of somebody looks whose it is`() {
    let kinds = [
      "/containers/{id", "/exec/{id}", "/networks/{id}", "/volumes/{name}", "/images/{name*}/json",
    ]
    for (route, access) in RouteAccess.table where kinds.contains(where: { route.contains(" \($0)") }) {
      // Refused whatever it names.
      if route == "PUT /volumes/{name}" { continue }
      #expect(access.subject != .none && access.subject != .everybody, "\(route)")
    }
  }

  @Test func `what is not in the table is for nobody with limits`() {
    #expect(RouteAccess.of("POST /new/thing") == nil)
  }

  @Test func `labels decide whose something is`() {
    let red = Scope(role: .operator, label: .init(key: "team", value: "red"))
    #expect(red.owns(["team": "red"]) && !red.owns(["team": "blue"]) && !red.owns([:]) && !red.owns(nil))
    #expect(red.sees(image: nil) && red.sees(image: ["a": "b"]) && red.sees(image: ["team": "red"]))
    #expect(!red.sees(image: ["team": "blue"]))
    #expect(Scope(role: .viewer).owns(nil))
    var labels: [String: String]? = ["team": "blue", "a": "b"]
    red.stamp(&labels)
    #expect(labels == ["team": "red", "a": "b"])
  }
}

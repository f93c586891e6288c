import DockerAPI
import Flags
import JSON
import Testing
import TextFormats

@testable import Commands

private func port(_ inner: UInt16, _ outer: UInt16? = nil, _ address: String? = nil) -> Port {
  var port = Port()
  port.privatePort = inner
  port.publicPort = outer
  port.ip = address
  port.type = "tcp"
  return port
}

struct PiecesTests {
  @Test func `whoever was started again is told by whom`() {
    var container = ContainerInspect()
    #expect(Explanation.restarts(container) == nil)
    container.restartCount = 3
    container.hostConfig.restartPolicy.name = "always"
    #expect(Explanation.restarts(container) == "started again 3 times by its restart policy")
    container.config.labels = [ContainerRequest.unhealthyLabel: "restart"]
    #expect(
      Explanation.restarts(container)
        == "started again 3 times by its restart policy or because it was unhealthy")
    container.hostConfig.restartPolicy.name = "no"
    container.restartCount = 1
    #expect(Explanation.restarts(container) == "started again once because it was unhealthy")
  }

  @Test func `ports stand in one line, neighbours together`() {
    #expect(PortList.text([port(6379)]) == "6379/tcp")
    #expect(
      PortList.text([port(80, 80, "0.0.0.0"), port(80, 80, "::")]) == "0.0.0.0:80->80/tcp, [::]:80->80/tcp")
    #expect(PortList.text([port(80, 8080, "0.0.0.0"), port(443)]) == "443/tcp, 0.0.0.0:8080->80/tcp")
    #expect(PortList.text([port(9000), port(9001), port(9002), port(9009)]) == "9000-9002/tcp, 9009/tcp")
  }

  @Test func `keys that detach are read, found and passed on when they go on otherwise`() {
    #expect(DetachKeys.parse("") == [16, 17])
    #expect(DetachKeys.parse("ctrl-a,x") == [1, 120])
    #expect(DetachKeys.parse("DEL") == [127])
    #expect(DetachKeys.parse("ctrl-1") == nil)
    #expect(DetachKeys.parse("CTRL-p") == nil)
    var keys = DetachKeys([16, 17])
    #expect(keys.feed([97, 16]) == ([97], false))
    #expect(keys.feed([98]) == ([16, 98], false))
    #expect(keys.feed([16, 16, 17]) == ([16], true))
  }

  @Test func `subnets know what lies in them`() {
    #expect(Subnet("10.1.0.0/16")?.holds("10.1.200.3") == true)
    #expect(Subnet("10.1.0.0/16")?.holds("10.2.0.1") == false)
    #expect(Subnet("fd00::/64")?.holds("fd00::5") == true)
    #expect(Subnet("fd00::/64")?.holds("10.0.0.1") == false)
    for wrong in ["10.0.0.0", "10.0.0/8", "10.0.0.0/33", "x/1", "fd00::/129"] {
      #expect(Subnet(wrong) == nil)
    }
  }

  @Test func `tables follow the format`() throws {
    let listing = Listing(columns: [("ID", "CONTAINER ID"), ("Names", "NAMES")], standard: ["ID", "Names"])
    let rows = [TemplateRecord([("ID", "abc"), ("Names", "web")], methods: labelMethod(["a": "b"]))]
    #expect(try listing.text("", rows) == "CONTAINER ID   NAMES\nabc            web\n")
    #expect(try listing.text(#"table {{.Names}}\t{{.Label "x.a"}}"#, rows) == "NAMES     a\nweb       \n")
    #expect(try listing.text("{{.ID}}", rows) == "abc\n")
    #expect(try listing.text("json", rows) == #"{"ID":"abc","Names":"web"}"# + "\n")
    #expect(throws: CommandFailure.self) { try listing.text("{{.", rows) }
  }

  @Test func `statuses tell who is to blame`() {
    #expect(
      RunFailure.status(for: "Error response from daemon: exec: \"x\": executable file not found in $PATH")
        == 127)
    #expect(RunFailure.status(for: "Error response from daemon: exec: \"/x\": permission denied") == 126)
    #expect(RunFailure.status(for: "Error response from daemon: no") == 125)
    #expect(RunFailure.status(for: "open /nope: no such file or directory") == 125)
  }

  @Test func `paths and places are read`() {
    #expect(HostPath.clean("/a//b/../c/.") == "/a/c")
    #expect(CopyCommand.Place("c:/x").container == "c")
    #expect(CopyCommand.Place("./c:/x").container == nil)
    #expect(CopyCommand.Place("/a:b").container == nil)
  }

  @Test func `every command has a help page with an example, and names are used once in a group`() {
    func visit(_ entries: [CommandEntry], _ path: String) {
      var names: Set<String> = []
      for entry in entries {
        for name in [entry.name] + entry.aliases { #expect(names.insert(name).inserted, "\(path) \(name)") }
        switch entry.content {
        case .command(let make):
          let text = HelpPage.text(of: make("\(path) \(entry.name)").syntax)
          #expect(text.hasPrefix("Usage:  \(path) \(entry.name)"))
          #expect(text.contains("\nExamples:\n  "), "\(path) \(entry.name)")
        case .group(let make): visit(make(), "\(path) \(entry.name)")
        case .foreign: break
        }
      }
    }
    visit(RootCommand.entries(), "skiff")
  }
}

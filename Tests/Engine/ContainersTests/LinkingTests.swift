import DockerAPI
import Testing

@testable import Containers

@Suite struct LinkingTests {
  @Test func `a linked container is told as docker's links tell it`() {
    let other = LinkedContainer(
      name: "redis", hostname: "0123456789ab", address: "172.17.0.2", ports: ["6379/tcp", "53/udp"],
      environment: ["PATH=/bin", "FOO=1", "HOME=/", "UNSET"])
    #expect(
      other.variables(alias: "my-db", of: "web") == [
        "MY_DB_PORT=udp://172.17.0.2:53", "MY_DB_PORT_53_UDP=udp://172.17.0.2:53",
        "MY_DB_PORT_53_UDP_ADDR=172.17.0.2", "MY_DB_PORT_53_UDP_PORT=53", "MY_DB_PORT_53_UDP_PROTO=udp",
        "MY_DB_PORT_6379_TCP=tcp://172.17.0.2:6379", "MY_DB_PORT_6379_TCP_ADDR=172.17.0.2",
        "MY_DB_PORT_6379_TCP_PORT=6379", "MY_DB_PORT_6379_TCP_PROTO=tcp", "MY_DB_NAME=/web/my-db",
        "MY_DB_ENV_FOO=1",
      ])
    #expect(other.names(alias: "db") == ["db", "0123456789ab", "redis"])
    #expect(other.names(alias: "redis") == ["redis", "0123456789ab"])
  }

  @Test func `a restart is an exit for who waits, and no end`() async {
    var waiters = Waiters()
    let exit = waiters.add(Awaited(.notRunning)) { _ in }
    let next = waiters.add(Awaited(.nextExit)) { _ in }
    let end = waiters.add(.end) { _ in }
    waiters.processExited(Departure(code: 3, error: ""))
    for await departure in exit { #expect(departure.code == 3) }
    for await departure in next { #expect(departure.code == 3) }
    waiters.processEnded(Departure(code: 4, error: ""))
    for await departure in end { #expect(departure.code == 4) }
  }

  @Test func `labels and variables that the log options name stand before every line`() {
    var record = ContainerRecord(
      id: "1", name: "a", created: "", imageID: "", config: ContainerConfig(), hostConfig: HostConfig(),
      networks: [:], mounts: [])
    #expect(record.logDetails.isEmpty)
    record.config.labels = ["tier": "a b", "other": "1"]
    record.config.env = ["STAGE=x,y", "PATH=/bin"]
    record.hostConfig.logConfig.config = ["labels": "tier,missing", "env": "STAGE"]
    #expect(record.logDetails == "STAGE=x%2Cy,tier=a+b")
    record.hostConfig.logConfig.config = [
      "labels-regex": "^(ti|zz)", "env-regex": "^STA", "tag": "{{.Name}}/{{.ID}}",
    ]
    #expect(record.logDetails == "STAGE=x%2Cy,tag=a%2F1,tier=a+b")
  }
}

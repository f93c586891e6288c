import ComposeModel
import DockerAPI
import JSON
import Testing

@testable import Compose

/// One compose file in memory.
private struct OneFile: ComposeFiles {
  let text: String
  func read(_ path: String) throws(ComposeError) -> [UInt8] { Array(text.utf8) }
  func kind(of path: String) -> FileKind? { path == "/app/compose.yaml" ? .file : nil }
  func resolved(_ path: String) -> String { path }
  func standardInput() throws(ComposeError) -> [UInt8] { [] }
}

func project(_ text: String) throws -> Project {
  try Project.load(
    ProjectSource(environment: [:], currentDirectory: "/app"), files: OneFile(text: text))
}

private let application = """
  services:
    db: {image: db, volumes: ['data:/data'], healthcheck: {test: 'true'}}
    web: {image: web, depends_on: {db: {condition: service_healthy}}, deploy: {replicas: 2}}
  volumes: {data: {}}
  """

private func plan(
  _ project: Project, _ observed: Observed = Observed(), _ change: (inout UpPlanner) -> Void = { _ in }
) throws -> String {
  var planner = UpPlanner(project: project, observed: observed)
  change(&planner)
  return try planner.make().description
}

/// The state in which everything of a project runs as its files say.
private func settled(_ project: Project) -> Observed {
  var observed = Observed()
  for key in project.networks.keys {
    var network = NetworkResource()
    network.name = project.networkName(key)
    network.id = "net-\(key)"
    network.labels = [
      Label.project: project.name, Label.network: key,
      Label.configHash: ConfigHash.ofNetwork(project.networks[key] ?? [:]),
    ]
    observed.networks[network.name] = network
  }
  for key in project.volumes.keys {
    var volume = Volume()
    volume.name = project.volumeName(key)
    observed.volumes[volume.name] = volume
  }
  for service in project.services.values.sorted(by: { $0.name < $1.name }) {
    for number in 1...max(1, service.scale) {
      observed.containers.append(container(service, number, project))
    }
  }
  return observed
}

private func container(_ service: Service, _ number: Int, _ project: Project, state: String = "running")
  -> ObservedContainer
{
  var summary = ContainerSummary()
  summary.id = "id-\(service.name)-\(number)"
  summary.names = ["/\(project.name)-\(service.name)-\(number)"]
  summary.state = state
  summary.labels = ContainerRequests(project: project).labels(service, .init(number: number))
  for key in service.members("networks").keys {
    var endpoint = EndpointSettings()
    endpoint.networkID = "net-\(key)"
    summary.networkSettings.networks[project.networkName(key)] = endpoint
  }
  summary.mounts = service.parts("volumes").map { volume in
    var mount = MountPoint()
    mount.type = "volume"
    mount.name = project.volumeName(volume["source"]?.string ?? "")
    return mount
  }
  return ObservedContainer(summary)
}

@Test func `a first up makes everything, and starts in the order of dependencies`() throws {
  #expect(
    try plan(project(application)) == """
      0 create network default
      1 create volume data
      2 create db 1 after 0, 1
      3 create web 1 after 0
      4 create web 2 after 0
      5 start db app-db-1 after 2
      6 await db service_healthy for web after 5
      7 start web app-web-1 after 3, 6
      8 start web app-web-2 after 4, 6

      """)
}

@Test func `a second up changes nothing`() throws {
  let project = try project(application)
  #expect(try plan(project, settled(project)) == "0 keep app-db-1\n1 keep app-web-1\n2 keep app-web-2\n")
}

@Test func `a changed service is made anew, the others stay`() throws {
  let before = try project(application)
  let after = try project(application.replacing("image: web,", with: "image: web, hostname: h,"))
  #expect(
    try plan(after, settled(before)) == """
      0 keep app-db-1
      1 recreate web 1 for app-web-1
      2 recreate web 2 for app-web-2
      3 await db service_healthy for web
      4 start web app-web-1 after 1, 3
      5 start web app-web-2 after 2, 3

      """)
}

@Test func `fewer replicas remove the highest numbers, more go on counting`() throws {
  var small = try project(application)
  small.services["web"]?.setScale(1)
  #expect(
    try plan(small, settled(project(application)))
      == "0 keep app-db-1\n1 keep app-web-1\n2 remove app-web-2\n")
  var large = try project(application)
  large.services["web"]?.setScale(3)
  #expect(
    try plan(large, settled(project(application)))
      == """
      0 keep app-db-1
      1 keep app-web-1
      2 keep app-web-2
      3 create web 3
      4 await db service_healthy for web
      5 start web app-web-3 after 3, 4

      """)
}

@Test func `what was stopped is only started`() throws {
  let project = try project("services: {a: {image: x}}")
  var observed = settled(project)
  observed.containers = [container(try project.service("a"), 1, project, state: "exited")]
  #expect(try plan(project, observed) == "0 start a app-a-1\n")
}

@Test func `force and never decide over what would be made anew`() throws {
  let before = try project(application)
  let after = try project(application.replacing("image: web,", with: "image: web, hostname: h,"))
  #expect(
    try plan(after, settled(before)) { $0.recreate = .never }
      == "0 keep app-db-1\n1 keep app-web-1\n2 keep app-web-2\n")
  let forced = try plan(before, settled(before)) {
    $0.recreate = .force
    $0.named = ["db"]
  }
  #expect(forced.hasPrefix("0 recreate db 1 for app-db-1\n"))
  #expect(!forced.contains("recreate web"))
}

@Test func `a network that changed is made anew, and its containers with it`() throws {
  let before = try project("services: {a: {image: x}}\nnetworks: {default: {driver: bridge}}")
  let after = try project("services: {a: {image: x}}\nnetworks: {default: {internal: true}}")
  #expect(
    try plan(after, settled(before)).hasPrefix(
      "0 recreate network default\n1 recreate a 1 for app-a-1 after 0\n"))
}

@Test func `external resources must be there`() throws {
  let project = try project("services: {a: {image: x, networks: [n]}}\nnetworks: {n: {external: true}}")
  #expect(throws: ComposeFailure.self) { try plan(project) }
}

@Test func `containers that share a namespace wait for the one they share`() throws {
  let project = try project("services: {a: {image: x}, b: {image: x, network_mode: 'service:a'}}")
  #expect(
    try plan(project) == """
      0 create network default
      1 create a 1 after 0
      2 create b 1 after 1
      3 start a app-a-1 after 1
      4 start b app-b-1 after 2, 3

      """)
}

@Test func `a container is asked for with compose's labels, aliases and mounts`() throws {
  let project = try project(
    """
    services:
      web:
        image: x
        ports: ['8080:80']
        volumes: ['data:/data', './f:/f:ro']
        environment: {A: 1}
        restart: on-failure:3
        depends_on: [db]
        deploy: {resources: {limits: {memory: 64m, cpus: '0.5'}}}
      db: {image: x}
    volumes: {data: {}}
    """)
  let service = try project.service("web")
  let request = try ContainerRequests(project: project).request(
    for: service, name: "app-web-1", .init(number: 1))
  #expect(request.config.labels?[Label.dependsOn] == "db:service_started:false")
  #expect(request.config.labels?[Label.number] == "1")
  #expect(request.config.labels?[Label.configFiles] == "/app/compose.yaml")
  #expect(request.config.env == ["A=1"])
  #expect(request.hostConfig.binds == ["app_data:/data:rw", "/app/f:/f:ro"])
  #expect(request.hostConfig.memory == 67_108_864)
  #expect(request.hostConfig.nanoCpus == 500_000_000)
  #expect(request.hostConfig.restartPolicy.name == "on-failure")
  #expect(request.hostConfig.restartPolicy.maximumRetryCount == 3)
  #expect(request.hostConfig.portBindings?["80/tcp"]?.first?.hostPort == "8080")
  #expect(request.networkingConfig.endpointsConfig?["app_default"]?.aliases == ["app-web-1", "web"])
}

import JSON
import Testing

@testable import ComposeModel

@Test func `files are found by name, with their override, in parents too`() throws {
  let project = try load([
    "/app/compose.yaml": "services: {a: {image: x}}",
    "/app/compose.override.yml": "services: {a: {image: y}}",
  ]) {
    source, _ in source.currentDirectory = "/app/deep/er"
  }
  #expect(project.files == ["/app/compose.yaml", "/app/compose.override.yml"])
  #expect(project.workingDirectory == "/app")
  #expect(project.services["a"]?.image == "y")
}

@Test(
  arguments: [
    (
      ["compose.yaml": "services: {web: {image: x, foo: 1}}"],
      "validating /app/compose.yaml: services.web additional properties 'foo' not allowed"
    ),
    (
      ["compose.yaml": "services: {web: {image: x, port: ['80'], enviroment: {A: b}, foo: 1}}"],
      "validating /app/compose.yaml: services.web additional properties 'enviroment', 'foo', 'port' not allowed "
        + "(did you mean environment, ports?)"
    ),
    (
      ["compose.yaml": "service: {web: {image: x}}"],
      "validating /app/compose.yaml:  additional properties 'service' not allowed (did you mean services?)"
    ),
    (
      ["compose.yaml": "services: {web: {image: [1]}}"],
      "validating /app/compose.yaml: services.web.image must be a string"
    ),
    (
      ["compose.yaml": "services: {web: {image: x, depends_on: [db]}}"],
      "service \"web\" depends on undefined service \"db\": invalid compose project"
    ),
    (
      ["compose.yaml": "services: {web: {}}"],
      "service \"web\" has neither an image nor a build context specified: invalid compose project"
    ),
    (
      ["compose.yaml": "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}"],
      "dependency cycle detected: a -> b -> a"
    ),
    (
      ["compose.yaml": "services:\n  web:\n    image: x\n    image: y\n"],
      "failed to parse /app/compose.yaml: line 4: mapping key \"image\" already defined at line 3"
    ),
    (
      ["compose.yaml": "services: {web: {image: '${X:?no X}'}}"],
      "error while interpolating services.web.image: required variable X is missing a value: no X"
    ),
    (
      ["compose.yaml": "services: {web: {image: '${X'}}"],
      "invalid interpolation format for services.web.image.\nYou may need to escape any $ with another $.\n${X"
    ),
    (
      ["compose.yaml": "services: {web: {image: x, volumes: ['vol:/v']}}"],
      "service \"web\" refers to undefined volume vol: invalid compose project"
    ),
    (
      ["compose.yaml": "services: {web: {image: x, networks: [n]}}"],
      "service \"web\" refers to undefined network n: invalid compose project"
    ),
    (["compose.yaml": ""], "empty compose file"), ([:], "no configuration file provided: not found"),
    (["compose.yaml": "services: {web: {image: x, ports: ['a:b']}}"], "invalid containerPort: b"),
    (
      ["compose.yaml": "services: {web: {image: x, env_file: none.env}}"],
      "env file /app/none.env not found: stat /app/none.env: no such file or directory"
    ),
    (
      ["compose.yaml": "services: {a: {extends: {service: a}}}"],
      "Circular reference:\n  a in /app/compose.yaml\n  extends a in /app/compose.yaml"
    ),
    (["compose.yaml": "1: 2"], "non-string key at top level: 1"),
    (
      ["compose.yaml": "services: {web: {image: x, mem_limit: 1x}}"],
      "decoding failed due to the following error(s):\n\n'services[web].mem_limit' invalid suffix: 'x'"
    ),
  ] as [([String: String], String)])
func `faults are told in docker compose's words`(files: [String: String], message: String) {
  #expect(complaint(files) == message)
}

@Test func `later files win, lists are joined, repeated keys replaced`() throws {
  let project = try load([
    "a.yaml":
      "services: {w: {image: x, command: one, environment: [A=1, B=2], ports: ['80:80'], dns: 1.1.1.1}}",
    "b.yaml": "services: {w: {command: two three, environment: {B: 3}, ports: ['81:81'], dns: [2.2.2.2]}}",
  ]) { source, _ in source.files = ["a.yaml", "b.yaml"] }
  let service = try #require(project.services["w"])
  #expect(service.list("command") == ["two", "three"])
  #expect(service.members("environment") == ["A": "1", "B": "3"])
  #expect(service.parts("ports").compactMap { $0["published"]?.string } == ["80", "81"])
  #expect(service.list("dns") == ["1.1.1.1", "2.2.2.2"])
}

@Test func `reset drops and override replaces what earlier files say`() throws {
  let project = try load([
    "a.yaml": "services: {w: {image: x, ports: ['80:80'], environment: {A: 1}, labels: {l: 1}}}",
    "b.yaml": "services:\n  w:\n    ports: !override ['81:81']\n    environment: !reset null\n",
  ]) { source, _ in source.files = ["a.yaml", "b.yaml"] }
  let service = try #require(project.services["w"])
  #expect(service.parts("ports").compactMap { $0["published"]?.string } == ["81"])
  #expect(service["environment"] == nil)
  #expect(service.members("labels") == ["l": "1"])
}

@Test func `anchors and merge keys lend their members`() throws {
  let project = try load([
    "compose.yaml": """
    x-base: &base {image: x, restart: always}
    services:
      a: {<<: *base, image: y}
      b: *base
    """
  ])
  #expect(project.services["a"]?.image == "y")
  #expect(project.services["a"]?.text("restart") == "always")
  #expect(project.services["b"]?.image == "x")
}

@Test func `a service extends another, of another file too, whose paths stay right`() throws {
  let project = try load([
    "compose.yaml": "services: {a: {extends: {file: sub/base.yaml, service: base}, environment: {B: 2}}}",
    "sub/base.yaml": "services: {base: {build: ./src, environment: {A: 1}, volumes: ['./data:/data']}}",
  ])
  let service = try #require(project.services["a"])
  #expect(service.build?["context"] == "/app/sub/src")
  #expect(service.parts("volumes").first?["source"] == "/app/sub/data")
  #expect(service.members("environment") == ["A": "1", "B": "2"])
}

@Test func `included applications bring their services, with their own environment`() throws {
  let project = try load([
    "compose.yaml": "include: [lib/compose.yaml]\nservices: {web: {image: x, depends_on: [db]}}",
    "lib/compose.yaml": "services: {db: {image: 'db:${TAG}', volumes: ['./d:/d']}}", "lib/.env": "TAG=7\n",
  ])
  #expect(project.services["db"]?.image == "db:7")
  #expect(project.services["db"]?.parts("volumes").first?["source"] == "/app/lib/d")
}

@Test func `include in a circle is refused`() {
  let message = complaint([
    "compose.yaml": "include: [b.yaml]\nservices: {}", "b.yaml": "include: [compose.yaml]\nservices: {}",
  ])
  #expect(
    message == "include cycle detected:\n/app/compose.yaml\n include /app/b.yaml\n include /app/compose.yaml")
}

@Test func `the environment goes before the env file, and files fill what is empty`() throws {
  let project = try load(
    [
      "compose.yaml": "services: {w: {image: 'i:${A}${B}', environment: [FROM_OUTSIDE, C], env_file: w.env}}",
      ".env": "A=file\nB=file\n", "w.env": "C=file\nD=${A}\n",
    ], environment: ["A": "outer", "FROM_OUTSIDE": "yes"])
  let service = try #require(project.services["w"])
  #expect(service.image == "i:outerfile")
  #expect(service.members("environment") == ["FROM_OUTSIDE": "yes", "C": nil, "D": "outer"])
}

@Test func `profiles enable services, and so does naming them`() throws {
  let files = ["compose.yaml": "services: {a: {image: x}, b: {image: x, profiles: [p]}}"]
  #expect(try load(files).serviceNames == ["a"])
  #expect(try load(files, { source, _ in source.profiles = ["p"] }).serviceNames == ["a", "b"])
  #expect(try load(files, environment: ["COMPOSE_PROFILES": "p"]).serviceNames == ["a", "b"])
  #expect(try load(files, selecting: ["b"]).serviceNames == ["b"])
}

@Test func `a project is named by flag, environment, file, or directory`() throws {
  let files = ["compose.yaml": "name: From-File\nservices: {a: {image: x}}"]
  #expect(try load(files).name == "from-file")
  #expect(try load(files, environment: ["COMPOSE_PROJECT_NAME": "env"]).name == "env")
  #expect(
    try load(files, environment: ["COMPOSE_PROJECT_NAME": "env"]) { source, _ in source.projectName = "flag" }
      .name == "flag")
  #expect(
    try load(["/My App/compose.yaml": "services: {a: {image: x}}"]) { source, _ in
      source.currentDirectory = "/My App"
    }.name == "myapp")
}

@Test func `aliases cannot blow a document up`() {
  var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
  for level in 1...9 {
    text +=
      "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      + "]\n"
  }
  #expect(
    complaint(["compose.yaml": text])
      == "failed to parse /app/compose.yaml: yaml: document contains excessive aliasing")
}

@Test(
  arguments: [
    ("80", [["80", "", ""]]), ("8080:80/udp", [["80", "8080", ""]]),
    ("127.0.0.1::80", [["80", "", "127.0.0.1"]]),
    ("[::1]:80:80", [["80", "80", "::1"]]),
    ("3000-3001:4000-4001", [["4000", "3000", ""], ["4001", "3001", ""]]),
    ("8000-9000:80", [["80", "8000-9000", ""]]),
  ] as [(String, [[String]])])
func `ports have a short form`(text: String, ports: [[String]]) throws {
  let parsed = try PortSpec.parse(text).map { port in
    [port["target"]?.goText ?? "", port["published"]?.string ?? "", port["host_ip"]?.string ?? ""]
  }
  #expect(parsed == ports)
}

@Test func `variables of a file are listed with their defaults`() {
  let tree: JSONValue = ["a": "$X ${Y:-d} ${Z:?r} ${N:-${IN}}", "b": ["$$no"]]
  let found = TemplateVariable.all(in: tree)
  #expect(found.keys.sorted() == ["IN", "N", "X", "Y", "Z"])
  #expect(found["Y"]?.fallback == "d")
  #expect(found["Z"]?.required == true)
}

// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// The floors of the house, lowest first. A room may use its own floor and the floors listed.
enum Floor: String, CaseIterable {
  case System, Codecs, Contracts, Runtime, Engine, Daemon, Client

  var mayUse: Set<Floor> {
    switch self {
    case .System: []
    case .Codecs: [.System]
    case .Contracts: [.System, .Codecs]
    case .Runtime, .Engine, .Client: [.System, .Codecs, .Contracts]
    case .Daemon: [.System, .Codecs, .Contracts, .Engine]
    }
  }
}

struct Room {
  enum Kind { case library, program, staticProgram, c, systemC(pkgConfig: String?, apt: String) }
  let name: String
  let floor: Floor
  let kind: Kind
  let uses: [String]
}

func room(_ name: String, _ floor: Floor, _ kind: Room.Kind = .library, owns: String, uses: [String] = [])
  -> Room
{
  Room(name: name, floor: floor, kind: kind, uses: uses)
}

let house = [
  // System: the Linux kernel and C, typed. The only floor that imports Glibc.
  room("CLinux", .System, .c, owns: "calls and constants that Swift's Glibc module cannot see; no policy"),
  room(
    "CReadOnlyStart", .System, .c,
    owns: "starting a program again from a read-only mount, before the C library and Swift's runtime"),
  room("CSeccomp", .System, .systemC(pkgConfig: "libseccomp", apt: "libseccomp-dev"), owns: "libseccomp"),
  room("CCrypto", .System, .systemC(pkgConfig: "libcrypto", apt: "libssl-dev"), owns: "libcrypto"),
  room("CSSL", .System, .systemC(pkgConfig: "libssl", apt: "libssl-dev"), owns: "libssl"),
  room(
    "CIsal", .System, .systemC(pkgConfig: "libisal", apt: "libisal-dev"), owns: "isa-l: inflate and deflate"),
  room("CSQLite", .System, .systemC(pkgConfig: "sqlite3", apt: "libsqlite3-dev"), owns: "SQLite"),
  room(
    "CCurl", .System, .systemC(pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    owns: "libcurl; the engine only, it costs 5 ms to load"),
  room("CNftables", .System, .systemC(pkgConfig: "libnftables", apt: "libnftables-dev"), owns: "libnftables"),
  room(
    "CNghttp2", .System, .systemC(pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
    owns: "nghttp2: HTTP/2's frames"),
  room("CZstd", .System, .systemC(pkgConfig: "libzstd", apt: "libzstd-dev"), owns: "zstd"),
  room("CLzma", .System, .systemC(pkgConfig: "liblzma", apt: "liblzma-dev"), owns: "liblzma: reading xz"),
  room("CBzip2", .System, .systemC(pkgConfig: nil, apt: "libbz2-dev"), owns: "libbz2: reading bzip2"),
  room(
    "Linux", .System, owns: "owned descriptors and typed system calls, one file per manual page",
    uses: ["CLinux"]),
  room(
    "Cgroups", .System, owns: "the cgroup trees, v2 and v1: create, limit, freeze, measure", uses: ["Linux"]),
  room(
    "Systemd", .System, owns: "systemd's units: D-Bus messages, a conversation, transient scopes",
    uses: ["Linux"]),
  room(
    "Netlink", .System,
    owns: "links, addresses, routes, who listens, ports shown elsewhere: netlink messages, a session",
    uses: ["CLinux", "Linux"]),
  room(
    "Firewall", .System, owns: "nftables rules, applied in one transaction", uses: ["CNftables", "Linux"]),
  room(
    "Reactor", .System,
    owns: "the one bridge to async: readiness of descriptors, threads for calls that block",
    uses: ["CLinux", "Linux"]),

  room(
    "TLS", .System, owns: "connections whose bytes are secret, and the certificates of both sides",
    uses: ["CSSL", "Linux", "Reactor"]),

  // Codecs: bytes to values and back. No state on disk, no policy.
  room("JSON", .Codecs, owns: "JSON text, exact to the byte, and Codable over it"),
  room(
    "YAML", .Codecs, owns: "YAML text to nodes with their line and column, and values to YAML text",
    uses: ["JSON"]),
  room(
    "TextFormats", .Codecs, owns: "Go's durations, sizes, times and templates; shell words", uses: ["JSON"]),
  room("PathPatterns", .Codecs, owns: "the patterns of .dockerignore and COPY"),
  room("Flags", .Codecs, owns: "the grammar of Docker's command lines, and their help"),
  room("Hashing", .Codecs, owns: "SHA-256 over streams", uses: ["CCrypto"]),
  room("Archive", .Codecs, owns: "tar streams, and small zip archives", uses: ["Linux", "Reactor"]),
  room(
    "Compression", .Codecs, owns: "gzip and zstd streams, and reading xz and bzip2",
    uses: ["Archive", "CBzip2", "CIsal", "CLzma", "CZstd"]),
  room("DNSMessages", .Codecs, owns: "DNS questions and answers"),
  room(
    "HTTP", .Codecs, owns: "HTTP/1.1 both ways, streamed, with upgrade to a raw connection",
    uses: ["Linux", "Reactor"]),

  room(
    "HTTP2", .Codecs, owns: "HTTP/2 over a connection that is there: streams, both roles",
    uses: ["CNghttp2", "HTTP", "Reactor"]),
  room("Protobuf", .Codecs, owns: "protobuf's bytes: fields to messages and back"),
  room(
    "GRPC", .Codecs, owns: "gRPC's calls over HTTP/2, both roles",
    uses: ["HTTP", "HTTP2", "Protobuf", "Reactor", "TextFormats"]),

  room(
    "Git", .Codecs, owns: "repositories by their address: the text, and their files by the host's git",
    uses: ["Flags", "HTTP", "Linux", "PathPatterns", "Reactor"]),

  // Contracts: what two programs agree on. Types only.
  room("ImageNames", .Contracts, owns: "alpine, docker.io/library/alpine:latest, …@sha256:…"),
  room(
    "OCISpec", .Contracts, owns: "the OCI documents: bundle, state, manifest, index, image config",
    uses: ["JSON"]),
  room(
    "DockerAPI", .Contracts, owns: "the Engine API's requests, answers, errors and stream framing",
    uses: ["JSON", "TextFormats"]),
  room(
    "BuildKitAPI", .Contracts, owns: "BuildKit's messages: control, gateway, sessions", uses: ["Protobuf"]),
  room(
    "ShimProtocol", .Contracts, owns: "what the daemon and a shim say to each other",
    uses: ["JSON", "Linux", "OCISpec"]),
  room(
    "ContainerLog", .Contracts, owns: "the json-file log: write, rotate, read, follow",
    uses: ["JSON", "Linux", "TextFormats"]),

  // Runtime: static programs without threads. They know OCI, not Docker.
  room(
    "ContainerRuntime", .Runtime, owns: "OCI create, start, exec, kill, delete",
    uses: ["Cgroups", "CLinux", "CSeccomp", "JSON", "Linux", "Netlink", "OCISpec", "Systemd"]),
  room(
    "ContainerShim", .Runtime, owns: "one container's stdio, log and exit, while the daemon may be away",
    uses: [
      "Cgroups", "ContainerLog", "ContainerRuntime", "DNSMessages", "JSON", "Linux", "Netlink", "OCISpec",
      "ShimProtocol", "TextFormats",
    ]),
  room(
    "skiff-runtime", .Runtime, .staticProgram, owns: "the OCI runtime's command line",
    uses: [
      "CReadOnlyStart", "CSeccomp", "Cgroups", "ContainerRuntime", "Flags", "JSON", "Linux", "OCISpec",
    ]),
  room(
    "skiff-shim", .Runtime, .staticProgram, owns: "the shim's main",
    uses: ["ContainerShim", "Flags", "Linux", "ShimProtocol"]),

  // Engine: what Docker does, without HTTP.
  room("EngineErrors", .Engine, owns: "EngineError: why the engine said no"),
  room(
    "Events", .Engine, owns: "what happened, to whom, and who is listening",
    uses: ["DockerAPI", "Linux", "Reactor"]),
  room(
    "Filtering", .Engine, owns: "what the filters of lists and prunes say, or what is wrong with them",
    uses: ["DockerAPI", "EngineErrors", "Linux", "TextFormats"]),
  room(
    "Records", .Engine, owns: "values that survive a crash: one SQLite database",
    uses: ["CSQLite", "EngineErrors", "JSON", "Linux", "Reactor"]),
  room(
    "ContentStore", .Engine, owns: "blobs by digest",
    uses: ["EngineErrors", "Hashing", "Linux", "OCISpec", "Reactor"]),
  room(
    "Snapshots", .Engine, owns: "layers as directories: prepare, mount, commit, diff",
    uses: [
      "Archive", "Compression", "EngineErrors", "Hashing", "JSON", "Linux", "OCISpec", "Reactor", "Records",
      "ShimProtocol",
    ]),
  room(
    "Registry", .Engine, owns: "pull, push, search and log in to registries",
    uses: [
      "Archive", "CCurl", "Compression", "DockerAPI", "EngineErrors", "Filtering", "HTTP", "Hashing",
      "ImageNames", "JSON",
      "Linux", "OCISpec",
      "Reactor", "TextFormats",
    ]),
  room(
    "Images", .Engine, owns: "names to images; save, load, prune",
    uses: [
      "Archive", "Compression", "ContentStore", "DockerAPI", "EngineErrors", "Events", "Filtering", "Hashing",
      "ImageNames", "JSON", "Linux", "OCISpec", "Reactor",
      "Records", "Registry", "Snapshots", "TextFormats",
    ]),
  room(
    "Volumes", .Engine, owns: "named volumes",
    uses: [
      "DockerAPI", "EngineErrors", "Events", "Filtering", "Flags", "Linux", "Reactor", "Records",
      "TextFormats",
    ]),
  room(
    "Networks", .Engine, owns: "bridges, addresses, endpoints, published ports, names",
    uses: [
      "DockerAPI", "EngineErrors", "Events", "Filtering", "Firewall", "Flags", "Hashing", "JSON", "Linux",
      "Netlink", "Reactor", "Records", "ShimProtocol", "TextFormats",
    ]),
  room(
    "Bundles", .Engine, owns: "a Docker request turned into an OCI bundle; pure",
    uses: ["DockerAPI", "EngineErrors", "Flags", "JSON", "OCISpec", "TextFormats"]),
  room(
    "Supervision", .Engine, owns: "starting shims, finding them again, hearing exits",
    uses: ["EngineErrors", "JSON", "Linux", "OCISpec", "Reactor", "ShimProtocol"]),
  room(
    "Containers", .Engine, owns: "a container's life: record, states, exec, logs",
    uses: [
      "Archive", "Bundles", "Cgroups", "ContainerLog", "DockerAPI", "EngineErrors", "Events", "Filtering",
      "Flags", "ImageNames", "Images", "JSON", "Linux", "Networks",
      "OCISpec", "Reactor", "Records", "ShimProtocol", "Snapshots", "Supervision", "TextFormats", "Volumes",
    ]),
  room("Dockerfile", .Engine, owns: "Dockerfile text to instructions; pure", uses: ["JSON", "TextFormats"]),
  room(
    "Builder", .Engine, owns: "instructions to a graph, a graph to an image",
    uses: [
      "Archive", "Compression", "DockerAPI", "Dockerfile", "EngineErrors", "Events", "Filtering", "Flags",
      "Git", "Hashing",
      "ImageNames",
      "Images", "JSON", "Linux", "OCISpec", "PathPatterns",
      "Reactor", "Records", "ShimProtocol", "Snapshots", "TextFormats",
    ]),
  room(
    "Assembly", .Engine, owns: "opens every store over one state directory, and wires them",
    uses: [
      "Builder", "Bundles", "Containers", "ContentStore", "DockerAPI", "EngineErrors", "Events", "Images",
      "JSON", "Linux", "Networks", "OCISpec", "Reactor",
      "Records", "Registry", "ShimProtocol", "Snapshots", "Supervision", "TextFormats", "Volumes",
    ]),

  // Daemon: the Engine API over HTTP.
  room(
    "APIServer", .Daemon, owns: "routes, one file per resource; errors to statuses",
    uses: [
      "Archive", "Assembly", "BuildKit", "BuildKitAPI", "Builder", "Bundles", "Cgroups", "ContainerLog",
      "Containers", "DaemonSettings",
      "DockerAPI", "EngineErrors", "Events", "Filtering", "Flags", "HTTP", "Hashing",
      "ImageNames", "Images", "JSON", "Linux", "Networks", "OCISpec", "Reactor", "Registry", "ShimProtocol",
      "Snapshots", "Supervision", "TextFormats", "Volumes",
    ]),
  room(
    "BuildKit", .Daemon, owns: "BuildKit's protocol over the engine's builder: sessions, control, frontend",
    uses: [
      "Archive", "Assembly", "BuildKitAPI", "Builder", "DockerAPI", "Dockerfile", "EngineErrors", "Events",
      "GRPC",
      "HTTP",
      "HTTP2",
      "Hashing",
      "ImageNames", "Images", "JSON", "Linux", "OCISpec", "PathPatterns", "Protobuf", "Reactor",
      "TextFormats",
    ]),
  room(
    "DaemonSettings", .Daemon, owns: "skiffd's flags and configuration file; pure",
    uses: ["DockerAPI", "Flags", "JSON"]),
  room(
    "skiffd", .Daemon, .program, owns: "settings, sockets, signals",
    uses: [
      "APIServer", "Assembly", "Containers", "DaemonSettings", "DockerAPI", "EngineErrors", "Events", "Flags",
      "HTTP",
      "Images", "JSON", "Linux", "Networks",
      "Reactor", "Registry", "TLS",
    ]),

  // Client: speaks the Engine API and nothing else, so it works with any engine that does.
  room(
    "DockerClient", .Client, owns: "the Engine API, typed, from the caller's side",
    uses: ["DockerAPI", "HTTP", "JSON", "Linux", "Reactor", "TLS", "TextFormats"]),
  room("TerminalUI", .Client, owns: "raw mode, tables, progress, colours", uses: ["Linux", "TextFormats"]),
  room(
    "BuildContext", .Client, owns: "a directory or repository and its .dockerignore as a tar stream",
    uses: ["Archive", "DockerAPI", "Git", "Linux", "PathPatterns", "Reactor"]),
  room(
    "Credentials", .Client, owns: "~/.docker/config.json and its helpers",
    uses: ["DockerAPI", "Hashing", "JSON", "Linux", "TextFormats"]),
  room(
    "ComposeModel", .Client, owns: "compose files to one Project: merge, interpolate, check; pure",
    uses: ["Hashing", "ImageNames", "JSON", "PathPatterns", "TextFormats", "YAML"]),
  room(
    "Compose", .Client, owns: "observe, plan, execute: a Project made real through the API",
    uses: [
      "Archive", "BuildContext", "ComposeModel", "Credentials", "DockerAPI", "DockerClient", "Flags", "Git",
      "HTTP",
      "Hashing",
      "ImageNames", "JSON", "Linux", "PathPatterns", "Reactor", "TerminalUI", "TextFormats",
    ]),
  room(
    "Commands", .Client, owns: "every command, one file each",
    uses: [
      "Archive", "BuildContext", "Compose", "ComposeModel", "Credentials", "DockerAPI", "DockerClient",
      "Flags", "Git", "HTTP", "Hashing",
      "ImageNames", "JSON", "Linux", "OCISpec", "Reactor", "TerminalUI",
      "TextFormats",
    ]),
  room("skiff", .Client, .staticProgram, owns: "main", uses: ["Commands", "Linux", "Reactor"]),
]

// A room with nothing in it yet does not exist yet.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
func holdsSources(_ path: String) -> Bool {
  let entries = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(path)")) ?? []
  return entries.contains { $0.hasSuffix(".swift") || $0.hasSuffix(".c") || $0 == "module.modulemap" }
}
let built = house.filter { holdsSources("Sources/\($0.floor)/\($0.name)") }
let builtNames = Set(built.map(\.name))

// Keep the arrows pointing down: the build stops at the first that does not.
let floorOf = Dictionary(uniqueKeysWithValues: house.map { ($0.name, $0.floor) })
for room in house {
  for used in room.uses {
    guard let floor = floorOf[used] else {
      fatalError("\(room.name) uses \(used), which is no room of this house")
    }
    precondition(
      floor == room.floor || room.floor.mayUse.contains(floor),
      "\(room.name) (\(room.floor)) may not use \(used) (\(floor))")
  }
}

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]
/// The optimiser of Swift 6.3.1 dies of an async function in Compose (LLVM's coroutine splitting). It waits for the engine
/// most of the time, so it is built without.
let unoptimised: Set = ["Compose"]
func settings(of room: Room) -> [SwiftSetting] {
  if unoptimised.contains(room.name) {
    return strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]
  }
  // Each function apart, so that the linker can leave it out, or put it beside those that run before and after it.
  return inStaticPrograms.contains(room.name)
    ? strict + [.unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release))] : strict
}
/// The rooms that the static programs are made of.
let inStaticPrograms = house.filter { room in
  if case .staticProgram = room.kind { true } else { false }
}
.reduce(into: Set<String>()) { reach($1.name, &$0) }
func reach(_ name: String, _ seen: inout Set<String>) {
  guard seen.insert(name).inserted, let room = house.first(where: { $0.name == name }) else { return }
  for used in room.uses { reach(used, &seen) }
}
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

/// What a program runs through when it does its usual work stands together in the file: 0.8 MB less of it is mapped
/// (scripts/hot-symbols makes the list; names that are gone are passed over).
func ordering(of room: Room) -> [LinkerSetting] {
  let list = "\(root)/scripts/hot-symbols.\(room.name)"
  guard FileManager.default.fileExists(atPath: list) else { return [] }
  let words = [
    "-use-ld=lld", "-Xlinker", "--symbol-ordering-file=\(list)", "-Xlinker", "--no-warn-symbol-ordering",
  ]
  return [.unsafeFlags(words, .when(configuration: .release))]
}

/// Where the program begins: before the C library where the room asks for that.
func entry(of room: Room) -> [LinkerSetting] {
  guard room.uses.contains("CReadOnlyStart") else { return [] }
  return [.unsafeFlags(["-Xlinker", "-e", "-Xlinker", "skiff_read_only_entry"])]
}

func target(of room: Room) -> Target {
  let dependencies = room.uses.filter(builtNames.contains).map(Target.Dependency.init(stringLiteral:))
  let path = "Sources/\(room.floor)/\(room.name)"
  return switch room.kind {
  case .library:
    .target(
      name: room.name, dependencies: dependencies, path: path, cSettings: gnu,
      swiftSettings: settings(of: room))
  case .program:
    .executableTarget(
      name: room.name, dependencies: dependencies, path: path, cSettings: gnu,
      swiftSettings: settings(of: room),
      linkerSettings: [.unsafeFlags(["-static-stdlib"])])
  case .staticProgram:
    .executableTarget(
      name: room.name, dependencies: dependencies, path: path, cSettings: gnu,
      swiftSettings: settings(of: room),
      linkerSettings: [.unsafeFlags(["-static-executable"])] + entry(of: room) + ordering(of: room))
  case .c: .target(name: room.name, path: path, cSettings: gnu)
  case .systemC(let pkgConfig, let apt):
    .systemLibrary(name: room.name, path: path, pkgConfig: pkgConfig, providers: [.apt([apt])])
  }
}

/// The tests of a room stand at Tests/<Floor>/<Room>Tests and see that room and whatever it sees.
func tests(of room: Room) -> Target? {
  let path = "Tests/\(room.floor)/\(room.name)Tests"
  guard case .library = room.kind, holdsSources(path) else { return nil }
  let dependencies = ([room.name] + room.uses).filter(builtNames.contains).map(
    Target.Dependency.init(stringLiteral:))
  return .testTarget(
    name: "\(room.name)Tests", dependencies: dependencies + ["SeededNumbers"], path: path, cSettings: gnu,
    swiftSettings: strict)
}

/// What tests make their random input of.
let seededNumbers = Target.target(
  name: "SeededNumbers", path: "Tests/SeededNumbers", swiftSettings: strict)

let package = Package(name: "skiff", targets: built.map(target) + [seededNumbers] + built.compactMap(tests))

import Linux
import Reactor
import Testing

@testable import TLS

/// The certificates as files, removed when the last user has gone.
private final class CertificateFiles: Sendable {
  let directory: String

  init() throws {
    directory = "/tmp/skiff-tls-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories(directory, mode: 0o700)
    let all = [
      "authority": Certificates.authority, "server": Certificates.server,
      "server-key": Certificates.serverKey,
      "client": Certificates.client, "client-key": Certificates.clientKey,
      "stranger": Certificates.stranger, "stranger-key": Certificates.strangerKey, "empty": "",
    ]
    for (name, content) in all { try Files.replace("\(directory)/\(name)", content.utf8, durable: false) }
  }

  deinit {
    // What is left of it is in /tmp.
    try? Files.removeTree(directory)
  }

  func callAsFunction(_ name: String) -> String { "\(directory)/\(name)" }

  func server(verifies: Bool = true) throws -> TLSContext {
    try .server(
      certificate: self("server"), key: self("server-key"),
      clientAuthorities: verifies ? self("authority") : nil)
  }

  func client(_ name: String? = "client", trusting authority: String? = "authority") throws -> TLSContext {
    try .client(
      authorities: authority.map { self($0) }, certificate: name.map { self($0) },
      key: name.map { self("\($0)-key") }, verifies: authority != nil)
  }
}

/// Both ends of a TCP connection on loopback.
private func pair() async throws -> (server: AsyncDescriptor, client: AsyncDescriptor) {
  let listener = try Listener.tcp(address: "127.0.0.1", port: 0)
  async let accepted = listener.accept()
  let client = try await Connect.tcp(host: "127.0.0.1", port: try #require(listener.port))
  return (try await accepted, client)
}

/// Both ends once they have shaken hands.
private func secret(
  _ server: TLSContext, _ client: TLSContext, name: String = "localhost"
) async throws -> (server: TLSConnection, client: TLSConnection) {
  let (far, near) = try await pair()
  async let accepted = TLSConnection.open(far, server)
  do {
    let client = try await TLSConnection.open(near, client, name: name)
    return (try await accepted, client)
  } catch {
    near.close()
    throw error
  }
}

private func complaint(_ body: () async throws -> Void) async -> String {
  do { try await body() } catch { return "\(error)" }
  return "nothing"
}

private func readAll(_ connection: TLSConnection) async throws -> [UInt8] {
  var all: [UInt8] = []
  while case let bytes = try await connection.read(), !bytes.isEmpty { all += bytes }
  return all
}

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
  private let files: CertificateFiles

  init() throws { files = try CertificateFiles() }

  @Test(arguments: ["localhost", "127.0.0.1"])
  func `bytes go both ways, and one side may finish first`(_ name: String) async throws {
    let (server, client) = try await secret(files.server(), files.client(), name: name)
    try await client.write(Array("question".utf8))
    client.shutdownWrite()
    #expect(try await readAll(server) == Array("question".utf8))
    try await server.write(Array("answer".utf8))
    server.close()
    #expect(try await readAll(client) == Array("answer".utf8))
  }

  @Test func `a lot goes both ways at once and arrives whole`() async throws {
    let (server, client) = try await secret(files.server(), files.client())
    let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    async let upload: Void = {
      try await client.write(sent)
      client.shutdownWrite()
    }()
    async let download: Void = {
      try await server.write(sent)
      server.shutdownWrite()
    }()
    async let arrived = readAll(server)
    #expect(try await readAll(client) == sent)
    #expect(try await arrived == sent)
    try await upload
    try await download
  }

  @Test func `nothing to read is nothing, not the end`() async throws {
    let (server, client) = try await secret(files.server(), files.client())
    #expect(try client.readNow(upTo: 10) == nil)
    try await server.write([1, 2, 3])
    #expect(try await client.read(upTo: 2) == [1, 2])
    #expect(try client.readNow(upTo: 2) == [3])
  }

  @Test func `closing wakes who reads`() async throws {
    let (server, client) = try await secret(files.server(), files.client())
    let reading = Task { try await client.read() }
    try await Task.sleep(nanoseconds: 10_000_000)
    client.close()
    await #expect(throws: SyscallError.self) { try await reading.value }
    server.close()
  }

  @Test func `a server that nobody known has signed is refused`() async throws {
    let stranger = try files.client(trusting: "stranger")
    let words = await complaint { _ = try await secret(files.server(), stranger) }
    #expect(words.hasPrefix("tls: failed to verify certificate: "))
  }

  @Test func `a server of another name is refused`() async throws {
    let words = await complaint { _ = try await secret(files.server(), files.client(), name: "example.com") }
    #expect(words == "tls: failed to verify certificate: hostname mismatch")
  }

  @Test func `who does not verify takes any server`() async throws {
    let (server, client) = try await secret(files.server(), files.client(trusting: nil), name: "example.com")
    try await server.write([1])
    #expect(try await client.read() == [1])
  }

  @Test(arguments: [nil, "stranger"] as [String?])
  func `a client without the right certificate hears so`(_ name: String?) async throws {
    let (far, near) = try await pair()
    let context = try files.server()
    let accepting = Task { try await TLSConnection.open(far, context) }
    // The server's refusal may come after the client's side of the handshake.
    let words = await complaint {
      let client = try await TLSConnection.open(near, files.client(name), name: "localhost")
      _ = try await client.read()
    }
    #expect(words.hasPrefix("tls: ") && words.contains("alert"))
    await #expect(throws: TLSError.self) { _ = try await accepting.value }
  }

  @Test func `HTTP without TLS is known as such`() async throws {
    let (far, near) = try await pair()
    try await near.write(Array("GET /_ping HTTP/1.1\r\n\r\n".utf8))
    do {
      _ = try await TLSConnection.open(far, files.server())
      Issue.record("a handshake without TLS")
    } catch let error as TLSError {
      #expect(error.isPlainHTTP)
    }
  }

  @Test func `a client that goes without farewell is an end for the server, a cut for the client`()
    async throws
  {
    let (far, near) = try await pair()
    let (serverSide, clientSide) = (try files.server(), try files.client())
    async let accepted = TLSConnection.open(far, serverSide)
    let client = try await TLSConnection.open(near, clientSide, name: "localhost")
    let server = try await accepted
    near.shutdownWrite()
    #expect(try await server.read() == [])
    far.shutdownWrite()
    await #expect(throws: TLSError.self) { _ = try await client.read() }
  }

  @Test func `files that are missing or hold something else are told by name`() async {
    let words = await complaint {
      _ = try TLSContext.server(certificate: "/nope", key: files("server-key"), clientAuthorities: nil)
    }
    #expect(words.hasPrefix("could not load X509 key pair (cert: \"/nope\", key: "))
    #expect(words.hasSuffix("open /nope: no such file or directory"))
    let mixed = await complaint {
      _ = try TLSContext.server(
        certificate: files("server"), key: files("client-key"), clientAuthorities: nil)
    }
    #expect(mixed.hasPrefix("error reading X509 key pair - make sure the key is not encrypted (cert: "))
    let empty = await complaint {
      _ = try TLSContext.client(authorities: files("empty"), certificate: nil, key: nil, verifies: true)
    }
    #expect(empty == "failed to append certificates from PEM file: \"\(files("empty"))\"")
  }
}

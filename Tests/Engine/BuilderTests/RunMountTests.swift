import EngineErrors
import SeededNumbers
import Testing

@testable import Builder

struct RunMountTests {
  @Test(arguments: [
    ("target=/a", RunMount.Kind.bind(from: nil, source: "/"), "/a", true),
    ("type=bind,src=x/../y,dst=b,rw", .bind(from: nil, source: "/y"), "/work/b", false),
    ("type=bind,from=stage,target=/a,readonly=false", .bind(from: "stage", source: "/"), "/a", false),
    ("type=cache,target=/c", .cache(id: "/c", .shared, from: nil, source: "/"), "/c", false),
    (
      "type=CACHE,id=n,target=/c,sharing=LOCKED,ro", .cache(id: "n", .locked, from: nil, source: "/"), "/c",
      true
    ),
    (
      "type=cache,target=/c,from=s,source=/d", .cache(id: "/c", .shared, from: "s", source: "/d"), "/c", false
    ),
    ("type=tmpfs,target=/t,size=1m", .memory(size: 1 << 20), "/t", false),
    ("type=tmpfs,target=/t", .memory(size: nil), "/t", false),
    ("type=secret,id=a/b", .secret(id: "a/b", variable: nil, isFile: true), "/run/secrets/b", true),
    ("type=secret,target=/x/y", .secret(id: "y", variable: nil, isFile: true), "/x/y", true),
    ("type=secret,source=s,env=", .secret(id: "s", variable: "s", isFile: false), "/run/secrets/s", true),
    ("type=secret,id=s,env=V,target=t", .secret(id: "s", variable: "V", isFile: true), "/work/t", true),
    ("type=ssh", .agent(id: "default"), "/run/buildkit/ssh_agent.0", true),
  ])
  func `a mount is read as BuildKit reads it`(
    text: String, kind: RunMount.Kind, target: String, readOnly: Bool
  ) throws {
    let mount = try RunMount(text, in: "/work")
    #expect(mount.kind == kind)
    #expect(mount.target == target)
    #expect(mount.readOnly == readOnly)
  }

  @Test func `modes and owners are numbers`() throws {
    let mount = try RunMount("type=secret,id=s,mode=0440,uid=5,gid=6,required", in: "/")
    #expect(mount.mode == 0o440 && mount.uid == 5 && mount.gid == 6 && mount.isRequired)
  }

  @Test(arguments: [
    ("type=bind", "target is missing"), ("type=nfs,target=/a", "unsupported mount type \"nfs\""),
    ("target=/", "invalid mount target"), ("target=..", "invalid mount target"),
    ("target=/a,colour=red", "unexpected key 'colour'"),
    ("type=cache,target=/a,sharing=mine", "unsupported sharing value"),
    ("target=/a,mode=0755", "unexpected key 'mode'"),
    ("type=secret", "one of source, target required"), ("type=secret,id=a,source=b", "both source and id"),
    ("type=secret,id=a,from=b", "unexpected key 'from'"),
    ("type=secret,id=a,mode=9", "invalid value 9 for mode"),
    ("type=secret,id=a,uid=-1", "invalid value -1 for uid"),
    ("type=tmpfs,target=/t,size=big", "invalid value for size"),
    ("target=/a,ro=maybe", "invalid value for readonly"), ("target", "must be a key=value pair"),
    ("type=ssh,source=a", "unexpected key 'source'"),
    ("type=cache,target=/a,required", "unexpected key 'required'"),
  ])
  func `what is no mount is refused with its reason`(text: String, words: String) {
    do {
      let mount = try RunMount(text, in: "/")
      Issue.record("\(text) was taken: \(mount)")
    } catch {
      #expect(error.message.contains(words), "\(error.message)")
    }
  }

  @Test func `the stage is found ahead of everything else`() {
    #expect(RunMount.from("type=bind,FROM=build,target=/a") == "build")
    #expect(RunMount.from("type=bind,target=/from=a") == nil)
  }

  @Test func `no text traps, and no target leads to the root or out of it`() {
    let pieces = [
      "type=", "bind", "cache", "tmpfs", "secret", "ssh", ",", "=", "target=", "..", "/", "a", "from=",
      "source=", "env=", "id=", "ro", "rw",
      "mode=", "0777", "99999999999", "size=", "1g", "-1", "sharing=", "locked", "required", "\"", "\n", "é",
    ]
    var random = SeededNumbers(seed: 31)
    for _ in 0..<40_000 {
      let text = (0..<Int.random(in: 1...10, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }
      .joined()
      // What is refused is no mount.
      guard let mount = try? RunMount(text, in: "/work") else { continue }
      #expect(mount.target.hasPrefix("/") && mount.target != "/", "\(text.debugDescription)")
      #expect(!mount.target.split(separator: "/").contains(".."), "\(text.debugDescription)")
    }
  }
}

struct CacheDirectoriesTests {
  @Test func `a private cache that is in use has a neighbour`() async throws {
    let caches = CacheDirectories()
    #expect(try await caches.acquire("a", .private) == "a")
    #expect(try await caches.acquire("a", .private) == "a-1")
    await caches.release("a")
    #expect(try await caches.acquire("a", .private) == "a")
  }

  @Test func `a locked cache is waited for, a shared one is not`() async throws {
    let caches = CacheDirectories()
    _ = try await caches.acquire("a", .shared)
    _ = try await caches.acquire("a", .shared)
    let waiting = Task { try await caches.acquire("a", .locked) }
    await caches.release("a")
    await caches.release("a")
    #expect(try await waiting.value == "a")
    let cancelled = Task { try await caches.acquire("a", .shared) }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    await caches.release("a")
    #expect(try await caches.acquire("a", .shared) == "a")
  }
}

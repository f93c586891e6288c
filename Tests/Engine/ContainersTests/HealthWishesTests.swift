import DockerAPI
import EngineErrors
import ShimProtocol
import Testing

@testable import Containers

private func config(_ test: [String], labels: [String: String]? = nil, env: [String]? = nil)
  -> ContainerConfig
{
  var config = ContainerConfig()
  config.healthcheck = HealthConfig()
  config.healthcheck?.test = test
  config.labels = labels
  config.env = env
  return config
}

@Suite struct HealthWishesTests {
  @Test func `a command is run, by the shell where it is text`() {
    #expect(HealthWishes.check(config(["CMD", "a", "b"]))?.arguments == ["a", "b"])
    #expect(HealthWishes.check(config(["CMD-SHELL", "a b"]))?.arguments == ["/bin/sh", "-c", "a b"])
    #expect(HealthWishes.check(config(["NONE"])) == nil)
    #expect(HealthWishes.check(ContainerConfig()) == nil)
  }

  @Test func `a URL is probed`() {
    let check = HealthWishes.check(config(["CMD-SHELL", "http://localhost:8000/health"]))
    #expect(check?.target?.place == "localhost:8000" && check?.target?.path == "/health")
  }

  @Test func `a probe of postgres takes the user that the image makes`() {
    let own = HealthWishes.check(
      config(["CMD", "postgres://localhost"], env: ["POSTGRES_USER=me", "POSTGRES_DB=notes"]))?.target
    #expect(own?.user == "me" && own?.database == "notes")
    let standard = HealthWishes.check(config(["CMD", "postgres://localhost"]))?.target
    #expect(standard?.user == "postgres" && standard?.database == "postgres")
    let named = HealthWishes.check(config(["CMD", "postgres://you@localhost"], env: ["POSTGRES_USER=me"]))
    #expect(named?.target?.user == "you" && named?.target?.database == nil)
  }

  @Test func `an image's probe that cannot be is told at every probe, the user's is refused`() {
    let wrong = config(["CMD", "https://localhost"])
    #expect(HealthWishes.check(wrong)?.refusal?.contains("do not speak TLS") == true)
    #expect(throws: EngineError.self) { try HealthWishes.refuse(wrong) }
  }

  @Test func `a label says what becomes of the unhealthy`() throws {
    let label = "org.skiff.health.on-unhealthy"
    #expect(HealthWishes.action(config(["NONE"], labels: [label: "restart"])) == .restart)
    #expect(HealthWishes.action(config(["NONE"], labels: [label: "none"])) == nil)
    try HealthWishes.refuse(config(["NONE"], labels: [label: "none"]))
    #expect {
      try HealthWishes.refuse(config(["NONE"], labels: [label: "reboot"]))
    } throws: { error in
      (error as? EngineError)?.message
        == "label org.skiff.health.on-unhealthy: reboot is none of none, restart, kill and stop"
    }
  }
}

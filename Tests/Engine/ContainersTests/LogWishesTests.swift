import DockerAPI
import EngineErrors
import Testing

@testable import Containers

@Suite struct LogWishesTests {
  private func complaint(_ options: [String: String], driver: String = "json-file") -> String? {
    var config = LogConfig()
    config.type = driver
    config.config = options
    do {
      try LogWishes.check(config)
      return nil
    } catch {
      return error.message
    }
  }

  @Test func `what docker takes is understood`() {
    let wishes = LogWishes(["max-size": "10m", "max-file": "3", "compress": "true"])
    #expect(wishes.maximumSize == 10 << 20 && wishes.maximumFiles == 3 && wishes.compress == true)
    #expect(LogWishes(["max-size": "-1"]).maximumSize == -1)
    #expect(complaint(["max-size": "1k", "labels": "a", "tag": "{{.Name}}", "mode": "non-blocking"]) == nil)
    #expect(complaint(["mode": "non-blocking", "max-buffer-size": "1m"]) == nil)
    #expect(complaint(["anything": "goes"], driver: "none") == nil)
  }

  @Test(arguments: [
    (["max-size": "big"], "invalid size: 'big'"), (["max-file": "0"], "max-file cannot be less than 1"),
    (["max-file": "1001"], "max-file cannot be more than 1000"), (["max-file": "x"], "invalid max-file"),
    (["compress": "2"], "invalid compress: '2'"), (["x": ""], "unknown log opt 'x' for json-file log driver"),
    (["compress": "1", "max-file": "1"], "compress cannot be true when max-file is less than 2"),
    (["mode": "x"], "logger: logging mode not supported: x"),
    (["max-buffer-size": "1m"], "max-buffer-size option is only supported with 'mode=non-blocking'"),
    (["max-buffer-size": "x", "mode": "non-blocking"], "error parsing option max-buffer-size"),
    (["env-regex": "("], "error parsing regexp: env-regex: '('"),
    (["tag": "{{.Name"], "invalid tag: '{{.Name'"),
  ])
  func `what makes no sense is refused by name`(_ options: [String: String], _ words: String) {
    #expect(complaint(options)?.contains(words) == true)
  }

  @Test func `the driver local takes no words beside lines`() {
    #expect(complaint(["tag": "x"], driver: "local") == "unknown log opt 'tag' for local log driver")
  }
}

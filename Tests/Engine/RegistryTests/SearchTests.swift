import DockerAPI
import EngineErrors
import JSON
import SeededNumbers
import Testing

@testable import Registry

struct SearchTests {
  @Test(arguments: [
    ("redis", "docker.io", "redis"), ("library/redis", "docker.io", "redis"),
    ("bitnami/redis", "docker.io", "bitnami/redis"),
    ("localhost:5000/redis", "localhost:5000", "redis"), ("localhost/a/b", "localhost", "a/b"),
    ("quay.io/x", "quay.io", "x"),
    ("index.docker.io/library/x", "docker.io", "x"), ("example.com", "docker.io", "example.com"),
  ])
  func `a term names its registry as for docker`(term: String, domain: String, word: String) throws {
    let request = try SearchRequest(term, limit: 0)
    #expect(request.domain == domain)
    #expect(request.word == word)
    #expect(request.limit == 25)
  }

  @Test func `nothing of a term can change the question`() throws {
    #expect(try SearchRequest("a b&n=1#?x", limit: 3).path == "/v1/search?q=a%20b%26n%3D1%23%3Fx&n=3")
    #expect(throws: EngineError.self) { try SearchRequest("http://x", limit: 1) }
    for limit in [-1, 101] { #expect(throws: EngineError.self) { try SearchRequest("x", limit: limit) } }
  }

  @Test func `only this machine and insecure registries are asked plainly`() throws {
    func places(_ term: String, _ isInsecure: Bool = false) throws -> [String] {
      try SearchRequest(term, limit: 1).places(isInsecure: isInsecure).map(\.base)
    }
    #expect(try places("x") == ["https://index.docker.io"])
    #expect(try places("quay.io/x") == ["https://quay.io"])
    #expect(try places("quay.io/x", true) == ["http://quay.io", "https://quay.io"])
    #expect(try places("127.0.0.1:5000/x") == ["http://127.0.0.1:5000", "https://127.0.0.1:5000"])
  }

  @Test func `filters choose, and unknown ones are refused`() throws {
    let result = SearchResult(["name": "a", "star_count": 5, "is_official": true])
    #expect(try SearchFilter(Filters(["stars": ["3", "5"]])).accepts(result))
    #expect(try !SearchFilter(Filters(["stars": ["6"]])).accepts(result))
    #expect(try SearchFilter(Filters(["is-official": ["true"]])).accepts(result))
    #expect(try !SearchFilter(Filters(["is-official": ["false"]])).accepts(result))
    #expect(try !SearchFilter(Filters(["is-automated": ["true"]])).accepts(result))
    for wrong in [["colour": ["red"]], ["stars": ["many"]], ["is-official": ["perhaps"]]] {
      #expect(throws: EngineError.self) { try SearchFilter(Filters(wrong)) }
    }
  }

  @Test func `whatever a registry answers is some result`() {
    let values: [JSONValue] = [.null, true, 7, "x", [1], ["name": 3], ["name": "a", "star_count": "b"]]
    for value in values { _ = SearchResult(value).json }
    #expect(SearchResult(["name": 3]).name == "")
  }
}

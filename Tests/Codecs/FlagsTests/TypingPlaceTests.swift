import Testing

@testable import Flags

private let flags: [Flag] = [
  .string("name|n", "A name"), .bool("all|a", "All"), .list("env|e", "Variables"),
  Flag("color", .optional("auto"), typeName: "string", "Colours"),
]

private func place(_ before: [String], _ typed: String = "", mixes: Bool = true) -> String {
  switch TypingPlace(flags, mixes: mixes, before: before, typed: typed) {
  case .flag: "flag"
  case .value(let flag, let prefix): "\(flag.name) \(prefix)"
  case .word(let words): "after \(words.joined(separator: ","))"
  }
}

@Suite struct TypingPlaceTests {
  @Test func `words and flags are told apart`() {
    #expect(place([]) == "after " && place(["-a", "x"]) == "after x")
    #expect(place([], "-") == "flag" && place(["x"], "--na") == "flag")
    #expect(place(["--"], "-x") == "after " && place(["-"], "") == "after -")
  }

  @Test func `a flag that needs a value waits for it`() {
    #expect(place(["--name"]) == "name " && place(["-n"]) == "name " && place(["-an"]) == "name ")
    #expect(
      place(["--name", "x"]) == "after " && place(["-nx"]) == "after " && place(["--name=x"]) == "after ")
    #expect(place(["--color"]) == "after " && place(["--env", "A=1", "-e"], "B") == "env ")
    #expect(place([], "--name=x") == "name --name=")
    #expect(place(["--name"], "-x") == "name ")
  }

  @Test func `behind the first word all are words where the command wants it so`() {
    #expect(place(["-a", "image", "--name"], "-l", mixes: false) == "after image,--name")
    #expect(place(["-n", "image"], "-l", mixes: false) == "flag")
  }
}

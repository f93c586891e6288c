import Testing

@testable import Flags

private let run = CommandSyntax(
  "skiff run", "[OPTIONS] IMAGE [COMMAND] [ARG...]", summary: "Create and run a new container from an image",
  words: .atLeast(1),
  flags: [
    .bool("detach|d", "Run in the background"), .bool("sig-proxy", "Proxy signals", default: true),
    .list("env|e", "Set environment variables"), .string("name", "Assign a name to the container"),
    .int("stop-timeout", "Seconds to wait"), .strings("gateway", "Gateways"),
    .string("memory|m", "Memory limit", typeName: "bytes") {
      $0.hasSuffix("m") ? nil : "invalid size: '\($0)'"
    },
    Flag("progress", .optional("auto"), typeName: "string", "Progress"),
  ], mixesFlagsAndWords: false)
private let list = CommandSyntax(
  "skiff ps", "[OPTIONS]", summary: "List containers", words: .none,
  flags: [.bool("all|a", "Show all"), .int("last|n", "Last", default: -1)])

private func failure(_ syntax: CommandSyntax, _ line: String) -> UsageError? {
  do throws(UsageError) {
    _ = try syntax.parse(line.split(separator: " ").map(String.init))
    return nil
  } catch {
    return error
  }
}

struct FlagsTests {
  @Test func `flags stop at the first word where the rest belongs to the container`() throws {
    let parsed = try run.parse(["-de", "A=1", "--env=B=2", "--name", "x", "-m64m", "img", "-d", "--foo"])
    #expect(parsed.bool("detach"))
    #expect(parsed.list("env") == ["A=1", "B=2"])
    #expect(parsed.map("env") == ["A": "1", "B": "2"])
    #expect(parsed.string("name") == "x")
    #expect(parsed.string("memory") == "64m")
    #expect(parsed.words == ["img", "-d", "--foo"])
    #expect(parsed.bool("sig-proxy"))
    #expect(!parsed.isSet("sig-proxy"))
  }

  @Test func `flags and words mix elsewhere, until two dashes`() throws {
    let rm = CommandSyntax("skiff rm", "", summary: "", words: .any, flags: [.bool("force|f", "")])
    let parsed = try rm.parse(["a", "-f", "-", "--", "--force"])
    #expect(parsed.bool("force"))
    #expect(parsed.words == ["a", "-", "--force"])
  }

  @Test func `values may be optional, split by commas, or switched off`() throws {
    let parsed = try run.parse([
      "--progress", "--gateway", "a,b", "--gateway=c", "--sig-proxy=false", "-d=0", "img",
    ])
    #expect(parsed.string("progress") == "auto")
    #expect(parsed.list("gateway") == ["a", "b", "c"])
    #expect(!parsed.bool("sig-proxy"))
    #expect(!parsed.bool("detach"))
  }

  @Test(arguments: [
    ("--foo x", "unknown flag: --foo"), ("-z", "unknown shorthand flag: 'z' in -z"),
    ("-dz x", "unknown shorthand flag: 'z' in -z"),
    ("--name", "flag needs an argument: --name"), ("-m", "flag needs an argument: 'm' in -m"),
    ("--=x", "bad flag syntax: --=x"),
    ("-m abc x", #"invalid argument "abc" for "-m, --memory" flag: invalid size: 'abc'"#),
    (
      "--stop-timeout x y",
      #"invalid argument "x" for "--stop-timeout" flag: strconv.ParseInt: parsing "x": invalid syntax"#
    ),
    (
      "--detach=x y",
      #"invalid argument "x" for "-d, --detach" flag: strconv.ParseBool: parsing "x": invalid syntax"#
    ),
  ])
  func `wrong flags are told as Docker tells them`(line: String, message: String) {
    let usage =
      "\n\nUsage:  skiff run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'skiff run --help' for more information\n"
    #expect(failure(run, line) == UsageError(text: message + usage, status: 125))
  }

  @Test func `wrong numbers of words are told as Docker tells them`() {
    #expect(
      failure(run, "-d")?.text == """
        skiff: 'skiff run' requires at least 1 argument

        Usage:  skiff run [OPTIONS] IMAGE [COMMAND] [ARG...]

        See 'skiff run --help' for more information

        """)
    #expect(
      failure(list, "x")?.text.hasPrefix(
        "skiff: 'skiff ps' accepts no arguments\n\nUsage:  skiff ps [OPTIONS]\n\nRun") == true)
    #expect(failure(list, "x")?.status == 1)
  }

  @Test func `help pages have Docker's layout`() {
    #expect(
      failure(list, "--help")
        == UsageError(
          text: """
            Usage:  skiff ps [OPTIONS]

            List containers

            Options:
              -a, --all        Show all
              -n, --last int   Last (default -1)

            """, status: 0))
    #expect(failure(list, "-h")?.text.hasPrefix("Flag shorthand -h has been deprecated") == true)
  }

  @Test func `long summaries are wrapped beside their flag`() {
    let flags = [
      Flag.string("signal|s", "word word word word word word word word word word word word word word")
    ]
    #expect(
      HelpPage.options(flags) == """
          -s, --signal string   word word word word word word word word word word
                                word word word word
        """)
  }

  @Test func `an unknown command is told with its neighbours`() {
    let known = ["ps", "push", "pull", "run", "images"]
    #expect(
      UnknownCommand.error("pss", in: "skiff", isGroup: false, among: known).text
        == "skiff: unknown command: skiff pss\n\nDid you mean this?\n\tps\n\nRun 'skiff --help' for more information\n"
    )
    #expect(
      UnknownCommand.error("foo", in: "skiff volume", isGroup: true, among: known).text
        == "skiff: unknown command: skiff volume foo\n\nUsage:  skiff volume\n\nRun 'skiff volume --help' for more information\n"
    )
    #expect(UnknownCommand.nearest(to: "imgaes", among: known) == ["images"])
  }
}

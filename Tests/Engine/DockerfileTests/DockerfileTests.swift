import Testing

@testable import Dockerfile

@Suite struct DockerfileTests {
  @Test func `the visit counter's file works as printed, comments behind its instructions and all`() throws {
    let file = try Dockerfile(
      """
      FROM python:3.11 # base image for docker container

      WORKDIR /app # set working directory inside of container

      COPY requirements.txt requirements.txt # copy requirements file from local machine to conatiner's working directory

      RUN pip install -r requirements.txt # install dependencies inside container

      COPY . . # copy application code to the container directory

      ENV FLASK_APP=app.py # set env variable to target app.py

      CMD [ "flask", "run", "--host=0.0.0.0", "--port=5000" ] # default command to run when the container starts
      """)
    let stage = try #require(file.stages.first)
    #expect(stage.base == "python:3.11")
    #expect(stage.text == "FROM python:3.11 # base image for docker container")
    #expect(stage.instructions.count == 6)
    #expect(stage.instructions[0].action == .workdir("/app"))
    guard case .copy(let copy) = stage.instructions[1].action,
      case .run(let run) = stage.instructions[2].action,
      case .copy(let all) = stage.instructions[3].action
    else {
      Issue.record("wrong instructions")
      return
    }
    #expect(copy.sources == ["requirements.txt"] && copy.destination == "requirements.txt")
    #expect(
      run.commandLine.words == ["pip install -r requirements.txt # install dependencies inside container"])
    #expect(all.sources == ["."] && all.destination == ".")
    #expect(stage.instructions[4].action == .environment([.init(key: "FLASK_APP", value: "app.py")]))
    #expect(
      stage.instructions[5].action
        == .command(
          .init(words: ["flask", "run", "--host=0.0.0.0", "--port=5000"], form: .exec, heredocs: [])))
    #expect(file.warnings.map(\.line) == [1, 3, 5, 9, 11, 13])
  }

  @Test(arguments: [
    ("ENV A=\"b # c\"", Instruction.Action.environment([.init(key: "A", value: "\"b # c\"")])),
    ("ENV A b # c", .environment([.init(key: "A", value: "b # c")])),
    ("LABEL a=b#c", .label([.init(key: "a", value: "b#c")])),
    ("WORKDIR /a#b", .workdir("/a#b")),
    ("USER app # the user", .user("app")),
    ("EXPOSE 80 # web", .expose(["80"])),
    ("CMD echo hi # there", .command(.init(words: ["echo hi # there"], form: .shell, heredocs: []))),
    ("VOLUME [\"/a\"] # data", .volume(["/a"])),
    ("ARG A=1 # one", .argument([.init(name: "A", value: "1")])),
    ("HEALTHCHECK NONE # off", .healthcheck(.init(test: ["NONE"]))),
  ]) func `a number sign is an argument where it can be one`(line: String, expected: Instruction.Action)
    throws
  {
    #expect(try Dockerfile("FROM a\n\(line)").stages[0].instructions.map(\.action) == [expected])
  }

  @Test(arguments: [
    ("FROM a\nFOO bar", 2, "unknown instruction: FOO"),
    ("FROM a\n\nRUNN x", 3, "unknown instruction: RUNN (did you mean RUN?)"),
    ("FORM a", 1, "unknown instruction: FORM (did you mean FROM?)"),
    ("FROM a b", 1, "FROM requires either one or three arguments"),
    (
      "FROM a AS 1x", 1,
      "invalid name for build stage: \"1x\", name can't start with a number or contain symbols"
    ),
    ("", 1, "file with no instructions"),
    ("# only\n# comments", 2, "file with no instructions"),
    ("RUN x", 1, "no build stage in current context"),
    ("ARG A", 1, "no build stage in current context"),
    ("FROM a\nENV A", 2, "ENV must have two arguments"),
    ("FROM a\nENV A=b c", 2, "Syntax error - can't find = in \"c\". Must be of the form: name=value"),
    (
      "FROM a\nCOPY x", 2,
      "COPY requires at least two arguments, but only one was provided. Destination could not be determined"
    ),
    ("FROM a\nCOPY --chowm=1 x y", 2, "unknown flag: --chowm (did you mean chown?)"),
    ("FROM a\nCOPY --from x y", 2, "missing a value on flag: --from"),
    (
      "FROM a\nCMD [\"a\", [\"b\"]]", 2,
      "when using JSON array syntax, arrays must be comprised of strings only"
    ),
    ("FROM a\nSHELL sh -c", 2, "SHELL requires the arguments to be in JSON form: SHELL sh -c"),
    ("FROM a\nONBUILD ONBUILD RUN x", 2, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
    ("FROM a\nONBUILD FROM x", 2, "FROM isn't allowed as an ONBUILD trigger"),
    ("FROM a\nRUN <<EOF\nx", 2, "unterminated heredoc"),
    ("# escape=x\nFROM a", 1, "invalid escape token 'x' does not match ` or \\"),
    ("# escape=`\n# escape=`\nFROM a", 2, "only one escape parser directive can be used"),
    ("FROM a\nHEALTHCHECK --interval=1x CMD a", 2, "time: unknown unit \"x\" in duration \"1x\""),
    ("FROM a\nHEALTHCHECK TEST a", 2, "Unknown type \"TEST\" in HEALTHCHECK (try CMD)"),
    ("FROM a\nWORKDIR", 2, "WORKDIR requires exactly one argument"),
  ]) func `mistakes are named with their line`(text: String, line: Int, message: String) {
    #expect(throws: DockerfileError(line: line, message: message)) { try Dockerfile(text) }
  }

  @Test func `an error reads as docker's`() {
    #expect(
      DockerfileError(line: 3, message: "unknown instruction: FOO").description
        == "dockerfile parse error on line 3: unknown instruction: FOO")
  }

  @Test func `lines are joined, comments and byte order marks and carriage returns left out`() throws {
    let file = try Dockerfile("\u{FEFF}FROM a\r\nRUN x \\\r\n  # comment\r\n\r\n  && y \\\n&& z\r\nUSER u")
    let instructions = file.stages[0].instructions
    #expect(instructions.map(\.text) == ["RUN x   && y && z", "USER u"])
    #expect(instructions[0].lines == 2...6)
    #expect(file.warnings.map(\.message) == ["Empty continuation line found in: RUN x   && y && z"])
  }

  @Test func `another escape character joins lines and leaves backslashes alone`() throws {
    let file = try Dockerfile("# escape=`\nFROM a\nCOPY x `\n c:\\\nUSER b")
    guard case .copy(let copy) = file.stages[0].instructions[0].action else { return }
    #expect(copy.destination == "c:\\")
    #expect(file.escape == "`")
  }

  @Test func `heredocs hold their bodies, and a quoted name keeps variables`() throws {
    let file = try Dockerfile(
      "FROM a\nRUN <<EOF\necho $X\nEOF\nCOPY <<-'A' <<B /dst/\n\t$a\n\tA\nb\nB\nRUN cat <<X # no\nx\nX\nRUN echo '<<' done"
    )
    let actions = file.stages[0].instructions.map(\.action)
    guard case .run(let run) = actions[0], case .copy(let copy) = actions[1] else { return }
    #expect(run.commandLine.heredocs.map(\.body) == ["echo $X\n"])
    #expect(
      copy.files == [
        .init(name: "A", content: "$a\n", expands: false), .init(name: "B", content: "b\n", expands: true),
      ])
    #expect(file.stages[0].instructions.map(\.lines) == [2...4, 5...9, 10...12, 13...13])
  }

  @Test func `stages have names and their own instructions, and global arguments come first`() throws {
    let file = try Dockerfile(
      "ARG V=1\nFROM --platform=linux/amd64 a:$V AS Build\nRUN x\nFROM scratch\nCOPY --from=build --chown=1:2 /x /y"
    )
    #expect(file.globalArguments.count == 1)
    #expect(file.stages.map(\.name) == ["build", nil])
    #expect(file.stages[0].platform == "linux/amd64")
    guard case .copy(let copy) = file.stages[1].instructions[0].action else { return }
    #expect(copy.from == "build" && copy.chown == "1:2")
  }

  @Test func `health checks have their times in nanoseconds`() throws {
    let file = try Dockerfile(
      "FROM a\nHEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl -f x || exit 1")
    #expect(
      file.stages[0].instructions[0].action
        == .healthcheck(
          .init(
            test: ["CMD-SHELL", "curl -f x || exit 1"], interval: 90_000_000_000, timeout: 500_000_000,
            retries: 3)))
  }

  @Test func `statements dump as s-expressions`() throws {
    let text = "FROM a\nONBUILD RUN [\"x\", \"y\"]\nENV A=b C=\"d e\"\nCOPY --from=x a b"
    #expect(
      try Dockerfile.dump(text)
        == "(from \"a\")\n(onbuild (run \"x\" \"y\"))\n(env \"A\" \"b\" \"=\" \"C\" \"\\\"d e\\\"\" \"=\")\n(copy [\"--from=x\"] \"a\" \"b\")"
    )
  }
}

@Suite struct ShellExpansionTests {
  private let variables = [
    "PWD": "/home", "SHELL": "bash", "NULL": "", "KOREAN": "한국어", "V": "a.tar.gz", "P": "/a/b/c",
  ]

  @Test(arguments: [
    ("hello", "hello"), ("he'll'o", "hello"), ("\"\\\"$PWD\"", "\"/home"), ("'$PWD'", "$PWD"),
    ("\\$PWD", "$PWD"),
    ("$PWD-x", "/home-x"), ("${PWD}x", "/homex"), ("$", "$"), ("$a", ""), ("${xx", nil), ("${}", nil),
    ("${:xx}", nil),
    ("${SHELL:-x}", "bash"), ("${NULL:-x}", "x"), ("${NULL-x}", ""), ("${XX-x}", "x"),
    ("${XX:-${PWD}z}", "/homez"),
    ("${SHELL:+y}", "y"), ("${NULL:+y}", ""), ("${NULL+y}", "y"), ("${XX?bad}", nil), ("${NULL:?}", nil),
    ("${SHELL:?x}", "bash"),
    ("${V#*.}", "tar.gz"), ("${V##*.}", "gz"), ("${V%.*}", "a.tar"), ("${V%%.*}", "a"),
    ("${P/b/X}", "/a/X/c"),
    ("${P//\\//-}", "-a-b-c"), ("${P/?/X}", "Xa/b/c"), ("${P//[/X}", "/a/b/c"), ("${SHELL:1}", nil),
    ("한글$KOREAN", "한글한국어"),
    ("\"a\\b\"", "a\\b"), ("a\\b", "ab"), ("'unclosed", nil), ("$1x", "x"),
  ]) func `words lose quotes and gain values`(source: String, expected: String?) {
    let result = try? ShellExpansion().word(source) { variables[$0] }
    #expect(result == expected)
  }

  @Test func `a line is split after its variables are replaced`() throws {
    let variables = ["P": "80 443", "Q": "x y"]
    #expect(
      try ShellExpansion().words("a $P \"$Q\" 'z w' ${M:-m}", { variables[$0] }) == [
        "a", "80", "443", "x y", "z w", "m",
      ])
  }
}

/// A Dockerfile as its stages.
public struct Dockerfile: Hashable, Sendable {
  public struct Warning: Hashable, Sendable {
    public let line: Int
    public let message: String
  }

  /// The ARG instructions in front of the first FROM.
  public let globalArguments: [Instruction]
  public let stages: [Stage]
  public let warnings: [Warning]
  /// The character that escapes and joins lines: `\`, or a backtick by `# escape=`.
  public let escape: Unicode.Scalar

  /// Longer texts are refused (bytes).
  public static let largest = 4 << 20

  /// Throws what docker says, with the line.
  public init(_ text: String) throws(DockerfileError) {
    let (statements, warnings, escape) = try Self.statements(text)
    var warned = warnings
    var globals: [Instruction] = []
    var stages: [Stage] = []
    for statement in statements {
      let reader = InstructionReader(statement: statement)
      do throws(Complaint) {
        if statement.name == "from" {
          stages.append(try reader.stage())
        } else {
          let instruction = try reader.instruction()
          if !stages.isEmpty {
            stages[stages.count - 1].instructions.append(instruction)
          } else if case .argument = instruction.action {
            globals.append(instruction)
          } else {
            throw Complaint("no build stage in current context")
          }
        }
      } catch {
        throw DockerfileError(line: statement.lines.lowerBound, message: error.message)
      }
      if statement.trailingComment ?? statement.trigger.first?.trailingComment != nil {
        warned.append(Self.commentWarning(statement))
      }
    }
    guard !stages.isEmpty else {
      throw DockerfileError(
        line: statements.last?.lines.upperBound ?? 1, message: "no build stage in current context")
    }
    globalArguments = globals
    self.stages = stages
    self.warnings = warned
    self.escape = escape
  }

  /// Single instructions as `commit --change`, `import --change` and ONBUILD triggers give them.
  public static func instructions(_ text: String) throws(DockerfileError) -> [Instruction] {
    var instructions: [Instruction] = []
    for statement in try statements(text).statements {
      do { instructions.append(try InstructionReader(statement: statement).instruction()) } catch {
        throw DockerfileError(line: statement.lines.lowerBound, message: error.message)
      }
    }
    return instructions
  }

  static func statements(_ text: String) throws(DockerfileError)
    -> (statements: [Statement], warnings: [Warning], escape: Unicode.Scalar)
  {
    guard text.utf8.count <= largest else {
      throw DockerfileError(line: 1, message: "the Dockerfile is too large")
    }
    var lines = LogicalLines(text)
    var statements: [Statement] = []
    var warnings: [Warning] = []
    while let line = try lines.read() {
      if line.holdsEmptyContinuation {
        warnings.append(Warning(line: line.end, message: "Empty continuation line found in: \(line.text)"))
      }
      do throws(Complaint) {
        var statement = try StatementReader(escape: lines.escape).statement(
          line.text, lines: line.start...line.end)
        if statement.takesHeredocs { try readBodies(of: &statement, line: line.text, from: &lines) }
        statements.append(statement)
      } catch {
        throw DockerfileError(line: line.start, message: error.message)
      }
    }
    guard !statements.isEmpty else {
      throw DockerfileError(line: max(lines.lastLine, 1), message: "file with no instructions")
    }
    return (statements, warnings, lines.escape)
  }

  private static func readBodies(of statement: inout Statement, line: String, from lines: inout LogicalLines)
    throws(Complaint)
  {
    for opened in try Heredoc.opened(by: line) {
      var heredoc = opened
      guard let body = lines.body(until: heredoc.name, ignoringLeadingTabs: heredoc.removesTabs) else {
        throw Complaint("unterminated heredoc")
      }
      heredoc.body = body
      statement.heredocs.append(heredoc)
    }
    statement.lines = statement.lines.lowerBound...lines.lastLine
    if !statement.trigger.isEmpty { statement.trigger[0].heredocs = statement.heredocs }
  }

  private static func commentWarning(_ statement: Statement) -> Warning {
    Warning(
      line: statement.lines.lowerBound,
      message:
        "the text behind # is taken as a comment; docker reads it as part of \(statement.keyword.uppercased()): "
        + "give the comment a line of its own")
  }
}

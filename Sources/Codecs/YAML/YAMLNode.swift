/// One node of a YAML document, with the place where it begins.
public final class YAMLNode: Sendable {
  public enum Content: Sendable {
    case scalar(String, ScalarStyle)
    case sequence([YAMLNode])
    case mapping([(key: YAMLNode, value: YAMLNode)])
    /// A reference to a node that bears an anchor.
    case alias(YAMLNode)
  }

  public enum ScalarStyle: Sendable { case plain, singleQuoted, doubleQuoted, literal, folded }

  public let content: Content
  /// The tag as written, its handle resolved (`!reset`, `tag:yaml.org,2002:str`); empty where none was written.
  public let tag: String
  /// Where the node begins, counted from 1.
  public let line: Int
  public let column: Int

  public init(_ content: Content, tag: String = "", line: Int, column: Int) {
    self.content = content
    self.tag = tag
    self.line = line
    self.column = column
  }

  /// The text of a scalar, nil for anything else.
  public var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }
}

/// Why a text is no YAML.
///
/// `description` is worded and numbered as go-yaml does, which Docker's users know: its line is sometimes the line
/// before the fault, or the line where the surrounding construct began. `line` and `column` tell the fault's own place.
public struct YAMLError: Error, Sendable, CustomStringConvertible {
  public let problem: String
  public let line: Int
  public let column: Int
  /// The line in go-yaml's counting; nil where it prints none.
  public let reportedLine: Int?

  init(_ problem: String, at mark: Mark, reportedLine: Int?) {
    self.problem = problem
    self.line = mark.line + 1
    self.column = mark.column + 1
    self.reportedLine = reportedLine
  }

  public var description: String {
    if let reportedLine { "yaml: line \(reportedLine): \(problem)" } else { "yaml: \(problem)" }
  }
}

/// A place in the text, counted from 0; index counts characters.
struct Mark: Equatable, Sendable {
  var index = 0
  var line = 0
  var column = 0
}

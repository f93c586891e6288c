import DockerAPI
import EngineErrors
import Flags
import TextFormats

/// What `--log-opt` asks for; pure. What makes no sense is refused when a container is made.
public struct LogWishes: Equatable {
  private static let known: Set = ["max-size", "max-file", "compress", "mode", "max-buffer-size"]
  /// What `logs --details` says before every line.
  private static let attributes: Set = ["labels", "labels-regex", "env", "env-regex", "tag"]
  /// No log has more files.
  static let mostFiles = 1000

  var maximumSize: Int64?
  var maximumFiles: Int?
  var compress: Bool?

  /// Takes what is understood.
  init(_ options: [String: String]) {
    maximumSize = options["max-size"].flatMap(Self.size)
    maximumFiles = options["max-file"].flatMap { Int($0) }
    compress = options["compress"].flatMap(GoValues.bool)
  }

  /// What a container asks for, with what the engine's settings say where it is silent; as dockerd, options go only to the
  /// driver they were set for.
  static func completed(_ asked: LogConfig, by standard: LogConfig) throws(EngineError) -> LogConfig {
    var config = asked
    let usual = standard.type.isEmpty ? "json-file" : standard.type
    if config.type.isEmpty { config.type = usual }
    guard config.type == usual, let options = standard.config, !options.isEmpty else { return config }
    config.config = options.merging(config.config ?? [:]) { _, own in own }
    try check(config)
    return config
  }

  /// Docker's complaints.
  public static func check(_ config: LogConfig) throws(EngineError) {
    guard config.type != "none", let options = config.config else { return }
    let driver = config.type.isEmpty ? "json-file" : config.type
    for key in options.keys.sorted() {
      if known.contains(key) || driver == "json-file" && attributes.contains(key) { continue }
      throw invalid("unknown log opt '\(key)' for \(driver) log driver")
    }
    if let text = options["max-size"], size(text) == nil { throw unusable("invalid size: '\(text)'") }
    if let text = options["max-file"] {
      guard let number = Int(text) else { throw invalid("invalid max-file: '\(text)' is no number") }
      guard number >= 1 else { throw unusable("max-file cannot be less than 1") }
      guard number <= mostFiles else { throw invalid("max-file cannot be more than \(mostFiles)") }
    }
    try checkMode(options)
    if let text = options["compress"], GoValues.bool(text) == nil {
      throw invalid("invalid compress: '\(text)' is neither true nor false")
    }
    for key in ["labels-regex", "env-regex"] {
      guard let pattern = options[key], !pattern.isEmpty else { continue }
      do { _ = try GoRegexp(pattern) } catch { throw invalid("error parsing regexp: \(key): '\(pattern)'") }
    }
    if let tag = options["tag"] {
      do { _ = try GoTemplate(tag) } catch { throw invalid("invalid tag: '\(tag)': \(error)") }
    }
    let wishes = LogWishes(options)
    if wishes.compress == true, wishes.maximumFiles == 1 || wishes.maximumSize ?? 1 < 1 {
      throw invalid("compress cannot be true when max-file is less than 2 or max-size is not set")
    }
  }

  private static func checkMode(_ options: [String: String]) throws(EngineError) {
    let mode = options["mode"] ?? ""
    guard ["", "blocking", "non-blocking"].contains(mode) else {
      throw invalid("logger: logging mode not supported: \(mode)")
    }
    guard let text = options["max-buffer-size"] else { return }
    guard mode == "non-blocking" else {
      throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'")
    }
    if size(text) == nil { throw invalid("error parsing option max-buffer-size: invalid size: '\(text)'") }
  }

  /// -1 is docker's word for no limit.
  private static func size(_ text: String) -> Int64? {
    // What is no size is nil.
    text == "-1" ? -1 : try? ByteSize.parse(text)
  }

  private static func unusable(_ why: String) -> EngineError {
    invalid("failed to initialize logging driver: \(why)")
  }

  private static func invalid(_ message: String) -> EngineError { EngineError(.invalidArgument, message) }
}

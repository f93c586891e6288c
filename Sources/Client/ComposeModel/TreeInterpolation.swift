import JSON
import TextFormats

/// Fills the variables of a whole compose file and turns the texts that stand where numbers or booleans belong.
struct TreeInterpolation {
  let interpolation: Interpolation
  let warn: (String) -> Void

  enum Cast: Sendable { case int, int64, double, float, boolean }

  private static let casts = PathRules<Cast>([
    "services.*.cpu_count": .int64, "services.*.cpu_percent": .double, "services.*.cpu_period": .int64,
    "services.*.cpu_quota": .int64, "services.*.cpu_rt_period": .int64, "services.*.cpu_rt_runtime": .int64,
    "services.*.cpus": .float, "services.*.cpu_shares": .int64, "services.*.init": .boolean,
    "services.*.deploy.replicas": .int, "services.*.deploy.update_config.parallelism": .int,
    "services.*.deploy.update_config.max_failure_ratio": .double,
    "services.*.deploy.rollback_config.parallelism": .int,
    "services.*.deploy.rollback_config.max_failure_ratio": .double,
    "services.*.deploy.restart_policy.max_attempts": .int,
    "services.*.deploy.placement.max_replicas_per_node": .int, "services.*.healthcheck.retries": .int,
    "services.*.healthcheck.disable": .boolean, "services.*.oom_kill_disable": .boolean,
    "services.*.oom_score_adj": .int64, "services.*.pids_limit": .int64, "services.*.ports.*.target": .int,
    "services.*.privileged": .boolean, "services.*.read_only": .boolean, "services.*.scale": .int,
    "services.*.stdin_open": .boolean, "services.*.tty": .boolean, "services.*.ulimits.*": .int,
    "services.*.ulimits.*.hard": .int, "services.*.ulimits.*.soft": .int,
    "services.*.volumes.*.read_only": .boolean, "services.*.volumes.*.volume.nocopy": .boolean,
    "networks.*.external": .boolean, "networks.*.internal": .boolean, "networks.*.attachable": .boolean,
    "networks.*.enable_ipv4": .boolean, "networks.*.enable_ipv6": .boolean, "volumes.*.external": .boolean,
    "secrets.*.external": .boolean, "configs.*.external": .boolean,
  ])

  func fill(_ tree: JSONValue) throws(ComposeError) -> JSONValue {
    try fill(tree, TreePath(), Self.casts)
  }

  private func fill(
    _ value: JSONValue, _ path: TreePath, _ rules: PathRules<Cast>?
  ) throws(ComposeError) -> JSONValue {
    switch value {
    case .string(let text):
      let filled = try fill(text, path)
      guard let cast = rules?.rule else { return .string(filled) }
      return try turn(filled, into: cast, path)
    case .object(let object):
      var result = JSONObject()
      for (key, member) in object { result[key] = try fill(member, path.next(key), rules?.below(key)) }
      return .object(result)
    case .array(let items):
      var result: [JSONValue] = []
      for item in items { result.append(try fill(item, path.next("[]"), rules?.elements)) }
      return .array(result)
    default: return value
    }
  }

  private func fill(_ text: String, _ path: TreePath) throws(ComposeError) -> String {
    do { return try interpolation.fill(text) } catch {
      switch error {
      case .invalid:
        throw ComposeError(
          "invalid interpolation format for \(path).\nYou may need to escape any $ with another $.\n\(text)")
      case .missing(let variable, let reason):
        let detail = reason.isEmpty ? "" : ": \(reason)"
        throw ComposeError(
          "error while interpolating \(path): required variable \(variable) is missing a value\(detail)")
      }
    }
  }

  private func turn(_ text: String, into cast: Cast, _ path: TreePath) throws(ComposeError) -> JSONValue {
    do { return try ScalarCast.turn(text, into: cast, warn: warn) } catch {
      throw ComposeError("error while interpolating \(path): failed to cast to expected type: \(error)")
    }
  }
}

/// Texts that stand for numbers and booleans.
enum ScalarCast {
  static func turn(
    _ text: String, into cast: TreeInterpolation.Cast, warn: (String) -> Void
  ) throws(ComposeError) -> JSONValue {
    switch cast {
    case .int: return .integer(try integer(text, function: "Atoi"))
    case .int64: return .integer(try integer(text, function: "ParseInt"))
    case .double: return .number(try number(text))
    case .float: return .number(try float(text))
    case .boolean: return .bool(try boolean(text, warn: warn))
    }
  }

  static func integer(_ text: String, function: String) throws(ComposeError) -> Int64 {
    guard let value = Int64(text) else {
      throw ComposeError("strconv.\(function): parsing \(GoQuote.text(text)): invalid syntax")
    }
    return value
  }

  static func number(_ text: String) throws(ComposeError) -> Double {
    guard let value = Double(text) else {
      throw ComposeError("strconv.ParseFloat: parsing \(GoQuote.text(text)): invalid syntax")
    }
    return value
  }

  /// With the precision of 32 bits, as the shortest decimal that stands for it.
  static func float(_ text: String) throws(ComposeError) -> Double { narrowed(try number(text)) }

  static func narrowed(_ number: Double) -> Double { Double(Float(number).description) ?? number }

  static func boolean(_ text: String, warn: (String) -> Void) throws(ComposeError) -> Bool {
    switch text.lowercased() {
    case "true": return true
    case "false": return false
    case "y", "yes", "on":
      warn("\(GoQuote.text(text)) for boolean is not supported by YAML 1.2, please use `true`")
      return true
    case "n", "no", "off":
      warn("\(GoQuote.text(text)) for boolean is not supported by YAML 1.2, please use `false`")
      return false
    default: throw ComposeError("invalid boolean: \(text)")
    }
  }
}

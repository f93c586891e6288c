import DockerAPI
import TerminalUI
import TextFormats

/// What a progress board is told of one thing.
struct ProgressEvent: Sendable, Equatable {
  enum Phase: Sendable {
    case working, done, warning, failed

    var colour: Colour {
      switch self {
      case .working: .blue
      case .done: .green
      case .warning: .yellow
      case .failed: .red
      }
    }
  }

  let id: String
  /// What it is a part of, as a layer of the service whose image it belongs to.
  var parent: String?
  /// What is done with it, beside its name: `Pulling`.
  var text: String
  /// How far it is: `Started`, an error's words, an amount.
  var status: String
  var phase: Phase
  /// Bytes; zero where they are not known.
  var current: Int64 = 0
  var total: Int64 = 0

  init(
    _ id: String, of parent: String? = nil, text: String = "", status: String = "", _ phase: Phase,
    current: Int64 = 0, total: Int64 = 0
  ) {
    self.id = id
    self.parent = parent
    self.text = text
    self.status = status
    self.phase = phase
    self.current = current
    self.total = total
  }

  /// How much of it is there, in hundredths.
  var percent: Int {
    if phase == .done { return parent == nil ? 0 : 100 }
    return total > 0 ? Int(min(100, max(0, current) * 100 / total)) : 0
  }

  /// Whether the other tells of the same, except for how many bytes have come.
  func isSameButAmount(as other: ProgressEvent?) -> Bool {
    guard let other else { return false }
    return parent != nil && text == other.text && phase == other.phase
  }
}

extension ProgressEvent {
  /// What an engine tells of a layer while it pulls an image of the service `parent`; nil where it is about no layer.
  init?(_ message: ProgressMessage, of parent: String) {
    guard let id = message.id, !id.isEmpty, let status = message.status else { return nil }
    let isDone = message.isLayerDone
    let current = message.progressDetail?.current ?? 0
    let total = message.progressDetail?.total ?? 0
    var amount = ""
    if !isDone, current > 0 {
      amount = ByteSize.decimal(Double(current))
      if total >= current { amount += "/\(ByteSize.decimal(Double(total)))" }
    }
    self.init(
      id, of: parent, text: status, status: amount, isDone ? .done : .working, current: current, total: total)
  }
}

import Dockerfile
import ImageNames

/// What BuildKit calls the steps of a stage: `[2/3] RUN make`, with the stage's name in front where there are several.
struct StepNames {
  private let stage: String
  private let total: Int
  private var count = 0

  /// - Parameter standsOnImage: whether FROM is a step of its own.
  init(_ stage: Stage, index: Int, of stages: Int, standsOnImage: Bool) {
    self.stage = stages == 1 ? "" : "\(stage.name ?? "stage-\(index)") "
    total = stage.instructions.filter(Self.isStep).count + (standsOnImage ? 1 : 0)
  }

  /// Whether an instruction does something to files: the others are no steps.
  static func isStep(_ instruction: Instruction) -> Bool {
    switch instruction.action {
    case .run, .copy, .workdir: true
    default: false
    }
  }

  mutating func next(_ text: String) -> String {
    count += 1
    let number = String(count)
    let padding = String(repeating: " ", count: max(0, String(total).count - number.count))
    return "[\(stage)\(padding)\(number)/\(max(total, count))] \(text)"
  }

  /// An image's name in full: `docker.io/library/busybox:latest`.
  static func full(_ image: String) -> String {
    // What is no name is shown as it was written.
    (try? ImageReference.parse(image).withDefaultTag.full) ?? image
  }
}

import Dockerfile
import EngineErrors
import OCISpec

/// `--change` of commit and import: instructions that change an image's configuration alone.
public enum ConfigurationChanges {
  /// Applies the instructions in order. Variables are the configuration's own environment.
  public static func apply(_ changes: [String], to defaults: inout ImageDefaults) throws(EngineError) {
    let text = changes.joined(separator: "\n")
    guard text.contains(where: { !$0.isWhitespace }) else { return }
    let instructions: [Instruction]
    do { instructions = try Dockerfile.instructions(text) } catch {
      if let word = error.unknownInstruction {
        throw EngineError(
          .invalidArgument, "\(word.lowercased()) is not a valid change command", cause: error)
      }
      throw EngineError(.invalidArgument, error.description, cause: error)
    }
    var state = StageState(editing: defaults)
    for instruction in instructions {
      guard allows(instruction.action) else {
        let word = instruction.text.prefix { !$0.isWhitespace }.lowercased()
        throw EngineError(.invalidArgument, "\(word) is not a valid change command")
      }
      let environment = state.environment
      let action: Instruction.Action
      do { action = try instruction.action.expanded(ShellExpansion(), { environment[$0] }) } catch {
        throw EngineError(.invalidArgument, error.description, cause: error)
      }
      if case .workdir(let path) = action {
        try state.changeDirectory(path)
      } else {
        _ = try state.apply(action)
      }
    }
    defaults = state.defaults
  }

  private static func allows(_ action: Instruction.Action) -> Bool {
    switch action {
    case .command, .entrypoint, .healthcheck, .environment, .expose, .label, .onbuild, .stopSignal, .user,
      .volume, .workdir:
      true
    case .argument, .maintainer, .run, .copy, .shell: false
    }
  }
}

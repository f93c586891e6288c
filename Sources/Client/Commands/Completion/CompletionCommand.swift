import Flags
import TerminalUI

/// `skiff completion bash|zsh|fish`
enum CompletionCommand {
  static let entry = CommandEntry("completion", "Generate the autocompletion script for the specified shell")
  {
    path in
    let syntax = CommandSyntax(
      path, "bash|zsh|fish", summary: "Generate the autocompletion script for the specified shell",
      words: .exactly(1),
      examples: [
        "source <(skiff completion bash)", "skiff completion zsh > \"${fpath[1]}/_skiff\"",
        "skiff completion fish > ~/.config/fish/completions/skiff.fish",
      ])
    return Command(syntax) { arguments, _ in
      let scripts = [
        "bash": CompletionScripts.bash, "zsh": CompletionScripts.zsh, "fish": CompletionScripts.fish,
      ]
      guard let script = scripts[arguments.words[0]] else {
        throw CommandFailure("no completion for \(arguments.words[0]): there is one for bash, zsh and fish")
      }
      StandardStream.output.write(script)
      return 0
    }
  }
}

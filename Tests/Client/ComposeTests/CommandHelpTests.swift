import Flags
import Testing

@testable import Compose

@Test func `every command under compose has a help page with an example of its own`() {
  for command in ComposeCommand.commands {
    let syntax = command.syntax("skiff compose \(command.name)")
    #expect(!syntax.examples().isEmpty, "\(command.name)")
    for example in syntax.examples() {
      #expect(
        example.hasPrefix("skiff compose ") && example.split(separator: " ").contains { $0 == command.name })
    }
    #expect(HelpPage.text(of: syntax).contains("Examples:"))
  }
}

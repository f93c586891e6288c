import ContainerRuntime

let program = Program(arguments: Array(CommandLine.arguments.dropFirst()))
program.run()

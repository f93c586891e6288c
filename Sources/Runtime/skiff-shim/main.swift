import ContainerShim
import Linux

let arguments = CommandLine.arguments
// Inside a container the same program is its init.
Processes.exit(
  arguments.first == InitProgram.path ? InitProgram.run(arguments) : ShimProgram.run(arguments))

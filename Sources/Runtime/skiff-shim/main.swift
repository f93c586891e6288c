import ContainerShim
import Linux

Processes.exit(ShimProgram.run(CommandLine.arguments))

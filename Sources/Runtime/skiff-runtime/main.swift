import ContainerRuntime

Program(CommandLine.arguments).run()

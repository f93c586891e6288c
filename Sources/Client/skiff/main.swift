import Commands
import Linux

// Nothing here waits on the main thread but the program's end.
let arguments = Array(CommandLine.arguments.dropFirst())
Processes.exit(await Skiff.run(arguments))

import Commands
import Linux
import Reactor

let arguments = Array(CommandLine.arguments.dropFirst())
Processes.exit(runToEnd { await Skiff.run(arguments) })

import Commands
import Linux
import Reactor

Processes.openStandardStreams()
Ending.hearSignals()
let arguments = Array(CommandLine.arguments.dropFirst())
Processes.exit(runToEnd { await Skiff.run(arguments) })

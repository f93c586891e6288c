import Linux
import Reactor

Memory.keepLittle()
Processes.exit(startDaemon(Array(Swift.CommandLine.arguments.dropFirst())))

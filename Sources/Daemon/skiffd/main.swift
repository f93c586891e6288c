import Linux
import Reactor

Processes.exit(startDaemon(Array(Swift.CommandLine.arguments.dropFirst())))

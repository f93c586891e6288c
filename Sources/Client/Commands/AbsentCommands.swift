/// Commands of docker's that Skiff does not have: who types one hears why, and what there is instead.
enum AbsentCommands {
  /// Nil for a word that is none of docker's commands either.
  static func explanation(_ name: String) -> String? {
    switch name {
    case "swarm", "node", "service", "stack", "config", "secret":
      "there is no swarm mode; \"\(programName) compose\" runs apps of several containers, replicas, configs and secrets on one machine"
    case "plugin": "there are no engine plugins; drivers of volumes, networks and logs are built in"
    case "checkpoint": "containers cannot be checkpointed; \"\(programName) pause\" stops one where it is"
    case "manifest":
      "lists of several platforms are not made here; \"\(programName) image inspect\" and \"\(programName) images --tree\" show those there are"
    case "trust": "signatures are not checked; pull by digest (NAME@sha256:…) to get just that image"
    case "buildx":
      "it is a plugin of the docker CLI, found in ~/.docker/cli-plugins; \"\(programName) build\" and \"\(programName) builder prune\" need none"
    default: nil
    }
  }

  static func error(_ name: String) -> CommandFailure? {
    explanation(name).map { CommandFailure("\(programName): no command \"\(name)\": \($0)", status: 1) }
  }
}

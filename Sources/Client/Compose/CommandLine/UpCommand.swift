import Flags

/// `up` and `create`: make the engine's containers those of the project.
enum UpCommand {
  static let createFlags: [Flag] = [
    .bool("build", "Build images before starting containers"),
    .bool("force-recreate", "Recreate containers even if their configuration and image haven't changed"),
    .bool("no-build", "Don't build an image, even if it's policy"),
    .bool(
      "no-recreate", "If containers already exist, don't recreate them. Incompatible with --force-recreate."),
    .string("pull", "Pull image before running (\"always\"|\"missing\"|\"never\")", default: "policy"),
    .bool("quiet-pull", "Pull without printing progress information"),
    .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
    .list(
      "scale",
      "Scale SERVICE to NUM instances. Overrides the `scale` setting in the Compose file if present.",
      typeName: "scale"),
    .bool("yes|y", "Assume \"yes\" as answer to all prompts and run non-interactively"),
  ]

  static let entry = Subcommand(
    "up", "Create and start containers", usage: "[SERVICE...]",
    flags: createFlags + [
      .bool(
        "abort-on-container-exit", "Stops all containers if any container was stopped. Incompatible with -d"),
      .bool(
        "abort-on-container-failure",
        "Stops all containers if any container exited with failure. Incompatible with -d"),
      .bool("always-recreate-deps", "Recreate dependent containers. Incompatible with --no-recreate."),
      .list(
        "attach", "Restrict attaching to the specified services. Incompatible with --attach-dependencies.",
        typeName: "stringArray"),
      .bool("attach-dependencies", "Automatically attach to log output of dependent services"),
      .bool("detach|d", "Detached mode: Run containers in the background"),
      .string(
        "exit-code-from",
        "Return the exit code of the selected service container. Implies --abort-on-container-exit"),
      .list("no-attach", "Do not attach (stream logs) to the specified services", typeName: "stringArray"),
      .bool("no-color", "Produce monochrome output"), .bool("no-deps", "Don't start linked services"),
      .bool("no-log-prefix", "Don't print prefix in logs"),
      .bool("no-start", "Don't start the services after creating them"),
      .bool("quiet-build", "Suppress the build output"),
      .bool(
        "renew-anon-volumes|V",
        "Recreate anonymous volumes instead of retrieving data from the previous containers"),
      SharedFlags.timeout, .bool("timestamps", "Show timestamps"),
      .bool("wait", "Wait for services to be running|healthy. Implies detached mode."),
      .int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy"),
      .bool("menu", "").hidden,
      .bool("watch|w", "Watch source code and rebuild/refresh containers when files are updated."),
    ]
  ) { arguments, invocation in
    try check(arguments)
    var arrival = try Arrival(arguments, invocation)
    return try await arrival.up()
  }

  static let create = Subcommand(
    "create", "Creates containers for a service", usage: "[SERVICE...]", flags: createFlags
  ) { arguments, invocation in
    try refuse("build", "no-build", arguments)
    try refuse("force-recreate", "no-recreate", arguments)
    var arrival = try Arrival(arguments, invocation)
    try await arrival.create(starts: false)
    return 0
  }

  private static func check(_ arguments: Arguments) throws {
    try checkExits(arguments)
    try refuse("build", "no-build", arguments)
    try checkDetachment(arguments)
    try refuse("no-recreate", "renew-anon-volumes", arguments)
    try refuse("force-recreate", "no-recreate", arguments)
    try refuse("always-recreate-deps", "no-recreate", arguments)
    try refuse("no-build", "watch", arguments)
    if arguments.isSet("attach"), arguments.bool("attach-dependencies") {
      throw ComposeFailure("cannot combine --attach and --attach-dependencies")
    }
  }

  private static func refuse(_ first: String, _ second: String, _ arguments: Arguments) throws {
    if arguments.bool(first), arguments.bool(second) {
      throw ComposeFailure("--\(first) and --\(second) are incompatible")
    }
  }

  private static func checkExits(_ arguments: Arguments) throws {
    if arguments.bool("abort-on-container-failure"), arguments.bool("abort-on-container-exit") {
      throw ComposeFailure(
        "--abort-on-container-failure cannot be combined with --abort-on-container-exit")
    }
  }

  /// What is to end, show or follow containers cannot leave them alone.
  private static func checkDetachment(_ arguments: Arguments) throws {
    let staying = [
      "abort-on-container-exit", "abort-on-container-failure", "attach-dependencies", "watch",
    ]
    let stays =
      staying.contains(where: arguments.bool)
      || ["attach", "exit-code-from"].contains(where: arguments.isSet)
    guard stays, arguments.bool("detach") || arguments.bool("wait") else { return }
    throw ComposeFailure(
      "--\(arguments.bool("wait") ? "wait" : "detach") cannot be combined with --abort-on-container-exit, "
        + "--abort-on-container-failure, --attach, --attach-dependencies or --watch")
  }
}

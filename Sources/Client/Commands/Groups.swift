/// The groups of commands by what they are about.
enum Groups {
  static let container = CommandEntry("container", "Manage containers") {
    [
      AttachCommand.entry, CommitCommand.entry, CopyCommand.entry, CreateCommand.entry, DebugCommand.entry,
      DiffCommand.entry,
      ExecCommand.entry, ExplainCommand.entry,
      ExportCommand.entry, InspectCommand.containers, KillCommand.entry, LogsCommand.entry,
      ListContainersCommand.entry,
      PauseCommand.entry, PortCommand.entry, PruneCommands.containers, RenameCommand.entry,
      RestartCommand.entry,
      RemoveCommand.entry, RunCommand.entry, StartCommand.entry, StatsCommand.entry, StopCommand.entry,
      TopCommand.entry,
      UnpauseCommand.entry, UpdateCommand.entry, WaitCommand.entry,
    ]
  }

  static let image = CommandEntry("image", "Manage images") {
    [
      BuildCommand.entry, HistoryCommand.entry, ImportCommand.entry, InspectCommand.images, LoadCommand.entry,
      ListImagesCommand.entry, PruneCommands.images, PullCommand.entry, PushCommand.entry,
      RemoveImagesCommand.entry,
      SaveCommand.entry, TagCommand.entry,
    ]
  }

  static let network = CommandEntry("network", "Manage networks") {
    [
      ConnectNetworkCommand.entry, CreateNetworkCommand.entry, DisconnectNetworkCommand.entry,
      InspectCommand.networks,
      ListNetworksCommand.entry, PruneCommands.networks, RemoveNetworksCommand.entry,
    ]
  }

  static let volume = CommandEntry("volume", "Manage volumes") {
    [
      CreateVolumeCommand.entry, InspectCommand.volumes, ListVolumesCommand.entry, PruneCommands.volumes,
      RemoveVolumesCommand.entry,
    ]
  }

  static let system = CommandEntry("system", "Manage the engine") {
    [
      DialCommand.entry, DiskUsageCommand.entry, EventsCommand.entry, InfoCommand.entry,
      SystemPruneCommand.entry,
    ]
  }

  static let builder = CommandEntry("builder", "Manage builds") {
    [BuildCommand.entry, PruneCommands.builds]
  }

  static let context = CommandEntry("context", "Manage contexts") {
    [
      ContextChanges.create, ContextArchive.export, ContextArchive.load, ContextCommands.inspect,
      ContextCommands.list, ContextChanges.remove, ContextCommands.show, ContextChanges.update,
      ContextCommands.use,
    ]
  }
}

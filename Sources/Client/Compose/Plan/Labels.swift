/// The labels by which docker compose finds what belongs to a project; byte for byte its own.
enum Label {
  static let project = "com.docker.compose.project"
  static let service = "com.docker.compose.service"
  static let number = "com.docker.compose.container-number"
  static let oneOff = "com.docker.compose.oneoff"
  static let slug = "com.docker.compose.slug"
  static let configHash = "com.docker.compose.config-hash"
  static let dependsOn = "com.docker.compose.depends_on"
  static let image = "com.docker.compose.image"
  static let replace = "com.docker.compose.replace"
  static let workingDirectory = "com.docker.compose.project.working_dir"
  static let configFiles = "com.docker.compose.project.config_files"
  static let environmentFile = "com.docker.compose.project.environment_file"
  static let version = "com.docker.compose.version"
  static let network = "com.docker.compose.network"
  static let volume = "com.docker.compose.volume"
}

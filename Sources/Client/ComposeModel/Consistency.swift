import JSON
import TextFormats

/// Whether the parts of a project fit together.
struct Consistency {
  private let project: Project
  private let invalid = "invalid compose project"

  init(_ project: Project) { self.project = project }

  func check() throws(ComposeError) {
    for name in project.serviceNames {
      guard let service = project.services[name] else { continue }
      try checkImage(service)
      try checkReferences(service)
      try checkDependencies(service)
      try checkLimits(service)
      try checkMounts(service)
    }
    for (name, secret) in project.secrets.sorted(by: { $0.key < $1.key })
    where secret["external"]?.bool != true {
      if secret["file"] == nil, secret["environment"] == nil {
        throw ComposeError(
          "secret \(GoQuote.text(name)) must declare either `file` or `environment`: \(invalid)")
      }
    }
    try checkGraph()
  }

  private func checkImage(_ service: Service) throws(ComposeError) {
    let name = GoQuote.text(service.name)
    guard let build = service.build else {
      if service.image == nil, service["provider"] == nil {
        throw ComposeError("service \(name) has neither an image nor a build context specified: \(invalid)")
      }
      return
    }
    if build["dockerfile_inline"] != nil, build["dockerfile"] != nil {
      throw ComposeError(
        "service \(name) declares mutualy exclusive dockerfile and dockerfile_inline: \(invalid)")
    }
    for (context, value) in build["additional_contexts"]?.object ?? [:] {
      guard let text = value.string, text.hasPrefix("service:") else { continue }
      let target = String(text.dropFirst(8))
      guard let other = project.services[target] else {
        throw ComposeError(
          "service \(name) declares unknown service \(GoQuote.text(target)) as additional contexts \(context)"
        )
      }
      if other.build == nil {
        throw ComposeError(
          "service \(name) declares non-buildable service \(GoQuote.text(target)) as additional contexts \(context)"
        )
      }
    }
    if let platform = service.text("platform"), let platforms = build["platforms"]?.array,
      !platforms.contains(.string(platform))
    {
      throw ComposeError(
        "service.build.platforms MUST include service.platform \(GoQuote.text(platform)): \(invalid)")
    }
  }

  private func checkReferences(_ service: Service) throws(ComposeError) {
    let name = GoQuote.text(service.name)
    let networks = service.members("networks")
    if service.text("network_mode") != nil, !networks.isEmpty {
      throw ComposeError(
        "service \(service.name) declares mutually exclusive `network_mode` and `networks`: \(invalid)")
    }
    for network in networks.keys where project.networks[network] == nil {
      throw ComposeError("service \(name) refers to undefined network \(network): \(invalid)")
    }
    if let kind = service["healthcheck"]?["test"]?.array?.first?.string,
      !["CMD", "CMD-SHELL", "NONE"].contains(kind)
    {
      throw ComposeError(#"healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE""#)
    }
    for volume in service.parts("volumes") where volume["type"]?.string == "volume" {
      if let source = volume["source"]?.string, project.volumes[source] == nil {
        throw ComposeError("service \(name) refers to undefined volume \(source): \(invalid)")
      }
    }
    let buildSecrets = (service.build?["secrets"]?.array ?? []).compactMap(\.object)
    try checkFiles(buildSecrets, project.secrets, "service \(name) refers to undefined build secret")
    try checkFiles(service.parts("configs"), project.configs, "service \(name) refers to undefined config")
    for model in service.members("models").keys where project.models[model] == nil {
      throw ComposeError("service \(name) refers to undefined model \(model): \(invalid)")
    }
    try checkFiles(service.parts("secrets"), project.secrets, "service \(name) refers to undefined secret")
  }

  private func checkFiles(
    _ uses: [JSONObject], _ known: [String: JSONObject], _ complaint: String
  ) throws(ComposeError) {
    for use in uses {
      let source = use["source"]?.string ?? ""
      if known[source] == nil { throw ComposeError("\(complaint) \(source): \(invalid)") }
    }
  }

  private func checkDependencies(_ service: Service) throws(ComposeError) {
    for (name, dependency) in service.dependencies.sorted(by: { $0.key < $1.key })
    where project.services[name] == nil {
      if project.disabled[name] != nil, !dependency.required { continue }
      throw ComposeError(
        "service \(GoQuote.text(service.name)) depends on undefined service \(GoQuote.text(name)): \(invalid)"
      )
    }
    if let mode = service.text("network_mode"), mode.hasPrefix("service:") {
      let name = String(mode.dropFirst(8))
      if project.services[name] == nil {
        throw ComposeError("service \(GoQuote.text(name)) not found for network_mode 'service:\(name)'")
      }
    }
  }

  private func checkLimits(_ service: Service) throws(ComposeError) {
    let name = service.name
    let deploy = service["deploy"]
    let replicas = deploy?["replicas"]?.integer
    let scale = service["scale"]?.integer
    if let scale, let replicas, scale != replicas {
      throw ComposeError(
        "services.\(name): can't set distinct values on 'scale' and 'deploy.replicas': \(invalid)")
    }
    if let scale, scale < 0 {
      throw ComposeError("services.\(name).scale: must be greater than or equal to 0")
    }
    if let replicas, replicas < 0 {
      throw ComposeError("services.\(name).deploy.replicas: must be greater than or equal to 0")
    }
    let pairs = [
      ("cpus", "limits", "cpus"), ("mem_limit", "limits", "memory"),
      ("mem_reservation", "reservations", "memory"),
      ("pids_limit", "limits", "pids"),
    ]
    for (key, group, other) in pairs {
      guard let own = service[key], let resources = deploy?["resources"]?[group] else { continue }
      if (resources[other] ?? 0).number != own.number {
        throw ComposeError(
          "services.\(name): can't set distinct values on '\(key)' and 'deploy.resources.\(group).\(other)': \(invalid)"
        )
      }
    }
    if service.scale > 1, service.containerName != nil {
      let attribute = scale == nil ? "deploy.replicas" : "scale"
      throw ComposeError(
        "services.\(attribute): can't set container_name and \(name) as container name must be unique: \(invalid)"
      )
    }
    for trigger in service["develop"]?["watch"]?.array ?? [] where trigger["target"] == nil {
      if !["rebuild", "restart"].contains(trigger["action"]?.string ?? "") {
        throw ComposeError(
          "services.\(name).develop.watch: target is required for non-rebuild actions: \(invalid)")
      }
    }
  }

  private func checkMounts(_ service: Service) throws(ComposeError) {
    var mounts: [String: String] = [:]
    func add(_ target: String, _ place: String) throws(ComposeError) {
      if let other = mounts[target] {
        throw ComposeError("\(place): target \(target) already mounted as \(other)")
      }
      mounts[target] = place
    }
    for (index, mount) in service.list("tmpfs").enumerated() {
      try add(String(mount.prefix { $0 != ":" }), "services.\(service.name).tmpfs[\(index)]")
    }
    for (index, volume) in service.parts("volumes").enumerated() {
      try add(volume["target"]?.string ?? "", "services.\(service.name).volumes[\(index)]")
    }
  }

  private func checkGraph() throws(ComposeError) {
    var done: Set<String> = []
    for name in project.serviceNames { try search(name, [], &done) }
  }

  private func search(_ name: String, _ way: [String], _ done: inout Set<String>) throws(ComposeError) {
    if let start = way.firstIndex(of: name) {
      throw ComposeError("dependency cycle detected: \((way[start...] + [name]).joined(separator: " -> "))")
    }
    guard !done.contains(name), let service = project.services[name] else { return }
    for next in service.dependencies.keys.sorted() where project.services[next] != nil {
      try search(next, way + [name], &done)
    }
    done.insert(name)
  }
}

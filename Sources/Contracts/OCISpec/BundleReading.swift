import JSON

// By hand what `Codable` would do, and with its errors: see `JSONReadable`.

extension Bundle: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    ociVersion = try json.text("ociVersion")
    root = try json.value("root")
    process = try json.value("process")
    hostname = try json.textIfPresent("hostname")
    domainname = try json.textIfPresent("domainname")
    mounts = try json.list("mounts")
    hooks = try json.value("hooks")
    annotations = try json.textMap("annotations")
    linux = try json.value("linux")
  }
}

extension Bundle.Root: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    path = try json.text("path")
    readonly = try json.flag("readonly")
  }
}

extension Bundle.Mount: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    destination = try json.text("destination")
    type = try json.textIfPresent("type")
    source = try json.textIfPresent("source")
    options = try json.texts("options")
    uidMappings = try json.list("uidMappings")
    gidMappings = try json.list("gidMappings")
  }
}

extension Bundle.Hooks: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    prestart = try json.list("prestart")
    createRuntime = try json.list("createRuntime")
    createContainer = try json.list("createContainer")
    startContainer = try json.list("startContainer")
    poststart = try json.list("poststart")
    poststop = try json.list("poststop")
  }
}

extension Bundle.Hook: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    path = try json.text("path")
    args = try json.texts("args")
    env = try json.textsIfPresent("env")
    timeout = try json.numberIfPresent("timeout")
  }
}

extension Bundle.Process: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    terminal = try json.flag("terminal")
    consoleSize = try json.value("consoleSize")
    user = try json.value("user") ?? Bundle.User()
    args = try json.texts("args")
    env = try json.texts("env")
    cwd = try json.text("cwd")
    capabilities = try json.value("capabilities")
    rlimits = try json.list("rlimits")
    noNewPrivileges = try json.flag("noNewPrivileges")
    oomScoreAdj = try json.numberIfPresent("oomScoreAdj")
    apparmorProfile = try json.textIfPresent("apparmorProfile")
    selinuxLabel = try json.textIfPresent("selinuxLabel")
    ioPriority = try json.value("ioPriority")
    scheduler = try json.value("scheduler")
    execCPUAffinity = try json.value("execCPUAffinity")
  }
}

extension Bundle.ConsoleSize: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    height = try json.number("height")
    width = try json.number("width")
  }
}

extension Bundle.User: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    uid = try json.numberIfPresent("uid") ?? 0
    gid = try json.numberIfPresent("gid") ?? 0
    umask = try json.numberIfPresent("umask")
    additionalGids = try json.numbers("additionalGids")
  }
}

extension Bundle.CapabilitySets: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    bounding = try json.texts("bounding")
    effective = try json.texts("effective")
    inheritable = try json.texts("inheritable")
    permitted = try json.texts("permitted")
    ambient = try json.texts("ambient")
  }
}

extension Bundle.ResourceLimit: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    type = try json.text("type")
    hard = try json.number("hard")
    soft = try json.number("soft")
  }
}

extension Bundle.IOPriority: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    self.class = try json.text("class")
    priority = try json.numberIfPresent("priority")
  }
}

extension Bundle.Scheduler: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    policy = try json.text("policy")
    nice = try json.numberIfPresent("nice")
    priority = try json.numberIfPresent("priority")
    flags = try json.texts("flags")
    runtime = try json.numberIfPresent("runtime")
    deadline = try json.numberIfPresent("deadline")
    period = try json.numberIfPresent("period")
  }
}

extension Bundle.CPUAffinity: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    initial = try json.textIfPresent("initial")
    final = try json.textIfPresent("final")
  }
}

import JSON

// By hand what `Codable` would do, and with its errors: see `JSONReadable`.

extension Bundle.Linux: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    uidMappings = try json.list("uidMappings")
    gidMappings = try json.list("gidMappings")
    sysctl = try json.textMap("sysctl")
    resources = try json.value("resources")
    cgroupsPath = try json.textIfPresent("cgroupsPath")
    namespaces = try json.list("namespaces")
    devices = try json.list("devices")
    seccomp = try json.value("seccomp")
    rootfsPropagation = try json.textIfPresent("rootfsPropagation")
    maskedPaths = try json.texts("maskedPaths")
    readonlyPaths = try json.texts("readonlyPaths")
    mountLabel = try json.textIfPresent("mountLabel")
    personality = try json.value("personality")
    timeOffsets = try json.map("timeOffsets")
    memoryPolicy = try json.value("memoryPolicy")
    netDevices = try json.map("netDevices")
    intelRdt = try json.value("intelRdt")
  }
}

extension Bundle.IDMapping: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    containerID = try json.number("containerID")
    hostID = try json.number("hostID")
    size = try json.number("size")
  }
}

extension Bundle.Namespace: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    let kind = try json.member("type")
    let word = try kind.string()
    guard let type = Kind(rawValue: word) else {
      throw kind.error("cannot initialize Kind from invalid String value \(word)")
    }
    self.type = type
    path = try json.textIfPresent("path")
  }
}

extension Bundle.Device: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    type = try json.text("type")
    path = try json.text("path")
    major = try json.numberIfPresent("major")
    minor = try json.numberIfPresent("minor")
    fileMode = try json.numberIfPresent("fileMode")
    uid = try json.numberIfPresent("uid")
    gid = try json.numberIfPresent("gid")
  }
}

extension Bundle.Personality: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    domain = try json.text("domain")
    flags = try json.texts("flags")
  }
}

extension Bundle.TimeOffset: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    secs = try json.numberIfPresent("secs")
    nanosecs = try json.numberIfPresent("nanosecs")
  }
}

extension Bundle.MemoryPolicy: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    mode = try json.text("mode")
    nodes = try json.textIfPresent("nodes")
    flags = try json.texts("flags")
  }
}

extension Bundle.NetDevice: JSONReadable {
  public init(json: JSONReader) throws(JSONError) { name = try json.textIfPresent("name") }
}

extension Bundle.IntelRdt: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    closID = try json.textIfPresent("closID")
    l3CacheSchema = try json.textIfPresent("l3CacheSchema")
    memBwSchema = try json.textIfPresent("memBwSchema")
  }
}

extension Bundle.Seccomp: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    defaultAction = try json.text("defaultAction")
    defaultErrnoRet = try json.numberIfPresent("defaultErrnoRet")
    architectures = try json.texts("architectures")
    flags = try json.texts("flags")
    syscalls = try json.list("syscalls")
    listenerPath = try json.textIfPresent("listenerPath")
    listenerMetadata = try json.textIfPresent("listenerMetadata")
  }
}

extension Bundle.SyscallRule: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    names = try json.texts("names")
    action = try json.text("action")
    errnoRet = try json.numberIfPresent("errnoRet")
    args = try json.list("args")
  }
}

extension Bundle.SyscallArgument: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    index = try json.number("index")
    value = try json.number("value")
    valueTwo = try json.numberIfPresent("valueTwo")
    op = try json.text("op")
  }
}

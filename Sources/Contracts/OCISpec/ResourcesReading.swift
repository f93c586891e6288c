import JSON

// By hand what `Codable` would do, and with its errors: see `JSONReadable`.

extension Bundle.Resources: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    devices = try json.list("devices")
    memory = try json.value("memory")
    cpu = try json.value("cpu")
    pids = try json.value("pids")
    blockIO = try json.value("blockIO")
    hugepageLimits = try json.list("hugepageLimits")
    unified = try json.textMap("unified")
    network = try json.value("network")
    rdma = try json.map("rdma")
  }
}

extension Bundle.Network: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    classID = try json.numberIfPresent("classID")
    priorities = try json.list("priorities")
  }
}

extension Bundle.Network.Priority: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    name = try json.text("name")
    priority = try json.number("priority")
  }
}

extension Bundle.RDMA: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    hcaHandles = try json.numberIfPresent("hcaHandles")
    hcaObjects = try json.numberIfPresent("hcaObjects")
  }
}

extension Bundle.DeviceRule: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    allow = try json.member("allow").bool()
    type = try json.textIfPresent("type")
    major = try json.numberIfPresent("major")
    minor = try json.numberIfPresent("minor")
    access = try json.textIfPresent("access")
  }
}

extension Bundle.Memory: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    limit = try json.numberIfPresent("limit")
    reservation = try json.numberIfPresent("reservation")
    swap = try json.numberIfPresent("swap")
    kernel = try json.numberIfPresent("kernel")
    kernelTCP = try json.numberIfPresent("kernelTCP")
    swappiness = try json.numberIfPresent("swappiness")
    disableOOMKiller = try json.flagIfPresent("disableOOMKiller")
    checkBeforeUpdate = try json.flagIfPresent("checkBeforeUpdate")
  }
}

extension Bundle.CPU: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    shares = try json.numberIfPresent("shares")
    quota = try json.numberIfPresent("quota")
    period = try json.numberIfPresent("period")
    realtimeRuntime = try json.numberIfPresent("realtimeRuntime")
    realtimePeriod = try json.numberIfPresent("realtimePeriod")
    cpus = try json.textIfPresent("cpus")
    mems = try json.textIfPresent("mems")
    idle = try json.numberIfPresent("idle")
    burst = try json.numberIfPresent("burst")
  }
}

extension Bundle.Pids: JSONReadable {
  public init(json: JSONReader) throws(JSONError) { limit = try json.number("limit") }
}

extension Bundle.BlockIO: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    weight = try json.numberIfPresent("weight")
    leafWeight = try json.numberIfPresent("leafWeight")
    weightDevice = try json.list("weightDevice")
    throttleReadBpsDevice = try json.list("throttleReadBpsDevice")
    throttleWriteBpsDevice = try json.list("throttleWriteBpsDevice")
    throttleReadIOPSDevice = try json.list("throttleReadIOPSDevice")
    throttleWriteIOPSDevice = try json.list("throttleWriteIOPSDevice")
  }
}

extension Bundle.DeviceWeight: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    major = try json.number("major")
    minor = try json.number("minor")
    weight = try json.numberIfPresent("weight")
    leafWeight = try json.numberIfPresent("leafWeight")
  }
}

extension Bundle.Throttle: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    major = try json.number("major")
    minor = try json.number("minor")
    rate = try json.number("rate")
  }
}

extension Bundle.HugepageLimit: JSONReadable {
  public init(json: JSONReader) throws(JSONError) {
    pageSize = try json.text("pageSize")
    limit = try json.number("limit")
  }
}

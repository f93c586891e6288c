import Linux

/// The device rules of a version 2 cgroup as a BPF program (`BPF_PROG_TYPE_CGROUP_DEVICE`, bpf(2)).
struct DeviceFilter {
  /// Instructions of eight bytes each.
  let program: [UInt64]

  /// The last rule that matches decides; a device that no rule matches is refused.
  init(_ rules: [CgroupLimits.DeviceRule]) {
    // r1 points to { u32 access_type; u32 major; u32 minor }; the access is in the upper half of the first
    // word, the kind of device in the lower.
    var code = [
      Self.load(2, offset: 0), Self.operation(0x54, 2, 0xffff), Self.load(3, offset: 0),
      Self.operation(0x74, 3, 16), Self.load(4, offset: 4), Self.load(5, offset: 8),
    ]
    for rule in rules.reversed() {
      code += Self.block(rule)
      // The kernel refuses instructions that are never reached.
      if rule.matchesAll {
        program = code
        return
      }
    }
    program = code + Self.answer(false)
  }

  /// Falls through to the next block unless everything matches.
  private static func block(_ rule: CgroupLimits.DeviceRule) -> [UInt64] {
    var tests: [[UInt64]] = []
    // BPF_DEVCG_DEV_BLOCK is 1, BPF_DEVCG_DEV_CHAR is 2.
    if rule.kind != .all { tests.append([jump(0x56, 2, rule.kind == .block ? 1 : 2)]) }
    // BPF_DEVCG_ACC_MKNOD is 1, READ 2, WRITE 4. A rule for some kinds of access matches requests for no
    // others.
    let access: UInt32 = (rule.makeNode ? 1 : 0) | (rule.read ? 2 : 0) | (rule.write ? 4 : 0)
    if access != 7 {
      if rule.allow {
        tests.append([move(1, from: 3), operation(0x54, 1, access), jumpRegister(0x5e, 1, 3)])
      } else {
        tests.append([move(1, from: 3), operation(0x54, 1, access), jump(0x16, 1, 0)])
      }
    }
    if let major = rule.major { tests.append([jump(0x56, 4, major)]) }
    if let minor = rule.minor { tests.append([jump(0x56, 5, minor)]) }
    var code = tests.flatMap { $0 }
    let end = code.count + 2
    // Each test ends with its jump: over the rest of the block.
    var position = 0
    for test in tests {
      position += test.count
      code[position - 1] |= UInt64(UInt16(end - position)) << 16
    }
    return code + answer(rule.allow)
  }

  // Fields, from the lowest bit: code 8, destination 4, source 4, offset 16, immediate 32.
  private static func load(_ register: UInt64, offset: UInt64) -> UInt64 {
    0x61 | register << 8 | 1 << 12 | offset << 16
  }
  private static func operation(_ code: UInt64, _ register: UInt64, _ value: UInt32) -> UInt64 {
    code | register << 8 | UInt64(value) << 32
  }
  private static func move(_ register: UInt64, from source: UInt64) -> UInt64 {
    0xbc | register << 8 | source << 12
  }
  private static func jump(_ code: UInt64, _ register: UInt64, _ value: UInt32) -> UInt64 {
    operation(code, register, value)
  }
  private static func jumpRegister(_ code: UInt64, _ register: UInt64, _ source: UInt64) -> UInt64 {
    code | register << 8 | source << 12
  }
  private static func answer(_ allow: Bool) -> [UInt64] { [operation(0xb4, 0, allow ? 1 : 0), 0x95] }

  /// Loads the program and attaches it to the cgroup of that directory, where it stays until the cgroup goes.
  func attach(to directory: String) throws(SyscallError) {
    let group = try FileDescriptor.open(directory, [.directory])
    try BPF.attachDeviceProgram(program, to: group)
  }
}

import EngineErrors
import Flags
import JSON
import OCISpec

/// `--security-opt`, taken apart.
struct SecurityOptions: Equatable {
  enum Seccomp: Equatable { case standard, unconfined, custom(String) }
  var seccomp = Seccomp.standard
  var noNewPrivileges = false
  var unmasksSystemPaths = false

  init(_ options: [String]) throws(EngineError) {
    for option in options {
      let separator = option.firstIndex { $0 == "=" || $0 == ":" }
      let name = separator.map { String(option[..<$0]) } ?? option
      let value = separator.map { String(option[option.index(after: $0)...]) } ?? ""
      switch name {
      case "no-new-privileges":
        guard let isSet = value.isEmpty ? true : GoValues.bool(value) else {
          throw EngineError(.invalidArgument, "invalid --security-opt 2: \"\(option)\"")
        }
        noNewPrivileges = isSet
      case "seccomp":
        seccomp =
          value == "unconfined"
          ? .unconfined : value.isEmpty || value == "builtin" ? .standard : .custom(value)
      case "systempaths": unmasksSystemPaths = value == "unconfined"
      // Nothing to do where the kernel has neither AppArmor nor SELinux.
      case "apparmor", "label", "writable-cgroups": break
      default: throw EngineError(.invalidArgument, "invalid --security-opt: \"\(option)\"")
      }
    }
  }
}

/// Docker's default profile for a set of capabilities.
enum SeccompProfile {
  static func seccomp(
    _ options: SecurityOptions, capabilities: [String], privileged: Bool
  ) throws(EngineError) -> Bundle.Seccomp? {
    switch options.seccomp {
    case .unconfined: return nil
    case .standard: return privileged ? nil : standard(capabilities)
    case .custom(let text):
      return try failing(.invalidArgument, "opening seccomp profile") {
        try JSON.decode(Bundle.Seccomp.self, from: Array(text.utf8))
      }
    }
  }

  private static func standard(_ capabilities: [String]) -> Bundle.Seccomp {
    let held = Set(capabilities)
    var rules = [Bundle.SyscallRule(names: SeccompCalls.always, action: allow), tracing]
    rules += socketRules + personalityRules + machineRules
    for (capability, calls) in SeccompCalls.byCapability where held.contains(capability) {
      rules.append(Bundle.SyscallRule(names: calls, action: allow))
    }
    if !held.contains("CAP_SYS_ADMIN") { rules += cloneRules }
    return Bundle.Seccomp(
      defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 1, architectures: architectures, syscalls: rules)
  }

  private static let allow = "SCMP_ACT_ALLOW"

  private static var architectures: [String] {
    #if arch(x86_64)
      ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    #else
      ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
    #endif
  }

  /// Safe since Linux 4.8, which is older than anything this engine runs on.
  private static let tracing = Bundle.SyscallRule(
    names: ["process_vm_readv", "process_vm_writev", "ptrace"], action: allow)

  /// Every address family but AF_ALG (38) and AF_VSOCK (40).
  private static let socketRules = [
    rule("socket", 0, 38, "SCMP_CMP_LT"), rule("socket", 0, 39, "SCMP_CMP_EQ"),
    rule("socket", 0, 40, "SCMP_CMP_GT"),
  ]

  private static let personalityRules = [0x0, 0x8, 0x20000, 0x20008, 0xffff_ffff].map { (value: UInt64) in
    rule("personality", 0, value, "SCMP_CMP_EQ")
  }

  private static var machineRules: [Bundle.SyscallRule] {
    #if arch(x86_64)
      [Bundle.SyscallRule(names: ["arch_prctl", "modify_ldt"], action: allow)]
    #else
      [
        Bundle.SyscallRule(
          names: [
            "arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush",
            "set_tls",
          ],
          action: allow)
      ]
    #endif
  }

  /// clone without the flags that make namespaces; clone3 hides its flags, so programs are told to do without it.
  private static let cloneRules = [
    Bundle.SyscallRule(
      names: ["clone"], action: allow,
      args: [Bundle.SyscallArgument(index: 0, value: 0x7e02_0000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ")]),
    Bundle.SyscallRule(names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38),
  ]

  private static func rule(_ name: String, _ index: UInt32, _ value: UInt64, _ comparison: String)
    -> Bundle.SyscallRule
  {
    Bundle.SyscallRule(
      names: [name], action: allow, args: [Bundle.SyscallArgument(index: index, value: value, op: comparison)]
    )
  }
}

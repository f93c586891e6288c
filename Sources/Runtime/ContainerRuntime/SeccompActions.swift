import OCISpec

/// The words of a bundle's seccomp section as the kernel's and libseccomp's numbers (seccomp(2)).
enum SeccompActions {
  /// What libseccomp calls `SCMP_ACT_…`; nil for an unknown word.
  static func action(_ name: String, errno: UInt32?) -> UInt32? {
    switch name {
    case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": 0
    case "SCMP_ACT_KILL_PROCESS": 0x8000_0000
    case "SCMP_ACT_TRAP": 0x0003_0000
    // EPERM where the profile does not say.
    case "SCMP_ACT_ERRNO": 0x0005_0000 | (errno ?? 1) & 0xffff
    case "SCMP_ACT_TRACE": 0x7ff0_0000 | (errno ?? 1) & 0xffff
    case "SCMP_ACT_LOG": 0x7ffc_0000
    case "SCMP_ACT_NOTIFY": notify
    case "SCMP_ACT_ALLOW": 0x7fff_0000
    default: nil
    }
  }

  static let notify: UInt32 = 0x7fc0_0000

  /// `SCMP_CMP_…`
  static let operators: [String: UInt32] = [
    "SCMP_CMP_NE": 1, "SCMP_CMP_LT": 2, "SCMP_CMP_LE": 3, "SCMP_CMP_EQ": 4, "SCMP_CMP_GE": 5,
    "SCMP_CMP_GT": 6,
    "SCMP_CMP_MASKED_EQ": 7,
  ]

  /// The names that `seccomp_arch_resolve_name` knows.
  static func architectureName(_ name: String) -> String? {
    guard name.hasPrefix("SCMP_ARCH_") else { return nil }
    return String(name.dropFirst("SCMP_ARCH_".count)).lowercased()
  }

  /// `SECCOMP_FILTER_FLAG_NEW_LISTENER`: loading answers with a descriptor.
  static let newListener: UInt32 = 8
  static let waitKillable: UInt32 = 32

  /// Flags of seccomp(2). Without a word on it, loads without slowing speculation down, as other runtimes do.
  static func flags(_ names: [String]) throws(RuntimeError) -> UInt32 {
    if names.isEmpty { return 4 }
    var flags: UInt32 = 0
    for name in names {
      switch name {
      // One thread needs no synchronising.
      case "SECCOMP_FILTER_FLAG_TSYNC": continue
      case "SECCOMP_FILTER_FLAG_LOG": flags |= 2
      case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": flags |= 4
      // Of use only with a listener, which brings it in.
      case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": flags |= waitKillable
      default: throw RuntimeError(.invalid, "seccomp flag \(name) is not supported")
      }
    }
    return flags
  }
}

import ContainerRuntime
import Linux
import OCISpec

/// What this runtime can do (runtime-spec, features.md).
struct Features: Encodable {
  var ociVersionMin = "1.0.0"
  var ociVersionMax = Bundle.version
  var hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
  var mountOptions = [
    "async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec", "idmap", "iversion",
    "lazytime", "loud", "mand", "noatime", "nodev", "nodiratime", "noexec", "noiversion", "nolazytime",
    "nomand", "norelatime", "nostrictatime", "nosuid", "nosymfollow", "private", "ratime", "rbind", "rdev",
    "rdiratime", "relatime", "remount", "rexec", "ridmap", "rnoatime", "rnodev", "rnodiratime", "rnoexec",
    "rnosuid", "rnosymfollow", "ro", "rprivate", "rrelatime", "rro", "rrw", "rshared", "rslave",
    "rstrictatime", "rsuid", "rsymfollow", "runbindable", "rw", "shared", "silent", "slave", "strictatime",
    "suid", "symfollow", "sync", "tmpcopyup", "unbindable",
  ]
  var linux = LinuxFeatures()
  var annotations = ["org.skiff.runtime.version": Program.version]
  var potentiallyUnsafeConfigAnnotations = ["run.oci.hooks.stderr", "run.oci.hooks.stdout"]

  struct LinuxFeatures: Encodable {
    var namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]
    var capabilities = Capabilities.names.map { "CAP_\($0)" }
    var cgroup = CgroupFeatures()
    var seccomp = SeccompFeatures()
    var apparmor = Switch(enabled: true)
    var selinux = Switch(enabled: true)
    var intelRdt = Switch(enabled: false)
    var memoryPolicy = MemoryPolicyFeatures()
    var mountExtensions = MountExtensions()
    var netDevices = Switch(enabled: true)
  }
  struct CgroupFeatures: Encodable {
    var v1 = true
    var v2 = true
    var systemd = true
    var systemdUser = false
    var rdma = true
  }
  struct SeccompFeatures: Encodable {
    var enabled = true
    var actions = [
      "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
      "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ]
    var operators = [
      "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ",
      "SCMP_CMP_NE",
    ]
    var archs = [
      "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32",
      "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
      "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_X32",
      "SCMP_ARCH_X86", "SCMP_ARCH_X86_64",
    ]
    var knownFlags = [
      "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
      "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]
    var supportedFlags = [
      "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
      "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]
  }
  struct MemoryPolicyFeatures: Encodable {
    var modes = [
      "MPOL_BIND", "MPOL_DEFAULT", "MPOL_INTERLEAVE", "MPOL_LOCAL", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY",
      "MPOL_WEIGHTED_INTERLEAVE",
    ]
    var flags = ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]
  }
  struct MountExtensions: Encodable { var idmap = Switch(enabled: true) }
  struct Switch: Encodable { var enabled: Bool }
}

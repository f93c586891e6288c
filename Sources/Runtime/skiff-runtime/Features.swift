import Linux
import OCISpec

/// What this runtime can do (runtime-spec, features.md).
struct Features: Encodable {
  var ociVersionMin = "1.0.0"
  var ociVersionMax = Bundle.version
  var hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
  var mountOptions = [
    "async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec", "iversion", "lazytime",
    "loud", "mand",
    "noatime", "nodev", "nodiratime", "noexec", "noiversion", "nolazytime", "nomand", "norelatime",
    "nostrictatime",
    "nosuid", "nosymfollow", "private", "rbind", "relatime", "remount", "ro", "rprivate", "rro", "rrw",
    "rshared",
    "rslave", "runbindable", "rw", "shared", "silent", "slave", "strictatime", "suid", "symfollow", "sync",
    "tmpcopyup", "unbindable",
  ]
  var linux = LinuxFeatures()

  struct LinuxFeatures: Encodable {
    var namespaces = ["cgroup", "ipc", "mount", "network", "pid", "user", "uts"]
    var capabilities = Capabilities.names.map { "CAP_\($0)" }
    var cgroup = CgroupFeatures()
    var seccomp = SeccompFeatures()
    var apparmor = Switch(enabled: false)
    var selinux = Switch(enabled: false)
  }
  struct CgroupFeatures: Encodable {
    var v1 = true
    var v2 = true
    var systemd = false
    var systemdUser = false
  }
  struct SeccompFeatures: Encodable {
    var enabled = true
    var actions = [
      "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
      "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ]
    var operators = [
      "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ",
      "SCMP_CMP_NE",
    ]
    var supportedFlags = [
      "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
    ]
  }
  struct Switch: Encodable { var enabled: Bool }
}

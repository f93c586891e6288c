/// The sysctls that belong to a namespace, so that a container may have values of its own (sysctl(8) names).
public enum NamespacedSysctls {
  /// Whether each ipc namespace has its own.
  public static func isOfIPC(_ name: String) -> Bool { ipc.contains(name) || name.hasPrefix("fs.mqueue.") }

  /// Whether each network namespace has its own.
  public static func isOfNetwork(_ name: String) -> Bool { name.hasPrefix("net.") }

  private static let ipc: Set<String> = [
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
    "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.msg_next_id", "kernel.sem_next_id",
    "kernel.shm_next_id",
  ]
}

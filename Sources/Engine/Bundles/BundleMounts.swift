import DockerAPI
import OCISpec

/// The init of a container with `--init`, where docker has it too.
public enum InitMount {
  public static let destination = "/sbin/docker-init"
}

extension Bundle {
  /// Docker's own mounts, then the container's, shorter destinations first so that none hides another.
  static func mounts(_ request: BundleRequest) -> [Mount] {
    let ownDestinations = Set(request.mounts.map(\.destination))
    var mounts = standardMounts(request).filter { !ownDestinations.contains($0.destination) }
    if let program = request.initProgram {
      mounts.append(
        Mount(InitMount.destination, type: "bind", source: program, options: ["bind", "ro", "rprivate"]))
    }
    mounts += request.mounts.sorted { depth($0) < depth($1) }.map(mount)
    return mounts
  }

  private static func depth(_ place: BundleRequest.Place) -> Int {
    place.destination.split(separator: "/").count
  }

  private static func mount(_ place: BundleRequest.Place) -> Mount {
    switch place.kind {
    case .bind: Mount(place.destination, type: "bind", source: place.source, options: place.options)
    case .overlay: Mount(place.destination, type: "overlay", source: "overlay", options: place.options)
    case .tmpfs:
      Mount(
        place.destination, type: "tmpfs", source: "tmpfs",
        options: ["noexec", "nosuid", "nodev"].filter { !place.options.contains(opposites[$0] ?? "") }
          + place.options)
    }
  }

  private static let opposites = ["noexec": "exec", "nosuid": "suid", "nodev": "dev"]

  private static func standardMounts(_ request: BundleRequest) -> [Mount] {
    let host = request.host
    let access = host.privileged ? "rw" : "ro"
    var mounts = [
      Mount("/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
      Mount(
        "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
      Mount(
        "/dev/pts", type: "devpts", source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
      Mount("/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", access]),
      Mount(
        "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [access, "nosuid", "noexec", "nodev"]),
      Mount("/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
    ]
    if case .path(let path) = request.ipc, path.hasSuffix("/ns/ipc") {
      // The other container's, as its first process sees it.
      let source = path.dropLast("/ns/ipc".count) + "/root/dev/shm"
      mounts.append(Mount("/dev/shm", type: "bind", source: String(source), options: ["bind", "rprivate"]))
    } else if host.ipcMode == "host" {
      mounts.append(Mount("/dev/shm", type: "bind", source: "/dev/shm", options: ["rbind"]))
    } else if host.ipcMode != "none" {
      let size = host.shmSize > 0 ? host.shmSize : 64 << 20
      mounts.append(
        Mount(
          "/dev/shm", type: "tmpfs", source: "shm",
          options: ["nosuid", "noexec", "nodev", "mode=1777", "size=\(size)"]))
    }
    return mounts
  }
}

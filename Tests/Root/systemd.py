"""A systemd of its own for tests: as process 1 of namespaces of its own, over a writable copy of the host's root."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from engine import eventually

SYSTEMD = "/lib/systemd/systemd"
HIERARCHIES = pathlib.Path("/sys/fs/cgroup")

BOOT = """
set -e
mount -t tmpfs tmpfs "$1"; mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
root="$1/root"
mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount -t tmpfs tmpfs "$root/run"; mount -t sysfs sysfs "$root/sys"
for shared in $3; do mkdir -p "$root$shared"; mount --rbind "$shared" "$root$shared"; done
if [ "$2" = 2 ]; then mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"; else
  mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
  for name in $4; do
    mkdir "$root/sys/fs/cgroup/$name"
    if [ $name = systemd ]; then options=none,name=systemd; else options=$name; fi
    mount -t cgroup -o "$options" cgroup "$root/sys/fs/cgroup/$name"
  done
fi
printf '[Unit]\\nDefaultDependencies=no\\n' > "$root/etc/systemd/system/still.target"
mkdir "$root/outside"; cd "$root"; pivot_root . outside; umount -l /outside
exec env -i container=skiff PATH=/usr/sbin:/usr/bin:/sbin:/bin %s --unit=still.target
""" % SYSTEMD


class Systemd:
    """`version` is that of its cgroups; `shared` are directories of the host that it sees as they are."""

    def __init__(self, version, shared):
        self.groups = []
        self.name = f"skiff-test-systemd-{os.getpid()}-{version}"
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="skiff-systemd-"))
        for hierarchy in sorted(HIERARCHIES.iterdir()):
            if (hierarchy / "cgroup.procs").exists():
                self._make_group(hierarchy)
        names = [group.parent.name for group in self.groups if group.parent.name != "unified"]
        self.process = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--cgroup", "--uts", "--ipc", "--net",
             "sh", "-c", BOOT, "sh", str(self.place), str(version), " ".join(shared), " ".join(names)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=self._enter)
        self.pid = eventually(self._first_process, 20, "systemd")
        # Where version 2 has a process beside its groups it hands no controller on.
        for group in self.groups:
            (group.parent / "cgroup.procs").write_text(str(self.process.pid))
        eventually(lambda: self.run("systemctl", "is-system-running").stdout.strip() == b"running", 20, "the end of its start")

    def _make_group(self, hierarchy):
        group = hierarchy / self.name
        group.mkdir()
        self.groups.append(group)
        for name in ("cpuset.cpus", "cpuset.mems"):
            if (group / name).exists():
                (group / name).write_text((hierarchy / name).read_text())

    def _enter(self):
        for group in self.groups:
            (group / "cgroup.procs").write_text("0")

    def _first_process(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if children and pathlib.Path(f"/proc/{children[0]}/comm").read_text() == "systemd\n":
            return int(children[0])
        return None

    def run(self, *command, **options):
        """Runs a command beside it."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.run(["nsenter", "--target", str(self.pid), "--all", *command], stdin=subprocess.DEVNULL, timeout=60,
                              **options)

    def properties(self, unit):
        lines = self.run("systemctl", "show", "--no-pager", unit).stdout.decode().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()
        for group in self.groups:
            for directory, _, _ in os.walk(group, topdown=False):
                eventually(lambda directory=directory: self._removed(directory), 10, f"the end of {directory}")
        shutil.rmtree(self.place)

    @staticmethod
    def _removed(directory):
        try:
            os.rmdir(directory)
        except OSError:
            return not os.path.exists(directory)
        return True

#include "creadonlystart.h"
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static int is_asked(int count, char **arguments) {
  for (int i = 1; i < count; i++)
    if (!strcmp(arguments[i], "run") || !strcmp(arguments[i], "create") || !strcmp(arguments[i], "exec")) return 1;
  return 0;
}

/* 101 is the first that is not the C library's own: before the constructors of Swift's runtime. */
__attribute__((constructor(101))) static void start_read_only(int count, char **arguments, char **environment) {
  static const char own[] = "/proc/self/exe";
  struct statfs found;
  if (!is_asked(count, arguments) || statfs(own, &found) == -1 || found.f_flags & ST_RDONLY) return;
  int mount = (int)syscall(SYS_open_tree, AT_FDCWD, own, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (mount == -1) return;
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  if (syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0)
    syscall(SYS_execveat, mount, "", arguments, environment, AT_EMPTY_PATH);
  close(mount);
}

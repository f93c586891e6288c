#include "clinux.h"
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int unshare(int flags);
int setns(int fd, int type);
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

int clinux_unshare(int flags) { return unshare(flags); }
int clinux_setns(int fd, int flags) { return setns(fd, flags); }
int clinux_mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data) {
  return mount(source, target, type, flags, data);
}
int clinux_umount2(const char *target, int flags) { return umount2(target, flags); }
int clinux_pivot_root(const char *new_root, const char *put_old) {
  return (int)syscall(SYS_pivot_root, new_root, put_old);
}
int clinux_open_tree(int dir, const char *path, unsigned flags) {
  return (int)syscall(SYS_open_tree, dir, path, flags);
}
int clinux_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags) {
  return (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}
int clinux_fsopen(const char *type, unsigned flags) { return (int)syscall(SYS_fsopen, type, flags); }
int clinux_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux) {
  return (int)syscall(SYS_fsconfig, fd, command, key, value, aux);
}
int clinux_fsmount(int fd, unsigned flags, unsigned attributes) {
  return (int)syscall(SYS_fsmount, fd, flags, attributes);
}
int clinux_mount_setattr(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation,
                         uint64_t userns) {
  struct mount_attr attributes = {.attr_set = set, .attr_clr = clear, .propagation = propagation, .userns_fd = userns};
  return (int)syscall(SYS_mount_setattr, dir, path, flags, &attributes, sizeof attributes);
}
int clinux_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = flags;
  how.mode = mode;
  how.resolve = resolve;
  return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

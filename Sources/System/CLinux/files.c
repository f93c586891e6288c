#include <malloc.h>
#include "clinux.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

int clinux_pipe2(int ends[2], int flags) { return pipe2(ends, flags); }
void clinux_malloc_trim(void) { malloc_trim(0); }
void clinux_malloc_keep_little(void) {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 10);
}

int clinux_memfd_create(const char *name, unsigned flags) { return memfd_create(name, flags); }
int clinux_add_seals(int fd, int seals) { return fcntl(fd, F_ADD_SEALS, seals); }
int clinux_renameat2(int from, const char *old, int to, const char *renamed, unsigned flags) {
  return renameat2(from, old, to, renamed, flags);
}
int clinux_syncfs(int fd) { return syncfs(fd); }
ssize_t clinux_copy_file_range(int from, int to, size_t count) {
  return copy_file_range(from, NULL, to, NULL, count, 0);
}
ssize_t clinux_splice(int from, int to, size_t count, unsigned flags) {
  return splice(from, NULL, to, NULL, count, flags);
}
int clinux_linkat(int from, const char *old, int to, const char *linked, int flags) {
  return linkat(from, old, to, linked, flags);
}

ssize_t clinux_getxattr(const char *path, const char *name, void *value, size_t size, int follow) {
  return follow ? getxattr(path, name, value, size) : lgetxattr(path, name, value, size);
}
ssize_t clinux_fgetxattr(int fd, const char *name, void *value, size_t size) {
  return fgetxattr(fd, name, value, size);
}
int clinux_setxattr(const char *path, const char *name, const void *value, size_t size, int follow) {
  return follow ? setxattr(path, name, value, size, 0) : lsetxattr(path, name, value, size, 0);
}
int clinux_fsetxattr(int fd, const char *name, const void *value, size_t size) {
  return fsetxattr(fd, name, value, size, 0);
}
ssize_t clinux_listxattr(const char *path, char *list, size_t size, int follow) {
  return follow ? listxattr(path, list, size) : llistxattr(path, list, size);
}
ssize_t clinux_flistxattr(int fd, char *list, size_t size) { return flistxattr(fd, list, size); }
int clinux_removexattr(const char *path, const char *name, int follow) {
  return follow ? removexattr(path, name) : lremovexattr(path, name);
}
ssize_t clinux_getdents64(int fd, void *buffer, size_t size) { return syscall(SYS_getdents64, fd, buffer, size); }

int clinux_fstatat(int dir, const char *path, int flags, struct clinux_stat *out) {
  struct stat info;
  if (fstatat(dir, path, &info, flags) == -1) return -1;
  *out = (struct clinux_stat){
      .device = info.st_dev,
      .inode = info.st_ino,
      .links = info.st_nlink,
      .size = (uint64_t)info.st_size,
      .blocks = (uint64_t)info.st_blocks,
      .block_size = (uint64_t)info.st_blksize,
      .rdev = info.st_rdev,
      .mode = info.st_mode,
      .uid = info.st_uid,
      .gid = info.st_gid,
      .atime = info.st_atim.tv_sec,
      .mtime = info.st_mtim.tv_sec,
      .ctime = info.st_ctim.tv_sec,
      .atime_ns = (uint32_t)info.st_atim.tv_nsec,
      .mtime_ns = (uint32_t)info.st_mtim.tv_nsec,
      .ctime_ns = (uint32_t)info.st_ctim.tv_nsec,
  };
  return 0;
}

static int tell(int result, const struct statfs *info, struct clinux_statfs *out) {
  if (result == -1) return -1;
  *out = (struct clinux_statfs){
      .type = (uint64_t)info->f_type,
      .block_size = (uint64_t)info->f_bsize,
      .blocks = info->f_blocks,
      .blocks_free = info->f_bfree,
      .blocks_available = info->f_bavail,
      .files = info->f_files,
      .files_free = info->f_ffree,
      .flags = (uint64_t)info->f_flags,
  };
  return 0;
}
int clinux_statfs(const char *path, struct clinux_statfs *out) {
  struct statfs info;
  return tell(statfs(path, &info), &info, out);
}
int clinux_fstatfs(int fd, struct clinux_statfs *out) {
  struct statfs info;
  return tell(fstatfs(fd, &info), &info, out);
}

int clinux_utimensat(int dir, const char *path, int64_t atime, uint32_t atime_ns, int64_t mtime, uint32_t mtime_ns,
                     int flags) {
  struct timespec times[2] = {{atime, atime_ns}, {mtime, mtime_ns}};
  return utimensat(dir, path, times, flags);
}
uint64_t clinux_makedev(unsigned major, unsigned minor) { return makedev(major, minor); }
unsigned clinux_major(uint64_t device) { return major(device); }
unsigned clinux_minor(uint64_t device) { return minor(device); }

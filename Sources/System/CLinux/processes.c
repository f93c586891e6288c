#include "clinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_pidfd_open(pid_t pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
int clinux_pidfd_send_signal(int pidfd, int sig) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, (void *)0, 0);
}
int clinux_pidfd_getfd(int pidfd, int fd) { return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0); }

pid_t clinux_clone3(uint64_t flags, int *pidfd, int exit_signal, int cgroup) {
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.flags = flags;
  args.exit_signal = (uint64_t)exit_signal;
  if (pidfd) {
    args.flags |= CLONE_PIDFD;
    args.pidfd = (uint64_t)(uintptr_t)pidfd;
  }
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

int clinux_execve(const char *path, char *const argv[], char *const envp[]) { return execve(path, argv, envp); }
int clinux_execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags) {
  return (int)syscall(SYS_execveat, fd, path, argv, envp, flags);
}

static int configure(const struct clinux_spawn *request, posix_spawn_file_actions_t *actions,
                     posix_spawnattr_t *attributes, int *moved) {
  int error = 0;
  for (int i = 0; i < request->descriptor_count && !error; i++) {
    moved[i] = -1;
    if (request->descriptors[i] < 0) {
      error = posix_spawn_file_actions_addclose(actions, i);
      continue;
    }
    /* Out of the way first: a source may be the target of another. */
    moved[i] = fcntl(request->descriptors[i], F_DUPFD_CLOEXEC, request->descriptor_count);
    error = moved[i] < 0 ? errno : posix_spawn_file_actions_adddup2(actions, moved[i], i);
  }
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, request->descriptor_count);
  if (!error && request->directory) error = posix_spawn_file_actions_addchdir_np(actions, request->directory);
  if (error) return error;
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(attributes, &all);
  posix_spawnattr_setsigmask(attributes, &none);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  if (request->new_session) flags |= POSIX_SPAWN_SETSID;
  if (request->new_group) flags |= POSIX_SPAWN_SETPGROUP;
  return posix_spawnattr_setflags(attributes, flags);
}

int clinux_spawn(const struct clinux_spawn *request, pid_t *pid) {
  if (request->descriptor_count > 4096) return E2BIG;
  int moved[request->descriptor_count + 1];
  memset(moved, -1, sizeof moved);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int error = configure(request, &actions, &attributes, moved);
  if (!error) error = posix_spawn(pid, request->path, &actions, &attributes, request->argv, request->envp);
  for (int i = 0; i < request->descriptor_count; i++)
    if (moved[i] >= 0) close(moved[i]);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return prctl(option, a, b, c, d);
}
int clinux_seccomp(unsigned operation, unsigned flags, void *args) {
  return (int)syscall(SYS_seccomp, operation, flags, args);
}
int clinux_keyctl_join_session(const char *name) { return (int)syscall(SYS_keyctl, 1, name); }
int clinux_ioprio_set(int which, int who, int priority) { return (int)syscall(SYS_ioprio_set, which, who, priority); }
int clinux_personality(unsigned long persona) { return personality(persona); }
int clinux_sched_setattr(const struct clinux_schedule *schedule) {
  /* struct sched_attr, which glibc 2.36 and the kernel's header both leave out or clash about. */
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attributes = {sizeof attributes,   schedule->policy,  schedule->flags,    schedule->nice,
                  schedule->priority, schedule->runtime, schedule->deadline, schedule->period};
  return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}
int clinux_set_mempolicy(int mode, const unsigned long *nodes, unsigned long bits) {
  return (int)syscall(SYS_set_mempolicy, mode, nodes, bits);
}
int clinux_sched_setaffinity(pid_t pid, const unsigned long *mask, size_t bytes) {
  return (int)syscall(SYS_sched_setaffinity, pid, bytes, mask);
}
int clinux_close_range(unsigned first, unsigned last, int flags) {
  return (int)syscall(SYS_close_range, first, last, flags);
}

/* The raw calls change the calling thread only, which is all there is where they are used. */
int clinux_setresuid(uid_t r, uid_t e, uid_t s) { return (int)syscall(SYS_setresuid, r, e, s); }
int clinux_setresgid(gid_t r, gid_t e, gid_t s) { return (int)syscall(SYS_setresgid, r, e, s); }
int clinux_setgroups(size_t count, const gid_t *groups) { return (int)syscall(SYS_setgroups, count, groups); }

int clinux_prlimit(pid_t pid, int resource, const uint64_t *set, uint64_t *get) {
  return (int)syscall(SYS_prlimit64, pid, resource, set, get);
}

int clinux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) == -1) return -1;
  *effective = data[0].effective | (uint64_t)data[1].effective << 32;
  *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
  *inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
  return 0;
}

int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {
      {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
      {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
  };
  return (int)syscall(SYS_capset, &header, data);
}

int clinux_sethostname(const char *name, size_t length) { return sethostname(name, length); }
int clinux_setdomainname(const char *name, size_t length) { return setdomainname(name, length); }

int clinux_sigmask(int how, uint64_t mask, uint64_t *old) {
  sigset_t set, before;
  sigemptyset(&set);
  for (int number = 1; number <= 64; number++)
    if (mask >> (number - 1) & 1) sigaddset(&set, number);
  if (sigprocmask(how == 1 ? SIG_BLOCK : how == 0 ? SIG_UNBLOCK : SIG_SETMASK, &set, &before) == -1) return -1;
  *old = 0;
  for (int number = 1; number <= 64; number++)
    if (sigismember(&before, number) == 1) *old |= (uint64_t)1 << (number - 1);
  return 0;
}
int clinux_signal_default(int number) { return signal(number, SIG_DFL) == SIG_ERR ? -1 : 0; }
int clinux_signal_ignore(int number) { return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0; }

#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Calls and constants that Swift's Glibc module cannot see, because it is built without _GNU_SOURCE. No policy here.
   Every function answers like the system call of its name: -1 and errno when the kernel refused. */

/* Processes */
int clinux_pidfd_open(pid_t pid, unsigned flags);
int clinux_pidfd_send_signal(int pidfd, int sig);
int clinux_pidfd_getfd(int pidfd, int fd);
/* clone3(2) without a stack of its own: returns twice, like fork(2), in a process that must have one thread. */
pid_t clinux_clone3(uint64_t flags, int *pidfd, int exit_signal, int cgroup);
/* clone3(2) with CLONE_VM and CLONE_VFORK: `body` runs in a child on a stack of its own, in the caller's memory, while
   the caller stands still until the child has executed a program or ended. The child ends with the answer of `body`.
   The caller gets the child's pid; ENOSYS where this is not written for the processor. */
pid_t clinux_clone3_sharing(int exit_signal, int cgroup, int (*body)(void *), void *context);
int clinux_execve(const char *path, char *const argv[], char *const envp[]);
int clinux_execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags);
struct clinux_spawn {
  const char *path;
  char *const *argv;
  char *const *envp;
  const char *directory;      /* NULL: the caller's */
  const int *descriptors;     /* descriptors[i] becomes i in the child; -1 leaves i closed */
  int descriptor_count;
  int new_session;
  int new_group;
};
/* posix_spawn(3): every other descriptor is closed, signals are reset to their defaults and unblocked.
   Returns 0 or an error number. */
int clinux_spawn(const struct clinux_spawn *request, pid_t *pid);
int clinux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int clinux_seccomp(unsigned operation, unsigned flags, void *args);
int clinux_keyctl_join_session(const char *name);
int clinux_ioprio_set(int which, int who, int priority);
int clinux_personality(unsigned long persona);
/* sched_setattr(2) of the calling thread; nanoseconds. */
struct clinux_schedule {
  uint32_t policy;
  int32_t nice;
  uint32_t priority;
  uint64_t flags, runtime, deadline, period;
};
int clinux_sched_setattr(const struct clinux_schedule *schedule);
int clinux_set_mempolicy(int mode, const unsigned long *nodes, unsigned long bits);
int clinux_sched_setaffinity(pid_t pid, const unsigned long *mask, size_t bytes);
int clinux_close_range(unsigned first, unsigned last, int flags);
int clinux_setresuid(uid_t r, uid_t e, uid_t s);
int clinux_setresgid(gid_t r, gid_t e, gid_t s);
int clinux_setgroups(size_t count, const gid_t *groups);
int clinux_prlimit(pid_t pid, int resource, const uint64_t *set_soft_hard, uint64_t *get_soft_hard);
int clinux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);
int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int clinux_sethostname(const char *name, size_t length);
int clinux_setdomainname(const char *name, size_t length);

/* Namespaces and mounts */
int clinux_unshare(int flags);
int clinux_setns(int fd, int flags);
int clinux_mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int clinux_umount2(const char *target, int flags);
int clinux_pivot_root(const char *new_root, const char *put_old);
int clinux_open_tree(int dir, const char *path, unsigned flags);
int clinux_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags);
int clinux_fsopen(const char *type, unsigned flags);
int clinux_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux);
int clinux_fsmount(int fd, unsigned flags, unsigned attributes);
int clinux_mount_setattr(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation,
                         uint64_t userns);

/* Files */
int clinux_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int clinux_pipe2(int ends[2], int flags);
void clinux_malloc_trim(void);
void clinux_malloc_keep_little(void);
int clinux_memfd_create(const char *name, unsigned flags);
int clinux_add_seals(int fd, int seals);
int clinux_renameat2(int from, const char *old, int to, const char *renamed, unsigned flags);
int clinux_syncfs(int fd);
ssize_t clinux_copy_file_range(int from, int to, size_t count);
ssize_t clinux_splice(int from, int to, size_t count, unsigned flags);
int clinux_linkat(int from, const char *old, int to, const char *linked, int flags);
ssize_t clinux_getxattr(const char *path, const char *name, void *value, size_t size, int follow);
ssize_t clinux_fgetxattr(int fd, const char *name, void *value, size_t size);
int clinux_setxattr(const char *path, const char *name, const void *value, size_t size, int follow);
int clinux_fsetxattr(int fd, const char *name, const void *value, size_t size);
ssize_t clinux_listxattr(const char *path, char *list, size_t size, int follow);
ssize_t clinux_flistxattr(int fd, char *list, size_t size);
int clinux_removexattr(const char *path, const char *name, int follow);
ssize_t clinux_getdents64(int fd, void *buffer, size_t size);
struct clinux_stat {
  uint64_t device, inode, links, size, blocks, block_size, rdev;
  uint32_t mode, uid, gid;
  int64_t atime, mtime, ctime;
  uint32_t atime_ns, mtime_ns, ctime_ns;
};
int clinux_fstatat(int dir, const char *path, int flags, struct clinux_stat *out);
struct clinux_statfs {
  uint64_t type, block_size, blocks, blocks_free, blocks_available, files, files_free, flags;
};
int clinux_statfs(const char *path, struct clinux_statfs *out);
int clinux_fstatfs(int fd, struct clinux_statfs *out);
int clinux_utimensat(int dir, const char *path, int64_t atime, uint32_t atime_ns, int64_t mtime, uint32_t mtime_ns, int flags);
uint64_t clinux_makedev(unsigned major, unsigned minor);
unsigned clinux_major(uint64_t device);
unsigned clinux_minor(uint64_t device);

/* Waiting */
struct clinux_event { uint32_t events; uint64_t data; };
int clinux_epoll_create(void);
int clinux_epoll_ctl(int epoll, int operation, int fd, uint32_t events, uint64_t data);
int clinux_epoll_wait(int epoll, struct clinux_event *events, int count, int milliseconds);
int clinux_eventfd(unsigned initial, int flags);
int clinux_timerfd_create(int clock, int flags);
int clinux_timerfd_settime(int fd, int flags, int64_t first_ns, int64_t every_ns);
int clinux_signalfd(int fd, uint64_t mask);
/* Blocks (1), unblocks (0) or replaces (2) the calling thread's signal mask; bit n-1 is signal n. Answers the old mask. */
int clinux_sigmask(int how, uint64_t mask, uint64_t *old);
int clinux_signal_default(int number);
int clinux_signal_ignore(int number);
/* The signal ends the process with 128 + number, SIGHUP by its default, after what the calls below name; one that is ignored stays so. */
int clinux_ending_hear(int number);
/* The settings that the terminal has now are given back; -1 forgets them. */
int clinux_ending_keep_terminal(int fd);
/* A line of ours stands open on the terminal and is ended. */
void clinux_ending_open_line(int is_open);
/* The file that is removed; a null pointer forgets it. */
void clinux_ending_remove(const char *path);

/* Sockets */
int clinux_unix_socket(int type);
/* Binds or connects (listen = 0) a Unix socket by path; a leading NUL byte means the abstract name space. */
int clinux_unix_bind(int fd, const char *path, size_t length);
int clinux_unix_connect(int fd, const char *path, size_t length);
/* family AF_INET or AF_INET6; address in network order, 4 or 16 bytes; port in host order. */
int clinux_inet_bind(int fd, int family, const uint8_t *address, uint16_t port);
int clinux_inet_connect(int fd, int family, const uint8_t *address, uint16_t port);
ssize_t clinux_inet_sendto(int fd, const void *bytes, size_t count, int family, const uint8_t *address, uint16_t port);
ssize_t clinux_inet_recvfrom(int fd, void *bytes, size_t count, int *family, uint8_t address[16], uint16_t *port);
/* A datagram with the address of this machine that it was sent to and the link it came over (IPV6_RECVPKTINFO must be on), and
   the answer from that address; link 0 lets the kernel choose. */
ssize_t clinux_inet6_receive(int fd, void *bytes, size_t count, uint8_t sender[16], uint16_t *port, uint8_t own[16], uint32_t *link);
ssize_t clinux_inet6_answer(int fd, const void *bytes, size_t count, const uint8_t receiver[16], uint16_t port,
                            const uint8_t own[16], uint32_t link);
/* Whether closing the socket resets its connection (SO_LINGER). */
int clinux_reset_on_close(int fd, int on);
int clinux_inet_name(int fd, int peer, int *family, uint8_t address[16], uint16_t *port);
int clinux_accept4(int fd, int flags);
int clinux_peer_credentials(int fd, int32_t *pid, uint32_t *uid, uint32_t *gid);
/* Sends or receives bytes with up to 28 descriptors (SCM_RIGHTS); received ones are close-on-exec. */
ssize_t clinux_send_descriptors(int fd, const void *bytes, size_t count, const int *descriptors, int descriptor_count);
ssize_t clinux_receive_descriptors(int fd, void *bytes, size_t count, int *descriptors, int *descriptor_count);

/* Terminals */
int clinux_open_pty_peer(int master);
int clinux_unlock_pty(int master, int *number);
int clinux_set_controlling_terminal(int fd);
int clinux_get_window_size(int fd, uint16_t *rows, uint16_t *columns);
int clinux_set_window_size(int fd, uint16_t rows, uint16_t columns);

/* Configures the loopback link of the calling thread's network namespace up. */
int clinux_loopback_up(void);

/* bpf(2) */
int clinux_bpf_load_device_program(const uint64_t *instructions, uint32_t count);
int clinux_bpf_attach_device_program(int program, int cgroup);

#pragma once
#include <sys/types.h>

/* posix_spawn(3): fds[i] becomes the child's descriptor i; no number below `count` may stand in fds.
   Signals are unblocked and at their defaults. Answers 0 or an error number. */
int clinux_posix_spawn(pid_t *pid, const char *path, char *const argv[], char *const envp[], const int *fds, int count,
                 int new_session);

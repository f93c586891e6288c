#include "clinux_spawn.h"
#include <signal.h>
#include <spawn.h>

int clinux_posix_spawn(pid_t *pid, const char *path, char *const argv[], char *const envp[], const int *fds, int count,
                 int new_session) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawnattr_init(&attributes);
  if (error) return error;
  if ((error = posix_spawn_file_actions_init(&actions))) {
    posix_spawnattr_destroy(&attributes);
    return error;
  }
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (new_session ? POSIX_SPAWN_SETSID : 0));
  for (int i = 0; i < count && !error; i++) error = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
  if (!error) error = posix_spawn(pid, path, &actions, &attributes, argv, envp);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

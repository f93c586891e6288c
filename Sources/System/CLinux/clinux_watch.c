#include "clinux_watch.h"
#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

int clinux_watch_directory(const char *path) {
  int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (watch == -1) return -1;
  if (inotify_add_watch(watch, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR) == -1) {
    int error = errno;
    close(watch);
    errno = error;
    return -1;
  }
  return watch;
}

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

int clinux_watch_new(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int clinux_watch_add(int watch, const char *path) {
  return inotify_add_watch(watch, path,
                           IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                               IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK);
}

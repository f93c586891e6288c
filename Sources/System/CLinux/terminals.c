#include "clinux.h"
#include <fcntl.h>
#include <sys/ioctl.h>

int clinux_open_pty_peer(int master) { return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC); }
int clinux_unlock_pty(int master, int *number) {
  int unlock = 0;
  if (ioctl(master, TIOCSPTLCK, &unlock) == -1) return -1;
  return ioctl(master, TIOCGPTN, number);
}
int clinux_set_controlling_terminal(int fd) { return ioctl(fd, TIOCSCTTY, 0); }
int clinux_get_window_size(int fd, uint16_t *rows, uint16_t *columns) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) == -1) return -1;
  *rows = size.ws_row;
  *columns = size.ws_col;
  return 0;
}
int clinux_set_window_size(int fd, uint16_t rows, uint16_t columns) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  return ioctl(fd, TIOCSWINSZ, &size);
}

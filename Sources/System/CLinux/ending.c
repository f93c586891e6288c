#include "clinux.h"
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t terminal = -1;
static struct termios settings;
static volatile sig_atomic_t has_open_line;
static char unfinished[4096];

/* Calls only what a handler may call (signal-safety(7)). */
static void end(int number) {
  if (terminal != -1) tcsetattr(terminal, TCSANOW, &settings);
  if (unfinished[0]) unlink(unfinished);
  if (has_open_line && write(STDERR_FILENO, "\n", 1) == -1) { /* nobody is left to be told */ }
  if (number != SIGHUP) _exit(128 + number);
  signal(number, SIG_DFL);
  raise(number);
}

int clinux_ending_hear(int number) {
  struct sigaction action;
  if (sigaction(number, 0, &action) == -1) return -1;
  if (action.sa_handler == SIG_IGN) return 0;
  memset(&action, 0, sizeof action);
  action.sa_handler = end;
  action.sa_flags = SA_RESTART;
  /* From the background the terminal's settings are changed without a stop. */
  sigaddset(&action.sa_mask, SIGTTOU);
  return sigaction(number, &action, 0);
}

int clinux_ending_keep_terminal(int fd) {
  terminal = -1;
  if (fd == -1) return 0;
  if (tcgetattr(fd, &settings) == -1) return -1;
  terminal = fd;
  return 0;
}

void clinux_ending_open_line(int is_open) { has_open_line = is_open; }

void clinux_ending_remove(const char *path) {
  unfinished[0] = 0;
  if (!path || strlen(path) >= sizeof unfinished) return;
  /* The first byte comes last: a signal in between finds nothing to remove. */
  if (path[0]) strcpy(unfinished + 1, path + 1);
  unfinished[0] = path[0];
}

#include "clinux.h"
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
int clinux_epoll_ctl(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(epoll, operation, fd, &event);
}
int clinux_epoll_wait(int epoll, struct clinux_event *events, int count, int milliseconds) {
  struct epoll_event ready[64];
  if (count > 64) count = 64;
  int got = epoll_wait(epoll, ready, count, milliseconds);
  for (int i = 0; i < got; i++) events[i] = (struct clinux_event){ready[i].events, ready[i].data.u64};
  return got;
}
int clinux_eventfd(unsigned initial, int flags) { return eventfd(initial, flags | EFD_CLOEXEC); }
int clinux_timerfd_create(int clock, int flags) { return timerfd_create(clock, flags | TFD_CLOEXEC); }
int clinux_timerfd_settime(int fd, int flags, int64_t first_ns, int64_t every_ns) {
  struct itimerspec when = {
      .it_value = {first_ns / 1000000000, first_ns % 1000000000},
      .it_interval = {every_ns / 1000000000, every_ns % 1000000000},
  };
  return timerfd_settime(fd, flags, &when, NULL);
}
int clinux_signalfd(int fd, uint64_t mask) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number <= 64; number++)
    if (mask >> (number - 1) & 1) sigaddset(&set, number);
  return signalfd(fd, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

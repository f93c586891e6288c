#include "clinux_reactor.h"
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int clinux_reactor_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_reactor_arm(int epoll, int fd, int known, uint32_t interest, uint64_t id) {
  struct epoll_event event = {.events = EPOLLONESHOT, .data.u64 = id};
  if (interest & CLINUX_IN) event.events |= EPOLLIN | EPOLLRDHUP;
  if (interest & CLINUX_OUT) event.events |= EPOLLOUT;
  return epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
}

int clinux_reactor_forget(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0); }

int clinux_reactor_wait(int epoll, struct clinux_ready *out, int capacity, int milliseconds) {
  struct epoll_event events[128];
  int count = epoll_wait(epoll, events, capacity < 128 ? capacity : 128, milliseconds);
  for (int i = 0; i < count; i++) {
    uint32_t seen = events[i].events;
    out[i].id = events[i].data.u64;
    out[i].events = 0;
    if (seen & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) out[i].events |= CLINUX_IN;
    if (seen & (EPOLLHUP | EPOLLERR)) out[i].events |= CLINUX_GONE;
    if (seen & (EPOLLOUT | EPOLLHUP | EPOLLERR)) out[i].events |= CLINUX_OUT;
  }
  return count;
}

int clinux_reactor_bell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void clinux_reactor_ring(int bell) { eventfd_write(bell, 1); }

void clinux_reactor_silence(int bell) {
  eventfd_t rung;
  eventfd_read(bell, &rung);
}

void clinux_reactor_tidy(void) { malloc_trim(0); }

int clinux_reactor_accept(int fd) { return accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int clinux_reactor_socket(int family) { return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

static int unix_address(struct sockaddr_un *address, const char *path) {
  size_t length = strlen(path);
  if (length >= sizeof address->sun_path) { errno = ENAMETOOLONG; return -1; }
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

int clinux_reactor_bind_unix(int fd, const char *path) {
  struct sockaddr_un address;
  if (unix_address(&address, path) == -1) return -1;
  return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_reactor_connect_unix(int fd, const char *path) {
  struct sockaddr_un address;
  if (unix_address(&address, path) == -1) return -1;
  return connect(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_reactor_set_option(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value);
}

int clinux_reactor_take_socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1 ? errno : error;
}

static volatile sig_atomic_t forward_to[65];
static struct sigaction before_forwarding[65];

static void forward(int signal) {
  int saved = errno;
  unsigned char byte = (unsigned char)signal;
  if (write(forward_to[signal], &byte, 1) == -1) { /* a full pipe already says that signals came */ }
  errno = saved;
}

static void swallow(int signal) { (void)signal; }

static int handle(int signal, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return sigaction(signal, &action, 0);
}

int clinux_reactor_signal_forward(int signal, int fd) {
  if (signal < 1 || signal > 64) { errno = EINVAL; return -1; }
  forward_to[signal] = fd;
  struct sigaction now;
  if (sigaction(signal, 0, &now) == 0 && now.sa_handler != forward) before_forwarding[signal] = now;
  return handle(signal, forward);
}

int clinux_reactor_signal_release(int signal) {
  if (signal < 1 || signal > 64) { errno = EINVAL; return -1; }
  return sigaction(signal, &before_forwarding[signal], 0);
}
int clinux_reactor_signal_swallow(int signal) { return handle(signal, swallow); }

int clinux_reactor_bind(int fd, const void *address, uint32_t length) { return bind(fd, address, length); }
int clinux_reactor_connect(int fd, const void *address, uint32_t length) { return connect(fd, address, length); }

int clinux_reactor_local_port(int fd) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &length) == -1) return -1;
  if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
  return 0;
}

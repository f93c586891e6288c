#pragma once
#include <stdint.h>

/* Readiness, sockets and signals: epoll(7), accept4(2), unix(7), signal-safety(7). */

struct clinux_ready { uint64_t id; uint32_t events; };

enum { CLINUX_IN = 1, CLINUX_OUT = 2, CLINUX_GONE = 4 };

int clinux_reactor_create(void);
/* Adds (known == 0) or changes the one-shot interest of fd: CLINUX_IN, CLINUX_OUT, both or none. */
int clinux_reactor_arm(int epoll, int fd, int known, uint32_t interest, uint64_t id);
int clinux_reactor_forget(int epoll, int fd);
/* Waits this many milliseconds, -1 without limit; errors and hang-ups count as readable, writable and gone. At most 128 results. */
int clinux_reactor_wait(int epoll, struct clinux_ready *out, int capacity, int milliseconds);

/* eventfd(2): readable from the first ring until it is silenced. */
int clinux_reactor_bell(void);
void clinux_reactor_ring(int bell);
void clinux_reactor_silence(int bell);

/* malloc_trim(3). */
void clinux_reactor_tidy(void);

int clinux_reactor_accept(int fd);
int clinux_reactor_socket(int family);
int clinux_reactor_bind_unix(int fd, const char *path);
int clinux_reactor_connect_unix(int fd, const char *path);
/* address: the bytes of some struct sockaddr. */
int clinux_reactor_bind(int fd, const void *address, uint32_t length);
int clinux_reactor_connect(int fd, const void *address, uint32_t length);
/* The TCP port that the socket is bound to; 0 for what has none. */
int clinux_reactor_local_port(int fd);
int clinux_reactor_set_option(int fd, int level, int option, int value);
int clinux_reactor_take_socket_error(int fd);

/* Writes the signal's number as one byte to fd whenever it arrives. exec resets the handler. */
int clinux_reactor_signal_forward(int signal, int fd);
/* What was done about the signal before it was forwarded is done again. */
int clinux_reactor_signal_release(int signal);
/* A handler that does nothing: unlike SIG_IGN, exec resets it. */
int clinux_reactor_signal_swallow(int signal);

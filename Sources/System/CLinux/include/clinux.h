#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Calls and constants that Swift's Glibc module cannot see, because it is built without _GNU_SOURCE. No policy here. */

int clinux_pidfd_open(pid_t pid, unsigned flags);
int clinux_pidfd_send_signal(int pidfd, int sig);
int clinux_pipe2(int ends[2], int flags);

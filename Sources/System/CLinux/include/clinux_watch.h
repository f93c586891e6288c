#pragma once

/* inotify(7): a non-blocking descriptor that is readable when a file in the directory was written, made or renamed. */
int clinux_watch_directory(const char *path);
/* inotify(7): a non-blocking descriptor of events, and a directory whose names it tells of. */
int clinux_watch_new(void);
int clinux_watch_add(int watch, const char *path);

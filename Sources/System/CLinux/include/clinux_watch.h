#pragma once

/* inotify(7): a non-blocking descriptor that is readable when a file in the directory was written, made or renamed. */
int clinux_watch_directory(const char *path);

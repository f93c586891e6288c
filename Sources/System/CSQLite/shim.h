#pragma once
#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast of -1, which Swift cannot import: SQLite copies what is bound. */
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

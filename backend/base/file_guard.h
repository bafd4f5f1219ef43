/*
 * Mapped files that another program cuts short while they are mapped. What is read beyond the new
 * end is zero, where the system would end the program (SIGBUS), and whoever maps the file can ask
 * afterwards whether that has happened. Any thread.
 */
#ifndef TINSEQ_BACKEND_FILE_GUARD_H
#define TINSEQ_BACKEND_FILE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Guards n bytes from the start of a page on. The first call installs a handler of SIGBUS; what it
 * does not understand goes to the one that was there. Of more than a few hundred ranges at a time,
 * the last are not guarded. */
void file_guard_watch(const void *data, size_t n);
/* After a library was loaded that may have put a handler of its own there: the guard's comes first
 * again. */
void file_guard_stand_first(void);
/* Before the range is unmapped. */
void file_guard_forget(const void *data);
/* Whether something of the range was missing when it was read. */
bool file_guard_missed(const void *data);

/* For handlers of SIGBUS that stand before the guard's own: true when the address lay in a guarded
 * range, and the instruction can be repeated. Async-signal-safe. */
bool file_guard_absorb(const void *address);

#endif

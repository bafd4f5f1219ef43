/*
 * One process at a time in a folder. The lock is the kernel's on the open file (F_OFD_SETLK, which
 * NFS hands to its server): it goes with the process, however that ends. The file names who holds
 * it. Where the file system has no locks (Lustre without -o flock, some FUSE), it is the file
 * itself: one of a process of this machine that does not run any more is taken over; of one on
 * another machine that cannot be told, and the person is asked. Internal to app/dataset. Any
 * thread.
 */
#ifndef TINSEQ_APP_RUN_LOCK_H
#define TINSEQ_APP_RUN_LOCK_H

#include "backend/base/err.h"

#include <stdbool.h>

struct run_lock;

enum lock_kind { LOCK_BEST, LOCK_BY_NAME }; /* the kernel's where there is one; the file alone */

/* Locks the folder, which is made where it is not there. Errors: USAGE (who holds it), IO. */
enum err_code run_lock_take(struct run_lock **out, const char *folder, enum lock_kind kind,
                            struct err *e) ERR_CHECKED;
/* Whether the file system has locks. */
bool run_lock_is_kernels(const struct run_lock *l);
/* Lets go of it; `remove`: the lock's file goes too, and the folder if nothing else is in it. NULL
 * is legal. */
void run_lock_drop(struct run_lock *l, bool remove);

#endif

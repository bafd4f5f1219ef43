/*
 * The runs: those of this session and those kept in ${XDG_STATE_HOME:-~/.local/state}/tinseq/runs.
 * A run is two files of one name: NAME.json is the result as -o writes it, with what refills the
 * form in info.tinseq.run; NAME.run is a small JSON object with what the list shows, so that
 * starting does not read results. Either may be missing or damaged: the run is then listed with
 * what is wrong. NAME.run is there from the run's beginning: without a result and without the
 * process that began it, the run was lost. Interface thread only.
 */
#ifndef TINSEQ_APP_RUN_STORE_H
#define TINSEQ_APP_RUN_STORE_H

#include "app/files/result_rows.h"
#include "backend/base/err.h"
#include "methods/request/attribute.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define RUN_STATUSES(X) \
    X(RUNNING, "running") X(DONE, "done") X(CANCELLED, "cancelled") \
    X(FAILED, "failed") X(DAMAGED, "damaged") X(UNREAD, "not read") X(LOST, "lost")
/* clang-format on */
enum run_status {
#define X(name, text) RUN_##name,
    RUN_STATUSES(X)
#undef X
        RUN_STATUS_COUNT
};
const char *run_status_name(enum run_status status);

struct run_look {
    bool known;
    int order; /* enum map_order */
    size_t row;
    int64_t column, layer, head;
    int sinks; /* enum sinks_choice */
};

struct run {
    int64_t number;
    char *name, *model, *error; /* given by the person; NULL: none */
    char *path;                 /* of NAME.json; NULL: not kept (yet, or a failed run) */
    char *begun;                /* of NAME.run, which says that it runs; NULL: it is over */
    bool untold;                /* LOST, and nobody was told yet */
    bool foreign;               /* a file opened from elsewhere: not ours to rename or delete */
    struct attribute_request request;
    char *foil; /* printable form of the foil token, NULL: none */
    enum run_status status;
    int64_t started; /* seconds since 1970 */
    double seconds;  /* negative: not known */
    int64_t n_rows, n_columns;
    struct attribution *result; /* NULL: not loaded, or nothing came */
    struct result_rows *rows;   /* of a file from elsewhere: its texts; NULL: it is none */
    size_t i_text;              /* the one that is shown, of them */
    uint64_t used;              /* when it was last looked at */
    struct run_look look;       /* where one was when it was last on the map */
};

struct saver;

#define RUN_DELETED_DAYS 7

struct run_store {
    char *folder;
    struct saver *saver; /* borrowed; NULL: results are written at once */
    struct run **runs;   /* newest first */
    size_t n;
    struct run **deleted; /* in this session, the last one last: none of `runs` */
    size_t n_deleted;
    int64_t next_number;
    uint64_t clock; /* for `used` */
};

/* Lists what the folder holds (it need not exist). Damaged files are listed as DAMAGED, results
 * without their small file as UNREAD, runs that a killed process left as LOST. */
void run_store_open(struct run_store *s, const char *folder);
void run_store_close(struct run_store *s);
/* A new run, RUNNING, at the head of the list. Borrowed until it is deleted. */
struct run *run_store_add(struct run_store *s, const char *model,
                          const struct attribute_request *request, int64_t now);
/* The run begins: should the program be killed, the next one knows of it, unless the folder cannot
 * be written, which run_store_save says. */
void run_store_begin(struct run_store *s, struct run *r);
/* It is over and left no result. */
void run_store_drop(struct run *r);
/* Of a LOST run, the person knows now. */
void run_store_told(struct run *r);
/* A file from elsewhere at the head of the list, with its first text; `rows` are taken. Errors: as
 * of result_rows_load. */
enum err_code run_store_add_file(struct run **out, struct run_store *s, const char *path,
                                 struct result_rows *rows, struct err *e) ERR_CHECKED;
/* How many texts it has. */
size_t run_texts(const struct run *r);
/* Loads the i-th text of such a file in the place of the one that is there. Errors: as of
 * result_rows_load, and it stays. */
enum err_code run_store_text(struct run_store *s, struct run *r, size_t i,
                             struct err *e) ERR_CHECKED;
/* Writes both files, or lets the saver do it: the result must not change any more. The run keeps
 * its result in memory if that fails. Errors: IO. */
enum err_code run_store_save(struct run_store *s, struct run *r, struct err *e) ERR_CHECKED;
/* The saver could not write this path: the run is kept in memory only. Returns it, NULL if it is
 * gone. */
struct run *run_store_failed(struct run_store *s, const char *path);
/* Loads the result if it is not in memory, and frees those not looked at for long. A damaged file
 * becomes DAMAGED with its error. */
enum err_code run_store_load(struct run_store *s, struct run *r, struct err *e) ERR_CHECKED;
enum err_code run_store_rename(struct run_store *s, struct run *r, const char *name,
                               struct err *e) ERR_CHECKED;
/* Takes the run off the list and its files into the folder's own `deleted/`, where they stay for
 * RUN_DELETED_DAYS; `r` is none of the list's afterwards, unless that fails. Errors: IO. */
enum err_code run_store_delete(struct run_store *s, struct run *r, struct err *e) ERR_CHECKED;
/* The run that was deleted last, also in an earlier session, is whole and in its place again.
 * *out: NULL where there is none. Errors: IO. */
enum err_code run_store_undelete(struct run **out, struct run_store *s, struct err *e) ERR_CHECKED;
/* For a LOST run that another one has replaced: nothing is left of it. */
void run_store_forget(struct run_store *s, struct run *r);
/* Removes the files of `deleted/` whose days are over. */
void run_store_purge(const struct run_store *s);

/* "integrated gradients" for lists: the method's title, or what the file says. Borrowed. */
const char *run_method(const struct run *r);
/* The function that it explains, NULL: its method explains none. Borrowed. */
const char *run_function(const struct run *r);

/* --- for run_deleted.c --- */

/* NAME.run beside NAME.json, owned by the caller. */
char *run_beside(const char *path);
void run_free(struct run *r);
/* Takes the run into the list. */
void run_store_insert(struct run_store *s, size_t at, struct run *r);
/* Lists a result of the folder at the end. */
void run_store_list(struct run_store *s, const char *leaf);
/* Before a run's files are read, renamed or removed. */
void run_store_settle(struct run_store *s);

#endif

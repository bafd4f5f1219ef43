#include "app/dataset/journal.h"

#include "app/dataset/sqlite.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct journal {
    const struct sqlite *lib;
    sqlite3 *db;
    char *path;
};

/* "tseq": what a file of SQLite is for. */
#define APPLICATION "1953719665"

/* In a new file, and in one that is there. */
static const char settings[] = "PRAGMA locking_mode=EXCLUSIVE;"
                               "PRAGMA journal_mode=WAL;";
static const char tables[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS batches (place INTEGER PRIMARY KEY, number INTEGER UNIQUE NOT NULL,"
    " first_row INTEGER NOT NULL, n_rows INTEGER NOT NULL, n_failed INTEGER NOT NULL,"
    " at INTEGER NOT NULL, n INTEGER NOT NULL, failed_at INTEGER NOT NULL,"
    " failed_n INTEGER NOT NULL, sum INTEGER NOT NULL);"
    "PRAGMA application_id=" APPLICATION ";"
    "COMMIT;";

/* What SQLite says went wrong. */
static enum err_code failed(const struct journal *j, struct err *e) {
    const int number = j->db ? j->lib->errcode(j->db) & 0xFF : SQLITE_NOMEM;
    const char *why = j->db ? j->lib->errmsg(j->db) : "out of memory";
    if (number == SQLITE_NOTADB || number == SQLITE_CORRUPT || number == SQLITE_ERROR)
        return err_set(e, ERR_FORMAT, "%.200s is damaged (%.150s): remove its folder to begin anew",
                       j->path, why);
    return err_set(e, ERR_IO, "%.200s: %.200s", j->path, why);
}

static enum err_code execute(struct journal *j, const char *sql, struct err *e) {
    return j->lib->exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : failed(j, e);
}

enum err_code journal_open(struct journal **out, const char *path, bool locks, struct err *e) {
    struct journal *j = mem_alloc(sizeof *j);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    enum err_code code = ERR_OK;
    *out = NULL;
    j->path = mem_text(path);
    j->lib = sqlite_open(e);
    if (!j->lib) {
        code = ERR_UNSUPPORTED;
        goto out;
    }
    if (j->lib->open_v2(path, &j->db, flags, locks ? NULL : "unix-none") != SQLITE_OK) {
        code = failed(j, e);
        goto out;
    }
    code = execute(j, settings, e);
    if (code)
        goto out;
    code = execute(j, tables, e);
out:
    if (code)
        journal_close(j);
    else
        *out = j;
    return code;
}

void journal_close(struct journal *j) {
    if (!j)
        return;
    if (j->db)
        (void)j->lib->close(j->db);
    free(j->path);
    free(j);
}

static enum err_code prepare(sqlite3_stmt **out, struct journal *j, const char *sql,
                             struct err *e) {
    *out = NULL;
    return j->lib->prepare_v2(j->db, sql, -1, out, NULL) == SQLITE_OK ? ERR_OK : failed(j, e);
}

/* Runs a statement that gives no rows; it is freed. */
static enum err_code run_take(struct journal *j, sqlite3_stmt *s, struct err *e) {
    enum err_code code = j->lib->step(s) == SQLITE_DONE ? ERR_OK : failed(j, e);
    (void)j->lib->finalize(s);
    return code;
}

enum err_code journal_text(char **out, struct journal *j, const char *name, struct err *e) {
    sqlite3_stmt *s;
    *out = NULL;
    enum err_code code = prepare(&s, j, "SELECT value FROM about WHERE name = ?", e);
    if (code)
        return code;
    (void)j->lib->bind_text(s, 1, name, -1, SQLITE_STATIC);
    const int status = j->lib->step(s);
    if (status == SQLITE_ROW)
        *out = mem_text((const char *)j->lib->column_text(s, 0));
    else if (status != SQLITE_DONE)
        code = failed(j, e);
    (void)j->lib->finalize(s);
    return code;
}

enum err_code journal_keep(struct journal *j, const char *name, const char *text, struct err *e) {
    sqlite3_stmt *s;
    enum err_code code = prepare(&s, j, "INSERT OR REPLACE INTO about VALUES (?, ?)", e);
    if (code)
        return code;
    (void)j->lib->bind_text(s, 1, name, -1, SQLITE_STATIC);
    (void)j->lib->bind_text(s, 2, text, -1, SQLITE_STATIC);
    return run_take(j, s, e);
}

enum err_code journal_forget(struct journal *j, struct err *e) {
    return execute(j, "BEGIN; DELETE FROM batches; DELETE FROM about; COMMIT", e);
}

#define COLUMNS 9 /* of a batch, as the table has them */

static enum err_code insert(struct journal *j, const struct journal_batch *b, struct err *e) {
    const int64_t values[COLUMNS] = {b->number, b->first_row, b->n_rows,   b->n_failed, b->at,
                                     b->n,      b->failed_at, b->failed_n, b->sum};
    sqlite3_stmt *s;
    enum err_code code =
        prepare(&s, j, "INSERT INTO batches VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", e);
    if (code)
        return code;
    for (int i = 0; i < COLUMNS; i++)
        (void)j->lib->bind_int64(s, i + 1, values[i]);
    return run_take(j, s, e);
}

static enum err_code add_all(struct journal *j, const struct journal_batch *b, const char *above,
                             bool on_disk, struct err *e) {
    enum err_code code = insert(j, b, e);
    if (code)
        return code;
    if (above)
        code = journal_keep(j, "above", above, e);
    if (code)
        return code;
    if (on_disk)
        code =
            execute(j, "INSERT OR REPLACE INTO about SELECT 'on disk', MAX(place) FROM batches", e);
    return code ? code : execute(j, "COMMIT", e);
}

/* FULL: a commit is on the disk when it returns; NORMAL: with the system. */
enum err_code journal_add(struct journal *j, const struct journal_batch *b, const char *above,
                          bool on_disk, struct err *e) {
    enum err_code code =
        execute(j, on_disk ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", e);
    if (code)
        return code;
    code = execute(j, "BEGIN IMMEDIATE", e);
    if (code)
        return code;
    code = add_all(j, b, above, on_disk, e);
    if (code)
        (void)j->lib->exec(j->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

enum err_code journal_on_disk(int64_t *n, struct journal *j, struct err *e) {
    char *text;
    enum err_code code = journal_text(&text, j, "on disk", e);
    *n = text ? atoll(text) : 0;
    free(text);
    return code;
}

enum err_code journal_cut(struct journal *j, int64_t n, struct err *e) {
    char *sql = mem_format("DELETE FROM batches WHERE place > %lld", (long long)n);
    enum err_code code = execute(j, sql, e);
    free(sql);
    return code;
}

static struct journal_batch read_batch(struct journal *j, sqlite3_stmt *s) {
    int64_t v[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        v[i] = j->lib->column_int64(s, i);
    return (struct journal_batch){v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]};
}

enum err_code journal_each(struct journal *j,
                           enum err_code (*each)(void *user, const struct journal_batch *b,
                                                 struct err *e),
                           void *user, struct err *e) {
    sqlite3_stmt *s;
    int status;
    enum err_code code = prepare(&s, j,
                                 "SELECT number, first_row, n_rows, n_failed, at, n, failed_at,"
                                 " failed_n, sum FROM batches ORDER BY place",
                                 e);
    if (code)
        return code;
    while (!code && (status = j->lib->step(s)) != SQLITE_DONE) {
        const struct journal_batch b = read_batch(j, s);
        code = status == SQLITE_ROW ? each(user, &b, e) : failed(j, e);
    }
    (void)j->lib->finalize(s);
    return code;
}

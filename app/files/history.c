#include "app/files/history.h"

#include "backend/base/file.h"
#include "backend/base/json.h"
#include "backend/base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the file: a character may take six bytes there. */
#define MOST_FILE (8 * HISTORY_MOST_BYTES)

static void drop(struct history *h, size_t i) {
    struct history_entry *entry = &h->items[i];
    h->bytes -= strlen(entry->name) + strlen(entry->text);
    free(entry->name);
    free(entry->text);
    memmove(entry, entry + 1, (--h->n - i) * sizeof *entry);
}

/* The newest; the same text of before goes, and of too many the oldest. Both are taken. */
static void push_take(struct history *h, char *name, char *text) {
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->items[i].text, text) == 0 && strcmp(h->items[i].name, name) == 0) {
            drop(h, i);
            break;
        }
    h->bytes += strlen(name) + strlen(text);
    h->items = mem_resize(h->items, (h->n + 1) * sizeof *h->items);
    h->items[h->n++] = (struct history_entry){name, text};
    while (h->n > HISTORY_MOST || h->bytes > HISTORY_MOST_BYTES)
        drop(h, 0);
}

static bool is_kept(const char *text, size_t n) {
    return n > 0 && n <= HISTORY_MOST_TEXT && *text;
}

/* --- reading --- */

static bool fits(const struct json_value *name, const struct json_value *text) {
    return name && text && name->type == JSON_STRING && text->type == JSON_STRING &&
           is_kept(name->text, name->n_text) && is_kept(text->text, text->n_text);
}

/* The last HISTORY_MOST entries; what is none is left out. */
static void read_entries(struct history *h, const struct json_value *list) {
    size_t skipped = list->n_members > HISTORY_MOST ? list->n_members - HISTORY_MOST : 0;
    for (const struct json_value *v = list->first; v; v = v->next) {
        const struct json_value *name = json_get(v, "name"), *text = json_get(v, "text");
        if (skipped > 0)
            skipped--;
        else if (fits(name, text))
            push_take(h, mem_text_n(name->text, name->n_text),
                      mem_text_n(text->text, text->n_text));
    }
}

static enum err_code read_text(struct history *h, const char *data, size_t n, struct err *e) {
    struct json_document *d;
    enum err_code code = json_parse(&d, data, n, e);
    if (code)
        return code;
    const struct json_value *list = json_get(json_root(d), "typed");
    if (list && list->type == JSON_ARRAY)
        read_entries(h, list);
    else
        code = err_set(e, ERR_FORMAT, "it has no list \"typed\"");
    json_free(d);
    return code;
}

static enum err_code read_file(struct history *h, const char *path, struct err *e) {
    char *data;
    size_t n;
    if (!path || !file_is_there(path))
        return ERR_OK;
    enum err_code code = file_read(&data, &n, path, MOST_FILE, e);
    if (code)
        return code;
    if (n > 0)
        code = read_text(h, data, n, e);
    free(data);
    return code;
}

/* A damaged file stands aside, so that the next one does not write over it. */
static enum err_code put_aside(const char *path, const struct err *why, struct err *e) {
    char *aside = mem_format("%s.damaged", path);
    const bool moved = rename(path, aside) == 0;
    const enum err_code code = err_set(e, why->code, "%s is damaged (%s)%s%s", path, why->message,
                                       moved ? ": it is now " : "", moved ? aside : "");
    free(aside);
    return code;
}

enum err_code history_open(struct history *h, const char *path, struct err *e) {
    struct err inner;
    *h = (struct history){.path = mem_text(path)};
    const enum err_code code = read_file(h, path, &inner);
    if (code == ERR_FORMAT)
        return put_aside(path, &inner, e);
    return code ? err_set(e, code, "%s", inner.message) : ERR_OK;
}

void history_dispose(struct history *h) {
    while (h->n)
        drop(h, h->n - 1);
    free(h->items);
    free(h->path);
    *h = (struct history){0};
}

/* --- adding --- */

/* What other sessions have added since; what of ours they do not have is newer. */
static void take_others(struct history *h) {
    struct history theirs = {0};
    struct err ignored;
    if (read_file(&theirs, h->path, &ignored) == ERR_OK && theirs.n > 0) {
        for (size_t i = 0; i < theirs.n; i++)
            push_take(h, mem_text(theirs.items[i].name), mem_text(theirs.items[i].text));
    }
    history_dispose(&theirs);
}

static char *as_json(const struct history *h) {
    struct text_buffer b = {0};
    text_buffer_puts(&b, "{\"typed\": [");
    for (size_t i = 0; i < h->n; i++) {
        text_buffer_puts(&b, i ? ",\n{\"name\": " : "\n{\"name\": ");
        json_write_string(&b, h->items[i].name, strlen(h->items[i].name));
        text_buffer_puts(&b, ", \"text\": ");
        json_write_string(&b, h->items[i].text, strlen(h->items[i].text));
        text_buffer_puts(&b, "}");
    }
    text_buffer_puts(&b, "\n]}\n");
    return text_buffer_take(&b);
}

/* A file that is written anew keeps its mode: this one begins as its owner's alone. */
static void make_private(const char *path) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

static enum err_code save(const struct history *h, struct err *e) {
    if (!h->path)
        return ERR_OK;
    char *folder = file_folder(h->path), *text = as_json(h);
    enum err_code code = file_make_folders(folder, e);
    if (code)
        goto out;
    make_private(h->path);
    code = file_write(h->path, text, strlen(text), e);
out:
    free(folder);
    free(text);
    return code;
}

enum err_code history_add(struct history *h, const struct history_entry *items, size_t n,
                          struct err *e) {
    take_others(h);
    for (size_t i = 0; i < n; i++)
        if (items[i].text && is_kept(items[i].text, strlen(items[i].text)))
            push_take(h, mem_text(items[i].name), mem_text(items[i].text));
    return save(h, e);
}

const char *history_text(const struct history *h, const char *name, size_t i) {
    for (size_t k = h->n; k > 0; k--)
        if (strcmp(h->items[k - 1].name, name) == 0 && i-- == 0)
            return h->items[k - 1].text;
    return NULL;
}

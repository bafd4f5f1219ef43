#include "app/statistics/table.h"

#include "app/dataset/dataset.h"
#include "app/statistics/fields.h"
#include "backend/base/mem.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct keyed {
    char *key, *json;
    int64_t line;
    bool used;
};

struct stats_table {
    const char *paths[1], *key;
    struct dataset *rows;
    int64_t n_taken;
    struct keyed **items; /* [n], of a key */
    size_t n;
    void *tree;
};

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

static void keep(void *p) {
    (void)p; /* the list frees it */
}

void stats_table_close(struct stats_table *t) {
    if (!t)
        return;
    tdestroy(t->tree, keep);
    for (size_t i = 0; i < t->n; i++) {
        free(t->items[i]->key);
        free(t->items[i]->json);
        free(t->items[i]);
    }
    free(t->items);
    dataset_close(t->rows);
    free(t);
}

/* The next row, in order. */
static enum err_code next_row(const struct data_row **out, struct stats_table *t, struct err *e) {
    enum err_code code = dataset_next(out, t->rows, e);
    if (!code && *out && (*out)->problem)
        code = err_set(e, ERR_FORMAT, "%.200s, line %lld: %.200s", t->paths[0],
                       (long long)(*out)->line, (*out)->problem);
    return code;
}

static enum err_code add_keyed(struct stats_table *t, const struct data_row *row, struct err *e) {
    struct keyed *item = mem_alloc(sizeof *item);
    (void)data_row_text(&item->key, row, t->key);
    item->json = data_row_json(row);
    item->line = row->line;
    if (!item->key)
        item->key = mem_text("");
    t->items = mem_resize(t->items, (t->n + 1) * sizeof *t->items);
    t->items[t->n++] = item;
    struct keyed **found = tsearch(item, &t->tree, by_key);
    if (*found == item)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "%.200s: lines %lld and %lld both have %.60s \"%.60s\"",
                   t->paths[0], (long long)(*found)->line, (long long)item->line, t->key,
                   item->key);
}

static enum err_code read_keyed(struct stats_table *t, struct err *e) {
    const struct dataset_form form = {0};
    const struct data_column column = {.name = t->key};
    const struct data_row *row;
    enum err_code code = dataset_check(t->paths, 1, &form, &column, 1, e);
    if (code)
        return code;
    while (!(code = next_row(&row, t, e)) && row)
        if ((code = add_keyed(t, row, e)))
            break;
    return code;
}

enum err_code stats_table_open(struct stats_table **out, const char *path, const char *key,
                               struct err *e) {
    struct stats_table *t = mem_alloc(sizeof *t);
    const struct dataset_form form = {0};
    *out = NULL;
    *t = (struct stats_table){.paths = {path}, .key = key};
    enum err_code code = dataset_open(&t->rows, t->paths, 1, &form, e);
    if (!code && key)
        code = read_keyed(t, e);
    if (code)
        stats_table_close(t);
    else
        *out = t;
    return code;
}

static enum err_code find_keyed(char **out, struct stats_table *t, const struct result_info *info,
                                struct err *e) {
    struct stats_fields own;
    stats_fields_read(&own, info, NULL);
    char *key = stats_field(&own, t->key), *names = stats_field_names(&own);
    const struct keyed wanted = {.key = key};
    struct keyed **found = key ? tfind(&wanted, &t->tree, by_key) : NULL;
    enum err_code code = ERR_OK;
    if (found) {
        (*found)->used = true;
        *out = mem_text((*found)->json);
    } else if (key)
        code = err_set(e, ERR_USAGE, "%.200s has no row with %.60s \"%.60s\"", t->paths[0], t->key,
                       key);
    else
        code = err_set(e, ERR_USAGE, "--key %.60s: the text has none; there are %.200s", t->key,
                       names);
    stats_fields_dispose(&own);
    free(key);
    free(names);
    return code;
}

enum err_code stats_table_find(char **out, struct stats_table *t, const struct result_info *info,
                               struct err *e) {
    const struct data_row *row;
    *out = NULL;
    if (t->key)
        return find_keyed(out, t, info, e);
    enum err_code code = next_row(&row, t, e);
    if (code)
        return code;
    if (!row)
        return err_set(e, ERR_USAGE,
                       "%.200s has %lld rows, and there are more texts: rows are those of the "
                       "texts in their order, unless --key names a column that both have",
                       t->paths[0], (long long)t->n_taken);
    t->n_taken++;
    *out = data_row_json(row);
    return ERR_OK;
}

void stats_table_pass(struct stats_table *t) {
    const struct data_row *row;
    struct err ignored;
    if (!t->key && next_row(&row, t, &ignored) == ERR_OK && row)
        t->n_taken++;
}

size_t stats_table_left(struct stats_table *t) {
    const struct data_row *row;
    struct err ignored;
    size_t left = 0;
    for (size_t i = 0; i < t->n; i++)
        left += !t->items[i]->used;
    while (!t->key && next_row(&row, t, &ignored) == ERR_OK && row)
        left++;
    return left;
}

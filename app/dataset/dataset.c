#include "app/dataset/dataset.h"

#include "app/dataset/csv.h"
#include "app/dataset/json_rows.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t)16 << 20)

struct dataset {
    const char *const *files;
    size_t n_files, i_file; /* the one that is read; n_files: all are */
    struct dataset_form form;
    struct csv_form csv;
    enum dataset_format format; /* of this file */
    struct data_bytes *bytes;
    struct csv_record record;
    struct json_row object;
    char **names; /* [n_names] of this file's columns */
    size_t n_names;
    char *problem;
    struct data_row row;
    int64_t n_rows, n_blank;
};

enum dataset_format dataset_format_of(const char *path) {
    static const struct {
        const char *ending;
        enum dataset_format format;
    } endings[] = {{".csv", DATASET_CSV},     {".csv.gz", DATASET_CSV},    {".tsv", DATASET_TSV},
                   {".tsv.gz", DATASET_TSV},  {".tab", DATASET_TSV},       {".jsonl", DATASET_JSON},
                   {".ndjson", DATASET_JSON}, {".jsonl.gz", DATASET_JSON}, {".json", DATASET_JSON},
                   {".json.gz", DATASET_JSON}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_with(path, endings[i].ending))
            return endings[i].format;
    return DATASET_BY_ENDING;
}

/* --- a file's columns --- */

static void forget_names(struct dataset *d) {
    for (size_t i = 0; i < d->n_names; i++)
        free(d->names[i]);
    free(d->names);
    d->names = NULL;
    d->n_names = 0;
}

/* A column without a name (as pandas writes its index) cannot be asked for, and may be there more
 * than once. */
static enum err_code add_name(struct dataset *d, const char *name, struct err *e) {
    for (size_t i = 0; i < d->n_names; i++)
        if (*name && strcmp(d->names[i], name) == 0)
            return err_set(e, ERR_FORMAT, "%.200s: two columns are called \"%.100s\"",
                           d->files[d->i_file], name);
    d->names = mem_resize(d->names, (d->n_names + 1) * sizeof *d->names);
    d->names[d->n_names++] = mem_text(name);
    return ERR_OK;
}

/* The next record that is no blank line. */
static bool next_record(struct dataset *d) {
    while (csv_next(&d->record, d->bytes, &d->csv)) {
        if (!d->record.blank)
            return true;
        d->n_blank++;
    }
    return false;
}

static enum err_code read_header(struct dataset *d, struct err *e) {
    const char *path = d->files[d->i_file];
    if (!next_record(d))
        return err_set(e, ERR_FORMAT, "%.200s is empty: its first line should name the columns",
                       path);
    if (d->record.problem)
        return err_set(e, ERR_FORMAT, "%.200s, line %lld: %.200s", path, (long long)d->record.line,
                       d->record.problem);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < d->record.n && !code; i++)
        code = add_name(d, csv_field(&d->record, i), e);
    return code;
}

static enum err_code take_names(struct dataset *d, struct err *e) {
    enum err_code code = ERR_OK;
    if (d->format == DATASET_JSON)
        return ERR_OK;
    if (!d->form.n_names)
        return read_header(d, e);
    for (size_t i = 0; i < d->form.n_names && !code; i++)
        code = add_name(d, d->form.names[i], e);
    return code;
}

/* --- one file after another --- */

static void close_file(struct dataset *d) {
    data_bytes_close(d->bytes);
    d->bytes = NULL;
    d->n_blank += d->object.n_blank;
    json_row_dispose(&d->object);
    forget_names(d);
}

static enum err_code open_file(struct dataset *d, struct err *e) {
    const char *path = d->files[d->i_file];
    d->format = d->form.format ? d->form.format : dataset_format_of(path);
    if (d->format == DATASET_BY_ENDING)
        return err_set(e, ERR_USAGE,
                       "%.200s: its ending says no format: .csv, .tsv, .jsonl or .json, or "
                       "--dataset_name csv --dataset_files FILE",
                       path);
    const char usual = d->format == DATASET_TSV ? '\t' : ',';
    d->csv = (struct csv_form){.separator = d->form.separator ? d->form.separator : usual,
                               .quote = d->form.quote ? d->form.quote : '"',
                               .most = d->form.most};
    if (d->form.no_quotes)
        d->csv.quote = '\0';
    enum err_code code = data_bytes_open(&d->bytes, path, e);
    return code ? code : take_names(d, e);
}

enum err_code dataset_open(struct dataset **out, const char *const *files, size_t n,
                           const struct dataset_form *form, struct err *e) {
    struct dataset *d = mem_alloc(sizeof *d);
    *out = NULL;
    d->files = files;
    d->n_files = n;
    d->form = *form;
    d->form.most = form->most ? form->most : MOST_BYTES;
    enum err_code code = n ? open_file(d, e) : ERR_OK;
    if (code)
        dataset_close(d);
    else
        *out = d;
    return code;
}

void dataset_close(struct dataset *d) {
    if (!d)
        return;
    close_file(d);
    csv_record_dispose(&d->record);
    free(d->problem);
    free(d);
}

int64_t dataset_blank(const struct dataset *d) {
    return d->n_blank + d->object.n_blank;
}

/* --- rows --- */

/* "its field 3" is the column's name by now. */
static void take_record(struct dataset *d) {
    const struct csv_record *r = &d->record;
    d->row.line = r->line;
    if (r->problem)
        mem_replace(&d->problem, mem_text(r->problem));
    else if (r->n != d->n_names)
        mem_replace(&d->problem, mem_format("it has %zu field%s, and there are %zu columns", r->n,
                                            r->n == 1 ? "" : "s", d->n_names));
}

static void take_object(struct dataset *d) {
    d->row.line = d->object.line;
    mem_replace(&d->problem, mem_text(d->object.problem));
}

/* Of the file that is open; false: it has no more. */
static bool next_of_file(struct dataset *d) {
    const bool json = d->format == DATASET_JSON;
    mem_replace(&d->problem, NULL);
    if (json ? !json_row_next(&d->object, d->bytes, d->form.most) : !next_record(d))
        return false;
    if (json)
        take_object(d);
    else
        take_record(d);
    d->row.file = d->files[d->i_file];
    d->row.problem = d->problem;
    d->row.of = d;
    d->row.index = d->n_rows++;
    return true;
}

static enum err_code next_file(struct dataset *d, struct err *e) {
    enum err_code code = data_bytes_ended(d->bytes, e);
    close_file(d);
    if (code)
        return code;
    return ++d->i_file < d->n_files ? open_file(d, e) : ERR_OK;
}

enum err_code dataset_next(const struct data_row **out, struct dataset *d, struct err *e) {
    *out = NULL;
    while (d->bytes) {
        if (next_of_file(d)) {
            *out = &d->row;
            return ERR_OK;
        }
        enum err_code code = next_file(d, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* --- fields --- */

/* The field of that name, or along the dots of it. */
static const struct json_value *find_value(const struct json_value *object, const char *name) {
    const struct json_value *found = json_get(object, name);
    for (const char *dot = name; !found && (dot = strchr(dot, '.')); dot++) {
        char *first = mem_text_n(name, (size_t)(dot - name));
        const struct json_value *inner = json_get(object, first);
        if (inner && inner->type == JSON_OBJECT)
            found = find_value(inner, dot + 1);
        free(first);
    }
    return found;
}

static enum data_kind value_text(char **out, const struct json_value *v) {
    static const enum data_kind kinds[] = {
        [JSON_NULL] = DATA_NULL,     [JSON_FALSE] = DATA_FLAG,  [JSON_TRUE] = DATA_FLAG,
        [JSON_NUMBER] = DATA_NUMBER, [JSON_STRING] = DATA_TEXT, [JSON_ARRAY] = DATA_NESTED,
        [JSON_OBJECT] = DATA_NESTED};
    struct text_buffer b = {0};
    if (v->type == JSON_NULL)
        return DATA_NULL;
    if (v->type == JSON_STRING)
        text_buffer_add(&b, v->text, v->n_text);
    else
        json_write_flat(&b, v);
    *out = text_buffer_take(&b);
    return kinds[v->type];
}

static size_t column_of(const struct dataset *d, const char *name) {
    size_t i = 0;
    while (i < d->n_names && (!*name || strcmp(d->names[i], name) != 0))
        i++;
    return i;
}

enum data_kind data_row_text(char **out, const struct data_row *row, const char *name) {
    const struct dataset *d = row->of;
    *out = NULL;
    if (row->problem)
        return DATA_MISSING;
    if (d->format == DATASET_JSON) {
        const struct json_value *v = find_value(json_root(d->object.document), name);
        return v ? value_text(out, v) : DATA_MISSING;
    }
    const size_t i = column_of(d, name);
    if (i == d->n_names)
        return DATA_MISSING;
    *out = mem_text(csv_field(&d->record, i));
    return DATA_TEXT;
}

char *data_row_json(const struct data_row *row) {
    const struct dataset *d = row->of;
    struct text_buffer b = {0};
    if (!row->problem && d->format == DATASET_JSON)
        json_write_flat(&b, json_root(d->object.document));
    if (row->problem || d->format == DATASET_JSON)
        return b.n ? text_buffer_take(&b) : mem_text("{}");
    for (size_t i = 0; i < d->n_names; i++)
        if (*d->names[i])
            json_put_string(&b, d->names[i], csv_field(&d->record, i));
    return json_take_object(&b);
}

/* --- looking ahead --- */

static void put_names(struct text_buffer *b, const struct dataset *d) {
    const bool json = d->format == DATASET_JSON;
    for (size_t i = 0; i < d->n_names; i++)
        text_buffer_format(b, "%s%s", b->n ? ", " : "", d->names[i]);
    for (const struct json_value *v = json ? json_root(d->object.document)->first : NULL; v;
         v = v->next)
        text_buffer_format(b, "%s%.*s", b->n ? ", " : "", (int)v->n_key, v->key);
}

static enum err_code no_column(const struct dataset *d, const char *name, struct err *e) {
    struct text_buffer b = {0};
    put_names(&b, d);
    (void)err_set(e, ERR_USAGE, "%.150s has no %s \"%.80s\"; it has: %.200s", d->files[d->i_file],
                  d->format == DATASET_JSON ? "field" : "column", name, b.text ? b.text : "none");
    text_buffer_dispose(&b);
    return ERR_USAGE;
}

/* The first good row of JSON, which has what all should have. */
static enum err_code find_good(bool *found, struct dataset *d, struct err *e) {
    char first[200] = "";
    int64_t line = 0;
    *found = d->format != DATASET_JSON;
    if (*found)
        return ERR_OK;
    for (int i = 0; i < 100 && next_of_file(d); i++) {
        *found = !d->problem;
        if (*found)
            return ERR_OK;
        if (!*first) {
            snprintf(first, sizeof first, "%s", d->problem);
            line = d->row.line;
        }
    }
    enum err_code code = data_bytes_ended(d->bytes, e);
    if (code || !*first)
        return code;
    return err_set(e, ERR_FORMAT, "%.150s: no row of its beginning can be read; line %lld: %.200s",
                   d->files[d->i_file], (long long)line, first);
}

static bool has_column(const struct dataset *d, const struct data_column *c) {
    if (d->format != DATASET_JSON)
        return column_of(d, c->name) < d->n_names;
    return c->optional || find_value(json_root(d->object.document), c->name);
}

static enum err_code check_file(struct dataset *d, const struct data_column *columns, size_t n,
                                struct err *e) {
    bool found;
    enum err_code code = find_good(&found, d, e);
    for (size_t i = 0; i < n && found && !code; i++)
        if (!has_column(d, &columns[i]))
            code = no_column(d, columns[i].name, e);
    return code;
}

enum err_code dataset_check(const char *const *files, size_t n_files,
                            const struct dataset_form *form, const struct data_column *columns,
                            size_t n, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n_files && !code; i++) {
        struct dataset *d;
        code = dataset_open(&d, files + i, 1, form, e);
        if (!code)
            code = check_file(d, columns, n, e);
        dataset_close(d);
    }
    return code;
}

enum err_code dataset_count(int64_t *out, const char *const *files, size_t n,
                            const struct dataset_form *form, struct err *e) {
    const struct data_row *row;
    struct dataset *d;
    enum err_code code = dataset_open(&d, files, n, form, e);
    if (code)
        return code;
    do
        code = dataset_next(&row, d, e);
    while (!code && row);
    *out = d->n_rows;
    dataset_close(d);
    return code;
}

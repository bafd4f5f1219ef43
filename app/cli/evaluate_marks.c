#include "app/cli/evaluate_marks.h"

#include "app/dataset/dataset.h"
#include "app/dataset/line_reader.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

void evaluate_marks_dispose(struct evaluate_marks *m) {
    for (size_t i = 0; i < m->n; i++)
        free(m->texts[i]);
    free(m->texts);
    *m = (struct evaluate_marks){0};
}

/* A text without anything in it marks nothing. */
static void add_take(struct evaluate_marks *m, char *text) {
    if (text && !text[strspn(text, " \t\r\n")]) {
        free(text);
        text = NULL;
    }
    m->texts = mem_resize(m->texts, (m->n + 1) * sizeof *m->texts);
    m->texts[m->n++] = text;
}

/* --- a list of JSON ------------------------------------------------------------------------- */

/* ["manager", [3, 5]] is manager|3:5. */
static bool put_mark(struct text_buffer *b, const struct json_value *v) {
    int64_t from, to;
    text_buffer_puts(b, b->n ? "|" : "");
    if (v->type == JSON_STRING) {
        text_buffer_puts(b, "text:");
        text_buffer_add(b, v->text, v->n_text);
        return true;
    }
    if (v->type != JSON_ARRAY || v->n_members != 2 || !json_integer(&from, v->first) ||
        !json_integer(&to, v->first->next))
        return false;
    text_buffer_format(b, "%lld:%lld", (long long)from, (long long)to);
    return true;
}

/* Owned by the caller; false: it is neither a text, nor a list of words and pairs, nor null. */
static bool marks_of_value(char **out, const struct json_value *v) {
    struct text_buffer b = {0};
    bool good = v->type == JSON_ARRAY;
    *out = NULL;
    if (v->type == JSON_NULL)
        return true;
    if (v->type == JSON_STRING) {
        *out = mem_text_n(v->text, v->n_text);
        return true;
    }
    for (const struct json_value *mark = v->first; mark && good; mark = mark->next)
        good = put_mark(&b, mark);
    if (good)
        *out = text_buffer_take(&b);
    text_buffer_dispose(&b);
    return good;
}

static bool marks_of_json(char **out, const char *json) {
    struct json_document *d;
    struct err ignored;
    *out = NULL;
    if (json_parse(&d, json, strlen(json), &ignored) != ERR_OK)
        return false;
    const bool good = marks_of_value(out, json_root(d));
    json_free(d);
    return good;
}

/* --- a column ------------------------------------------------------------------------------- */

static enum err_code no_marks(struct err *e, const char *where, int64_t line, const char *column) {
    return err_set(e, ERR_FORMAT,
                   "%.200s, line %lld: %.40s is neither a text of marks nor a list of words and "
                   "of pairs of tokens",
                   where, (long long)line, column);
}

enum err_code evaluate_marks_add(struct evaluate_marks *m, const struct data_row *row,
                                 const char *column, struct err *e) {
    char *text = NULL, *marks = NULL;
    if (row->problem)
        return err_set(e, ERR_FORMAT, "%.200s, line %lld: %s", row->file, (long long)row->line,
                       row->problem);
    const enum data_kind kind = data_row_text(&text, row, column);
    bool good = kind != DATA_FLAG && kind != DATA_NUMBER;
    if (kind == DATA_NESTED) {
        good = marks_of_json(&marks, text);
        mem_replace(&text, marks);
    }
    if (!good) {
        free(text);
        return no_marks(e, row->file, row->line, column);
    }
    add_take(m, text);
    return ERR_OK;
}

static enum err_code read_column(struct evaluate_marks *m, const char *path, const char *column,
                                 struct err *e) {
    const struct dataset_form form = {0};
    const struct data_column wanted = {column, true};
    const struct data_row *row;
    struct dataset *d = NULL;
    enum err_code code = dataset_check(&path, 1, &form, &wanted, 1, e);
    if (code)
        return code;
    code = dataset_open(&d, &path, 1, &form, e);
    while (!code) {
        code = dataset_next(&row, d, e);
        if (code || !row)
            break;
        code = evaluate_marks_add(m, row, column, e);
    }
    dataset_close(d);
    return code;
}

/* --- lines ---------------------------------------------------------------------------------- */

static enum err_code read_lines(struct evaluate_marks *m, const char *path, struct err *e) {
    struct line_reader *lines = NULL;
    const char *line;
    size_t n, at;
    enum err_code code = line_reader_open(&lines, path, e);
    while (!code) {
        code = line_reader_next(&line, &n, lines, e);
        if (code || !n)
            break;
        n -= line[n - 1] == '\n';
        n -= n && line[n - 1] == '\r';
        if (!text_valid_utf8(line, n, &at))
            code = err_set(e, ERR_FORMAT, "%.200s, line %zu: it is not UTF-8", path, m->n + 1);
        else
            add_take(m, mem_text_n(line, n));
    }
    line_reader_close(lines);
    return code;
}

/* --- where they come from ------------------------------------------------------------------- */

enum err_code evaluate_marks_read(struct evaluate_marks *out, const struct cli_arguments *a,
                                  struct err *e) {
    const char *path = cli_text(a, CLI_OPT_RATIONALE_FILE),
               *column = cli_text(a, CLI_OPT_RATIONALE_COLUMN);
    if (a->values[CLI_OPT_RATIONALE].n && (path || column))
        return err_set(e, ERR_USAGE, "--rationale or %s, not both",
                       path ? "--rationale_file" : "--rationale_column");
    if (!path && column && !a->n_words && !a->values[CLI_OPT_DATASET].given &&
        !a->values[CLI_OPT_DATASET_FILES].given && !a->values[CLI_OPT_DATASET_DIR].given)
        return err_set(e, ERR_USAGE,
                       "--rationale_column is a column of --rationale_file, or a field of saved "
                       "results of a data set, or of -d: give one of them");
    if (!path)
        return ERR_OK;
    if (dataset_format_of(path) != DATASET_BY_ENDING)
        return read_column(out, path, column ? column : EVALUATE_MARKS_COLUMN, e);
    if (column)
        return err_set(e, ERR_USAGE,
                       "%.200s has no columns: it is a line for each text, unless its name ends in "
                       ".csv, .tsv or .jsonl",
                       path);
    return read_lines(out, path, e);
}

enum err_code evaluate_marks_of_result(struct evaluate_marks *out, const struct attribution *r,
                                       const char *column, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < r->n_sequences && !code; i++) {
        const char *fields = info_text_of(&r->info.fields, i);
        struct json_document *d = NULL;
        char *marks = NULL;
        struct err ignored;
        if (fields && json_parse(&d, fields, strlen(fields), &ignored) != ERR_OK)
            d = NULL;
        const struct json_value *v = d ? json_get(json_root(d), column) : NULL;
        if (!v)
            code = err_set(e, ERR_USAGE,
                           "text %zu keeps no field %.40s of a data set: --rationale_column names "
                           "one of those, or a column of --rationale_file",
                           out->n + 1, column);
        else if (!marks_of_value(&marks, v))
            code = no_marks(e, "the results' fields", (int64_t)out->n + 1, column);
        else
            add_take(out, marks);
        json_free(d);
    }
    return code;
}

void evaluate_marks_give(struct cli_arguments *to, const struct evaluate_marks *m) {
    to->values[CLI_OPT_RATIONALE] =
        (struct cli_value){.given = true, .texts = (const char **)m->texts, .n = m->n};
}

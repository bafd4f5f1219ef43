#include "app/cli/evaluate_dataset.h"

#include "app/cli/dataset_source.h"
#include "app/cli/print.h"
#include "app/dataset/template.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What a row makes: the options, the first one's text being {prompt} for the others. */
static const struct {
    enum cli_option_id id, inseq;
    const char *name;
} made[EVALUATE_TEXTS] = {
    {CLI_OPT_INPUT, CLI_OPT_INPUT_FIELD, "-i"},
    {CLI_OPT_GENERATED, CLI_OPT_GENERATED_FIELD, "-g"},
    {CLI_OPT_CONTRAST, CLI_OPT_CONTRAST, "--contrast_targets"},
    {CLI_OPT_CONTRAST_SOURCES, CLI_OPT_CONTRAST_SOURCES, "--contrast_sources"}};

/* Rows on their way into texts. */
struct reader {
    struct evaluate_dataset *out;
    struct evaluate_marks *marks;
    const char *column; /* of marks; NULL: none */
    const struct cli_arguments *a;
    struct template *templates[EVALUATE_TEXTS];
    const struct dataset_source *source;
};

void evaluate_dataset_dispose(struct evaluate_dataset *d) {
    for (size_t k = 0; k < EVALUATE_TEXTS; k++) {
        for (size_t i = 0; d->texts[k] && i < d->n; i++)
            free(d->texts[k][i]);
        free(d->texts[k]);
    }
    *d = (struct evaluate_dataset){0};
}

bool evaluate_has_dataset(const struct cli_arguments *a) {
    static const enum cli_option_id options[] = {
        CLI_OPT_DATASET,     CLI_OPT_DATASET_FILES,   CLI_OPT_DATASET_DIR,   CLI_OPT_DATASET_SPLIT,
        CLI_OPT_INPUT_FIELD, CLI_OPT_GENERATED_FIELD, CLI_OPT_DATASET_KWARGS};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (a->values[options[i]].given)
            return true;
    return false;
}

/* --- templates --- */

static enum err_code read_template(struct reader *r, size_t k, struct err *e) {
    const struct cli_value *v = &r->a->values[made[k].id];
    const char *inseq = cli_text(r->a, made[k].inseq), *text = v->n ? v->texts[0] : inseq;
    struct err inner;
    if (v->n > 1 || (v->n && inseq && made[k].inseq != made[k].id))
        return err_set(e, ERR_USAGE, "%s takes one field or template here: the rows make the texts",
                       made[k].name);
    if (!text)
        return ERR_OK;
    enum err_code code = template_parse(&r->templates[k], text, true, k == 0, &inner);
    return code ? err_set(e, code, "%s: %s", made[k].name, inner.message) : ERR_OK;
}

static enum err_code read_templates(struct reader *r, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t k = 0; k < EVALUATE_TEXTS && !code; k++)
        code = read_template(r, k, e);
    if (!code && !r->templates[0])
        code = err_set(e, ERR_USAGE,
                       "which text? give a field, or a template like '{subject} is', with -i");
    return code;
}

/* Every file has the columns. */
static enum err_code check_columns(const struct reader *r, struct err *e) {
    const struct dataset_source *s = r->source;
    struct data_column *columns = NULL;
    size_t n = 0;
    for (size_t k = 0; k < EVALUATE_TEXTS; k++)
        if (r->templates[k])
            template_columns(r->templates[k], &columns, &n);
    if (r->column) {
        columns = mem_resize(columns, (n + 1) * sizeof *columns);
        columns[n++] = (struct data_column){r->column, true};
    }
    enum err_code code =
        dataset_check((const char *const *)s->files, s->n, &s->form, columns, n, e);
    free(columns);
    return code;
}

/* --- rows --- */

static void keep_row(struct evaluate_dataset *d, char *const *texts) {
    for (size_t k = 0; k < EVALUATE_TEXTS; k++)
        if (texts[k]) {
            d->texts[k] = mem_resize(d->texts[k], (d->n + 1) * sizeof *d->texts[k]);
            d->texts[k][d->n] = texts[k];
        }
    d->n++;
}

static enum err_code make_texts(char **texts, struct reader *r, const struct data_row *row,
                                struct err *e) {
    enum err_code code = ERR_OK;
    if (row->problem)
        return err_set(e, ERR_FORMAT, "%.200s, line %lld: %s", row->file, (long long)row->line,
                       row->problem);
    for (size_t k = 0; k < EVALUATE_TEXTS && !code; k++) {
        struct err inner;
        if (!r->templates[k])
            continue;
        code = template_render(&texts[k], r->templates[k], row, texts[0], NULL, NULL, &inner);
        if (code)
            return err_set(e, code, "%.200s, line %lld: %s", row->file, (long long)row->line,
                           inner.message);
    }
    return r->column ? evaluate_marks_add(r->marks, row, r->column, e) : ERR_OK;
}

/* A bad row is told, and the others are read. */
static void take_row(struct reader *r, const struct data_row *row) {
    char *texts[EVALUATE_TEXTS] = {0};
    struct err e;
    if (make_texts(texts, r, row, &e) == ERR_OK) {
        keep_row(r->out, texts);
        return;
    }
    cli_say(e.message);
    r->out->n_failed++;
    for (size_t k = 0; k < EVALUATE_TEXTS; k++)
        free(texts[k]);
}

static enum err_code read_rows(struct reader *r, struct err *e) {
    const struct dataset_source *s = r->source;
    const struct data_row *row;
    struct dataset *rows;
    int64_t from, to;
    enum err_code code = dataset_source_rows(&from, &to, s, e);
    if (code)
        return code;
    code = dataset_open(&rows, (const char *const *)s->files, s->n, &s->form, e);
    if (code)
        return code;
    while (!(code = dataset_next(&row, rows, e)) && row && row->index < to)
        if (row->index >= from)
            take_row(r, row);
    dataset_close(rows);
    if (!code && !r->out->n)
        code = err_set(e, ERR_FORMAT, "no row of the data set can be used");
    return code;
}

/* --- the options --- */

static void give(struct cli_arguments *to, const struct evaluate_dataset *d) {
    for (size_t k = 0; k < EVALUATE_TEXTS; k++)
        if (d->texts[k])
            to->values[made[k].id] =
                (struct cli_value){.given = true, .texts = (const char **)d->texts[k], .n = d->n};
}

/* What would need a template of its own. */
static enum err_code check_others(const struct cli_arguments *a, struct err *e) {
    if (a->n_words)
        return err_set(e, ERR_USAGE,
                       "a data set or saved results, not both: \"%.100s\" is a file of results",
                       a->words[0]);
    if (a->values[CLI_OPT_INPUT_FILE].given)
        return err_set(e, ERR_USAGE, "a data set or --input_file, not both");
    if (a->values[CLI_OPT_FOIL].n && strpbrk(cli_text(a, CLI_OPT_FOIL), "{}"))
        return err_set(
            e, ERR_USAGE,
            "--foil is the same for all texts here: with foils of columns, evaluate what "
            "attribute-dataset saved");
    return ERR_OK;
}

enum err_code evaluate_dataset_read(struct evaluate_dataset *out, struct cli_arguments *to,
                                    struct evaluate_marks *marks, const struct cli_arguments *a,
                                    struct err *e) {
    struct dataset_source source = {0};
    const bool own_marks = cli_text(a, CLI_OPT_RATIONALE_FILE) || a->values[CLI_OPT_RATIONALE].n;
    struct reader r = {.out = out,
                       .marks = marks,
                       .column = own_marks ? NULL : cli_text(a, CLI_OPT_RATIONALE_COLUMN),
                       .a = a,
                       .source = &source};
    enum err_code code = check_others(a, e);
    if (code)
        goto out;
    code = dataset_source_read(&source, a, e);
    if (code)
        goto out;
    code = read_templates(&r, e);
    if (code)
        goto out;
    code = check_columns(&r, e);
    if (code)
        goto out;
    code = read_rows(&r, e);
    if (code)
        goto out;
    give(to, out);
    if (r.column)
        evaluate_marks_give(to, marks);
out:
    for (size_t k = 0; k < EVALUATE_TEXTS; k++)
        template_free(r.templates[k]);
    dataset_source_dispose(&source);
    return code;
}

#include "app/files/plausibility_text.h"

#include "backend/base/text.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#define TABLE_COLUMNS 80
#define CELL 10
#define MOST_SHOWN 160

static const struct {
    const char *name, *heading; /* NULL: in JSON alone */
    size_t offset;
} numbers[] = {
    {"auprc", "AUPRC", offsetof(struct plausibility_numbers, auprc)},
    {"average_precision", "avg prec", offsetof(struct plausibility_numbers, average_precision)},
    {"token_precision", NULL, offsetof(struct plausibility_numbers, precision)},
    {"token_recall", NULL, offsetof(struct plausibility_numbers, recall)},
    {"token_f1", "token-F1", offsetof(struct plausibility_numbers, f1)},
    {"token_iou", "IoU", offsetof(struct plausibility_numbers, iou)},
};
#define N_NUMBERS (sizeof numbers / sizeof *numbers)

static double number(const struct plausibility_numbers *n, size_t i) {
    return *(const double *)((const char *)n + numbers[i].offset);
}

/* --- JSON -------------------------------------------------------------------------------- */

/* No number is null: no JSON reader takes NaN. */
static cJSON *numbers_json(const struct plausibility_numbers *n) {
    cJSON *out = cJSON_CreateObject();
    for (size_t i = 0; i < N_NUMBERS; i++)
        if (isnan(number(n, i)))
            cJSON_AddNullToObject(out, numbers[i].name);
        else
            cJSON_AddNumberToObject(out, numbers[i].name, number(n, i));
    return out;
}

static cJSON *method_json(const struct plausibility *p) {
    cJSON *out = numbers_json(&p->mean), *columns = cJSON_AddArrayToObject(out, "columns");
    for (int64_t g = 0; g < p->n_columns; g++)
        cJSON_AddItemToArray(columns, numbers_json(&p->columns[g]));
    return out;
}

static const struct token_list *tokens_of(const struct plausibility_told *p,
                                          const struct rationale *r) {
    return r->target ? &p->tokens->target : &p->tokens->source;
}

/* Positions are those of the side's own list. */
static void add_rows(cJSON *out, const struct plausibility_told *p, const struct rationale *r) {
    cJSON *positions = cJSON_AddArrayToObject(out, "positions"),
          *pieces = cJSON_AddArrayToObject(out, "tokens");
    for (size_t i = 0; i < r->n_rows; i++) {
        if (!r->marked[i])
            continue;
        char *piece = token_written(&tokens_of(p, r)->items[r->first + i]);
        cJSON_AddItemToArray(positions, cJSON_CreateNumber((double)(r->first + i)));
        cJSON_AddItemToArray(pieces, cJSON_CreateString(piece));
        free(piece);
    }
    cJSON_AddNumberToObject(out, "n_tokens", (double)r->n_counted);
}

static cJSON *rationale_json(const struct plausibility_told *p) {
    const struct rationale *r = p->rationale;
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "side", r->target ? "prompt" : "source");
    add_rows(out, p, r);
    if (r->output)
        add_rows(cJSON_AddObjectToObject(out, "generated"), p, r->output);
    cJSON_AddItemToObject(out, "threshold",
                          isnan(p->threshold) ? cJSON_CreateNull()
                                              : cJSON_CreateNumber(p->threshold));
    return out;
}

void plausibility_json(struct cJSON *evaluation, const struct plausibility_told *p) {
    cJSON *methods = cJSON_GetObjectItem(evaluation, "methods");
    cJSON_AddItemToObject(evaluation, "rationale", rationale_json(p));
    for (size_t i = 0; i < p->n_methods; i++)
        cJSON_AddItemToObject(cJSON_GetArrayItem(methods, (int)i), "plausibility",
                              method_json(&p->methods[i]));
}

/* --- the table --------------------------------------------------------------------------- */

static void put_rows(struct text_buffer *all, const struct plausibility_told *p,
                     const struct rationale *r) {
    for (size_t i = 0, n; i < r->n_rows; i += n + !n) {
        for (n = 0; i + n < r->n_rows && r->marked[i + n];)
            n++;
        char *text = n ? token_list_text(tokens_of(p, r), r->first + i, n) : NULL;
        if (text)
            text_buffer_format(all, "%s%s", all->n ? " | " : "", text + (*text == ' '));
        free(text);
    }
}

/* The marked tokens, those side by side as running text. */
static void put_marked(struct text_buffer *b, const struct plausibility_told *p) {
    struct text_buffer all = {0};
    char shown[4 * MOST_SHOWN + 1];
    put_rows(&all, p, p->rationale);
    if (p->rationale->output)
        put_rows(&all, p, p->rationale->output);
    text_fit(shown, sizeof shown, all.text, MOST_SHOWN, false);
    text_buffer_puts(b, shown);
    text_buffer_dispose(&all);
}

/* What a random choice of as many tokens has. */
static void put_how(struct text_buffer *b, const struct plausibility_told *p) {
    const struct rationale *r = p->rationale;
    if (isnan(p->threshold) && r->output)
        text_buffer_puts(b, "For token-F1 and IoU: the highest, as many as are marked of what "
                            "stands before the column.\n");
    else if (isnan(p->threshold))
        text_buffer_format(b,
                           "For token-F1 and IoU: the highest %zu, as many as are marked.\n"
                           "Token-F1 at random: %.4f.\n",
                           r->n_marked, (double)r->n_marked / (double)r->n_counted);
    else
        text_buffer_format(
            b, "For token-F1 and IoU: those of at least %g of the column's highest score.\n",
            p->threshold);
}

/* A name that is too long has a line of its own. */
static void put_name(struct text_buffer *b, const char *name, int width) {
    const int used = text_columns(name);
    if (used + 2 > width)
        text_buffer_format(b, "%s\n%*s", name, width, "");
    else
        text_buffer_format(b, "%s%*s", name, width - used, "");
}

static int name_width(const struct plausibility_told *p, const char *const *names) {
    const int most = TABLE_COLUMNS - 4 * CELL;
    int width = 12;
    for (size_t i = 0; i < p->n_methods; i++)
        width = text_columns(names[i]) + 2 > width ? text_columns(names[i]) + 2 : width;
    return width < most ? width : most;
}

void plausibility_table(struct text_buffer *b, const struct plausibility_told *p,
                        const char *const *names) {
    const struct rationale *r = p->rationale;
    const int width = name_width(p, names);
    text_buffer_format(b, "\nPlausibility: %zu of the %s's %zu tokens marked", r->n_marked,
                       r->target ? "prompt" : "source", r->n_counted);
    if (r->output)
        text_buffer_format(b, ", and %zu of %zu that were generated", r->output->n_marked,
                           r->output->n_counted);
    text_buffer_puts(b, ":\n");
    put_marked(b, p);
    text_buffer_puts(b, "\n");
    put_name(b, "", width);
    for (size_t i = 0; i < N_NUMBERS; i++)
        if (numbers[i].heading)
            text_buffer_format(b, "%*s", CELL, numbers[i].heading);
    text_buffer_puts(b, "\n");
    for (size_t m = 0; m < p->n_methods; m++) {
        put_name(b, names[m], width);
        for (size_t i = 0; i < N_NUMBERS; i++) {
            const double x = number(&p->methods[m].mean, i);
            if (numbers[i].heading && isnan(x))
                text_buffer_format(b, "%*s", CELL, "-");
            else if (numbers[i].heading)
                text_buffer_format(b, "%*.4f", CELL, x);
        }
        text_buffer_puts(b, "\n");
    }
    put_how(b, p);
}

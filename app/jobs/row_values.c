#include "app/jobs/row_values.h"

#include "aggregators/aggregate.h"
#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/declare/declare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_text(const struct row_sink *to, enum row_column_kind kind, const char *name,
                     const char *text) {
    if (text && *text)
        to->put(to->user, kind, name, text, NAN);
}

/* --- texts --- */

/* Tokens [from, to) as running text without special ones, owned by the caller. */
static char *running_text(const struct token_list *list, size_t from, size_t to) {
    struct text_buffer b = {0};
    to = to < list->n ? to : list->n;
    for (size_t i = from, n = 0; i < to; i += n) {
        n = token_list_whole(list, i);
        n = n > to - i ? to - i : n;
        if (list->items[i].special && n == 1 && !token_is_unknown(&list->items[i]))
            continue;
        char *text = token_list_text(list, i, n);
        text_buffer_puts(&b, text);
        free(text);
    }
    return text_buffer_take(&b);
}

static const char *without_blanks(const char *text) {
    return text + strspn(text, " ");
}

/* What of a contrast is another than in the text: "Rome" of "The Eiffel Tower is in Rome". */
static const char *own_part(const char *contrast, const char *text) {
    size_t same = 0;
    while (contrast[same] && contrast[same] == text[same])
        same++;
    while (same > 0 && contrast[same - 1] != ' ')
        same--;
    return contrast[same] ? contrast + same : contrast;
}

static void put_foil(const struct row_sink *to, const struct result_info *info, const char *whole) {
    const char *contrast = info_text_of(&info->function_args.contrast.targets, 0);
    if (!contrast)
        contrast = info_text_of(&info->score_args.contrast.targets, 0);
    if (!contrast)
        return;
    char *clean = text_clean(contrast);
    put_text(to, ROW_FOIL, "foil", own_part(clean, whole));
    free(clean);
}

static void put_texts(const struct row_sink *to, const struct attribution *a) {
    const struct attribution_sequence *s = a->sequences;
    const size_t from = s->attr_pos_start > 0 ? (size_t)s->attr_pos_start : 0,
                 until = s->attr_pos_end > 0 ? (size_t)s->attr_pos_end : 0;
    char *prompt = running_text(&s->source, 0, s->source.n),
         *generated = running_text(&s->target, from, until),
         *whole = running_text(&s->target, 0, s->target.n);
    put_text(to, ROW_PROMPT, "prompt", without_blanks(prompt));
    put_text(to, ROW_GENERATED, "generated", without_blanks(generated));
    put_foil(to, &a->info, whole);
    free(prompt);
    free(generated);
    free(whole);
}

static void put_origin(const struct row_sink *to, const struct result_info *info) {
    const struct method_decl *decl = info->method ? method_decl_find(info->method) : NULL;
    put_text(to, ROW_METHOD, "method", decl ? decl->title : info->method);
    put_text(to, ROW_MODEL, "model", info->model_name);
}

/* --- fields of the data set --- */

/* A text that is a number through and through sorts as one. */
static double number_of(const char *text) {
    char *end;
    const double number = strtod(text, &end);
    const bool whole = *text && !*end && !strchr(" \t\n", *text);
    return whole ? number : NAN;
}

static void put_field(const struct row_sink *to, const struct json_value *v) {
    struct text_buffer b = {0};
    if (v->type == JSON_STRING)
        text_buffer_add(&b, v->text, v->n_text);
    else if (v->type != JSON_NULL)
        json_write_flat(&b, v);
    if (b.n) {
        char *name = mem_text_n(v->key, v->n_key), *text = text_clean(b.text);
        const bool plain = v->type == JSON_STRING || v->type == JSON_NUMBER;
        to->put(to->user, ROW_FIELD, name, text, plain ? number_of(b.text) : NAN);
        free(name);
        free(text);
    }
    text_buffer_dispose(&b);
}

static void put_fields(const struct row_sink *to, const struct result_info *info) {
    const char *object = info_text_of(&info->fields, 0);
    struct json_document *d;
    struct err ignored;
    if (!object || json_parse(&d, object, strlen(object), &ignored) != ERR_OK)
        return;
    const struct json_value *root = json_root(d);
    for (const struct json_value *v = root->type == JSON_OBJECT ? root->first : NULL; v;
         v = v->next)
        put_field(to, v);
    json_free(d);
}

/* --- scores --- */

static double mean_of(const struct scores *s) {
    const int64_t n = scores_count(s);
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(s->data[i])) {
            sum += (double)s->data[i];
            count++;
        }
    return count ? sum / (double)count : NAN;
}

static void put_scores(const struct row_sink *to, const struct attribution_sequence *s) {
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const double mean = mean_of(&s->step_scores[i].scores);
        if (!isnan(mean))
            to->put(to->user, ROW_SCORE, s->step_scores[i].name, NULL, mean);
    }
}

struct strongest {
    const struct token *token;
    double size, all;
};

/* Σ|score| of each token of a side over its columns. */
static void look_at(struct strongest *best, const struct scores *s, const struct token_list *list) {
    const int64_t columns = s->data && s->n_dims == 2 ? s->dims[1] : 0;
    for (int64_t row = 0; columns && row < s->dims[0] && (size_t)row < list->n; row++) {
        double size = 0;
        for (int64_t g = 0; g < columns; g++) {
            const double value = fabs((double)s->data[row * columns + g]);
            size += isfinite(value) ? value : 0;
        }
        if (list->items[row].special)
            continue;
        best->all += size;
        if (size <= best->size)
            continue;
        best->size = size;
        best->token = &list->items[row];
    }
}

static void put_strongest(const struct row_sink *to, const struct attribution_sequence *s) {
    struct attribution_sequence shown;
    struct strongest best = {0};
    struct err ignored;
    if (aggregate_default(&shown, s, &ignored) != ERR_OK)
        return; /* its map says why it cannot be reduced */
    look_at(&best, &shown.source_attributions, &shown.source);
    look_at(&best, &shown.target_attributions, &shown.target);
    if (best.token)
        to->put(to->user, ROW_STRONGEST, "strongest", best.token->printable, best.size / best.all);
    attribution_sequence_dispose(&shown);
}

void row_values(const struct attribution *a, const struct row_sink *sink) {
    put_texts(sink, a);
    put_scores(sink, a->sequences);
    put_strongest(sink, a->sequences);
    put_fields(sink, &a->info);
    put_origin(sink, &a->info);
}

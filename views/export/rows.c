#include "views/export/rows.h"

#include "backend/base/json.h"
#include "methods/result/info_rows.h"
#include "methods/result/join.h"
#include "methods/result/scores_text.h"
#include "views/export/export.h"
#include "views/export/result_json.h"

#include <stdlib.h>
#include <string.h>

static void put_number(struct text_buffer *b, const char *key, int64_t value) {
    text_buffer_format(b, "\"%s\":%lld,", key, (long long)value);
}

/* "side":[pieces],"side_ids":[ids], */
static void put_tokens(struct text_buffer *b, const char *side, const struct token_list *list) {
    text_buffer_format(b, "\"%s\":[", side);
    for (size_t i = 0; i < list->n; i++) {
        char *piece = token_written(&list->items[i]);
        text_buffer_puts(b, i ? "," : "");
        json_write_flat_string(b, piece, strlen(piece));
        free(piece);
    }
    text_buffer_format(b, "],\"%s_ids\":[", side);
    for (size_t i = 0; i < list->n; i++)
        text_buffer_format(b, "%s%d", i ? "," : "", list->items[i].id);
    text_buffer_puts(b, "],");
}

static void put_scores(struct text_buffer *b, const char *key, const struct scores *s,
                       const struct export_how *how) {
    if (!s->data)
        return;
    json_write_flat_string(b, key, strlen(key));
    text_buffer_puts(b, ":");
    scores_pack_write(b, s, how->precision);
    text_buffer_puts(b, ",");
}

static void put_named(struct text_buffer *b, const char *key, const struct named_scores *items,
                      size_t n, const struct export_how *how) {
    if (!n)
        return;
    text_buffer_format(b, "\"%s\":{", key);
    for (size_t i = 0; i < n; i++) {
        json_write_flat_string(b, items[i].name, strlen(items[i].name));
        text_buffer_puts(b, ":");
        scores_pack_write(b, &items[i].scores, how->precision);
        text_buffer_puts(b, i + 1 < n ? "," : "");
    }
    text_buffer_puts(b, "},");
}

/* A language model's source is the beginning of its target. */
static bool is_prefix(const struct attribution_sequence *s) {
    bool same = (int64_t)s->source.n == s->attr_pos_start && s->source.n <= s->target.n;
    for (size_t i = 0; same && i < s->source.n; i++) {
        char *a = token_written(&s->source.items[i]), *b = token_written(&s->target.items[i]);
        same = s->source.items[i].id == s->target.items[i].id && strcmp(a, b) == 0;
        free(a);
        free(b);
    }
    return same;
}

static void put_sequence(struct text_buffer *b, const struct attribution_sequence *s,
                         const struct export_how *how) {
    const char *class = result_json_class(s);
    put_number(b, "attr_pos_start", s->attr_pos_start);
    put_number(b, "attr_pos_end", s->attr_pos_end);
    put_tokens(b, "target", &s->target);
    if (!is_prefix(s))
        put_tokens(b, "source", &s->source);
    if (strcmp(class, ROWS_USUAL_CLASS) != 0)
        json_put_string(b, "class", class);
    put_scores(b, "source_attributions", &s->source_attributions, how);
    put_scores(b, "target_attributions", &s->target_attributions, how);
    put_named(b, "step_scores", s->step_scores, s->n_step_scores, how);
    put_named(b, "sequence_scores", s->sequence_scores, s->n_sequence_scores, how);
    if (how->raw && s->candidates) {
        text_buffer_puts(b, "\"candidates\":");
        result_json_candidates(b, s);
        text_buffer_puts(b, ",");
    }
}

/* Ends a line of members that each have a comma behind them. Nothing of it is drained yet: the last
 * byte is still there. */
static void end_line(struct text_buffer *b) {
    b->text[b->n - 1] = '}';
    text_buffer_puts(b, "\n");
}

static void put_above(struct text_buffer *b, const char *info) {
    text_buffer_format(b, "{\"format\":\"" ROWS_FORMAT "\",\"version\":%d,\"info\":%s}\n",
                       ROWS_VERSION, info);
}

/* What the row says of its info beside what stands above it, owned by the caller. Where that is
 * much, a new line is put above it first. */
static struct text_buffer own_info(struct text_buffer *b, struct export_rows *rows,
                                   const struct result_info *info) {
    struct text_buffer own = {0};
    if (rows->above && info_row_write(&own, rows->above, info) <= strlen(rows->above) / 2)
        return own;
    text_buffer_dispose(&own);
    mem_replace(&rows->above, info_above(info));
    put_above(b, rows->above);
    (void)info_row_write(&own, rows->above, info);
    return own;
}

static enum err_code write_row(struct text_buffer *b, struct export_rows *rows,
                               const struct export_input *in, struct err *e) {
    const struct attribution *a = in->how.raw ? in->result : in->shown;
    (void)e;
    if (in->result->steps.items)
        export_tell(in, ROWS_WITHOUT_STEPS);
    struct text_buffer own = own_info(b, rows, &a->info);
    text_buffer_puts(b, "{");
    put_sequence(b, a->sequences, &in->how);
    text_buffer_add(b, own.text ? own.text : "", own.n);
    text_buffer_dispose(&own);
    end_line(b);
    text_buffer_drain(b);
    return ERR_OK;
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    const struct attribution *a = in->how.raw ? in->result : in->shown;
    struct export_rows rows = {0};
    enum err_code code = ERR_OK;
    if (in->result->steps.items)
        export_tell(in, ROWS_WITHOUT_STEPS);
    for (size_t i = 0; i < a->n_sequences && !code; i++) {
        struct attribution one = attribution_part(a, i);
        const struct export_input row = {.result = &one, .shown = &one, .how = in->how};
        code = write_row(b, &rows, &row, e);
        result_info_dispose(&one.info);
    }
    free(rows.above);
    return code;
}

const struct export export_jsonl = {
    .id = "jsonl",
    .title = "Rows",
    .noun = "the rows",
    .help =
        "One row a line (JSON lines), for many results: the scores as shown, a tenth of the JSON.",
    .endings = {".jsonl", ".jsonl.gz"},
    .write = write,
    .write_row = write_row,
};

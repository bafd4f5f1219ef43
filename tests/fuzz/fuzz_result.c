/* A saved result: read, and when it can be read, everything that shows it and writes it again. */
#include "aggregators/aggregate.h"
#include "aggregators/spread.h"
#include "aggregators/unit_list.h"
#include "app/files/result_file.h"
#include "methods/request/request_result.h"
#include "views/export/exports.h"
#include "views/export/html.h"
#include "views/export/result_json.h"
#include "views/export/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

static char *json_text(size_t *n, const struct attribution *a) {
    struct text_buffer b = {0};
    result_json_write(&b, a, NULL);
    *n = b.n;
    return text_buffer_take(&b);
}

/* What is written can be read, and is then written the same. */
static void try_again(const struct attribution *a) {
    struct attribution *again;
    struct err e = {0};
    size_t n, n_again;
    char *text = json_text(&n, a);
    must(result_file_parse(&again, text, n, &e) == ERR_OK);
    char *text_again = json_text(&n_again, again);
    must(n == n_again && memcmp(text, text_again, n) == 0);
    free(text);
    free(text_again);
    attribution_release(again);
}

/* Every unit, and the scores back at the tokens. */
static void try_units(const struct attribution_sequence *s) {
    size_t n;
    const struct unit *const *all = units(&n);
    for (size_t i = 0; i < n && s->target.n < 200 && s->source.n < 200; i++) {
        struct attribution_sequence merged;
        struct grouping made = {0};
        struct pipeline p = {0};
        struct err e = {0};
        char *text = mem_format("units:sum{\"rows\":\"%s\",\"columns\":\"%s\","
                                "\"split_pattern\":\"[a-m]\",\"punctuation\":\"apart\"}",
                                all[i]->id, all[n - 1 - i]->id);
        must(pipeline_add(&p, "default", &e) == ERR_OK && pipeline_add(&p, text, &e) == ERR_OK);
        const struct aggregate_context context = {.made = &made};
        if (aggregate_sequence(&merged, s, &p, &context, &e) == ERR_OK) {
            must(attribution_steps(&merged) <= attribution_steps(s));
            if (spread_tokens(&merged, s, &made, &e) == ERR_OK)
                must(merged.target.n == s->target.n);
            attribution_sequence_dispose(&merged);
        }
        grouping_dispose(&made);
        pipeline_dispose(&p);
        free(text);
    }
}

static void try_show(const struct attribution *a) {
    struct text_buffer b = {0};
    struct err e = {0};
    const struct html_options page = {0};
    const struct table_options look = {.columns = 40,
                                       .depth = COLOUR_256,
                                       .diverging = colour_map_find("berlin"),
                                       .sequential = colour_map_find("viridis")};
    for (size_t i = 0; i < a->n_sequences; i++) {
        struct attribution_sequence flat;
        try_units(&a->sequences[i]);
        if (aggregate_default(&flat, &a->sequences[i], &e) != ERR_OK)
            continue;
        if (attribution_steps(&flat) < 200 && flat.target.n < 200)
            table_write(&b, &flat, &look);
        attribution_sequence_dispose(&flat);
    }
    if (html_write(&b, a, a, &page, &e) != ERR_OK)
        must(e.message[0] != '\0');
    text_buffer_dispose(&b);
}

static bool is_small(const struct attribution *a) {
    for (size_t i = 0; i < a->n_sequences; i++)
        if (attribution_steps(&a->sequences[i]) >= 200 || a->sequences[i].target.n >= 200)
            return false;
    return a->n_sequences < 20;
}

/* Every format that this program writes by itself. */
static void try_exports(const struct attribution *a) {
    size_t n;
    const struct export *const *all = export_list(&n);
    struct info_texts told = {0};
    const struct export_input in = {.result = a, .shown = a, .choices = a, .told = &told};
    for (size_t i = 0; i < n && is_small(a); i++) {
        struct text_buffer b = {0};
        struct err e = {0};
        if (!all[i]->package && all[i]->write(&b, &in, &e) != ERR_OK)
            must(e.message[0] != '\0');
        text_buffer_dispose(&b);
    }
    info_texts_dispose(&told);
}

/* The requests that it answers, whatever it says of them. */
static void try_requests(const struct attribution *a) {
    for (size_t i = 0; i < a->n_sequences; i++) {
        struct attribute_request r = request_of_result(a, i);
        char *text = request_text(&r);
        must(text != NULL);
        free(text);
        request_dispose(&r);
    }
}

int fuzz_one(const uint8_t *data, size_t n) {
    struct attribution *a;
    struct err e = {0};
    enum err_code code = result_file_parse(&a, (const char *)data, n, &e);
    if (code != ERR_OK) {
        must(!a && e.code == code && e.message[0] != '\0' && code != ERR_INTERNAL);
        return 0;
    }
    try_again(a);
    try_show(a);
    try_exports(a);
    try_requests(a);
    attribution_release(a);
    return 0;
}

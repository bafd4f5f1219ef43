/*
 * Pages of made-up results, and what aggregators/ says of every choice of layer and head on them:
 * check_choices.py holds the page's script against it. One line of JSON a case: name, page, step
 * (the script's cells are compared one in so many), tolerance, and for every choice its layer, head
 * and scores (base64 of float32, source rows before target rows).
 */
#include "aggregators/aggregate.h"
#include "aggregators/functions.h"
#include "backend/base/base64.h"
#include "views/export/html.h"

#include <cJSON.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One made-up result: layers and heads 0 where it has none. */
struct page_case {
    const char *name;
    int64_t source, target, steps, layers, heads; /* source 0: decoder-only */
    int step;
    double tolerance; /* of a column's largest magnitude */
    bool choices_few; /* only some of the choices */
    float (*value)(int64_t i, float noise);
    struct heat_ends ends; /* of fixed colours */
};

static float plain(int64_t i, float noise) {
    (void)i;
    return noise;
}

static float positive(int64_t i, float noise) {
    (void)i;
    return fabsf(noise);
}

/* Some positions that a step cannot see, and a column (and head) of nothing but zeros. */
static float holes(int64_t i, float noise) {
    if (i % 7 == 3)
        return NAN;
    return i % 4 == 1 ? 0 : noise;
}

static float zeros(int64_t i, float noise) {
    (void)i, (void)noise;
    return 0;
}

/* From the tiny (below the floor of the division) to the large. */
static float wide(int64_t i, float noise) {
    return noise * powf(10, (float)(i % 5 * 10 - 20));
}

static const struct page_case cases[] = {
    {"layers and heads", 0, 4, 3, 2, 3, 1, 0, false, plain, {0}},
    {"both sides", 3, 4, 2, 3, 2, 1, 0, false, plain, {0}},
    {"no signs", 2, 3, 3, 2, 2, 1, 0, false, positive, {0}},
    {"layers without heads", 0, 5, 4, 4, 0, 1, 0, false, plain, {0}},
    {"one layer and one head", 2, 2, 1, 1, 1, 1, 0, false, plain, {0}},
    {"holes", 2, 5, 3, 2, 4, 1, 0, false, holes, {0}},
    {"nothing but zeros", 0, 3, 2, 2, 2, 1, 0, false, zeros, {0}},
    {"many magnitudes", 2, 3, 2, 5, 2, 1, 0, false, wide, {0}},
    {"fixed colours", 2, 4, 3, 3, 2, 1, 0, false, plain, {true, -0.1f, 0.15f}},
    {"fixed colours from above zero", 0, 4, 3, 3, 2, 1, 0, false, plain, {true, 0.05f, 0.3f}},
    {"units", 0, 17, 12, 2, 2, 1, 0, false, holes, {0}},
    {"units of both sides", 9, 16, 11, 2, 0, 1, 0, false, plain, {0}},
    /* So many scores that the page has them as half floats, of 11 significant bits. */
    {"half floats", 0, 60, 40, 24, 24, 131, 1e-3, true, plain, {0}},
};

static float noise(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (float)(int32_t)*state / 2147483648.0f;
}

static void fill(struct scores *s, const struct page_case *c, int64_t rows, uint32_t *state) {
    int64_t dims[] = {rows, c->steps, c->layers, c->heads};
    if (rows == 0)
        return;
    if (!scores_init(s, c->heads ? 4 : 3, dims, 0))
        abort();
    for (int64_t i = 0, n = scores_count(s); i < n; i++)
        s->data[i] = c->value(i, noise(state));
}

/* As steps see them. */
static void hide_unseen(struct attribution_sequence *s) {
    const struct scores *t = &s->target_attributions;
    const int64_t cell = scores_cell(t), steps = attribution_steps(s);
    for (int64_t i = 0; i < scores_count(t); i++)
        if (!attribution_sees(s, true, i / cell / steps, i / cell % steps))
            t->data[i] = NAN;
}

/* Words of one to three tokens, sentences of a few of them, and a line's end. */
static void add_tokens(struct token_list *list, int64_t n, int64_t from) {
    static const char *const texts[] = {" We", " <w", "ent>", ".",   " Th", "e",
                                        "n",   " we", " sl",  "ept", ".",   "\n"};
    for (int64_t i = 0; i < n; i++) {
        const char *text = texts[(size_t)(i + from) % (sizeof texts / sizeof *texts)];
        token_list_add(list, 1, false, text, text, strlen(text));
    }
}

static struct attribution *make_result(const struct page_case *c) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    uint32_t state = 1;
    s->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    s->attr_pos_start = c->target - c->steps;
    s->attr_pos_end = c->target;
    add_tokens(&s->source, c->source, 0);
    add_tokens(&s->target, c->target, 3);
    fill(&s->source_attributions, c, c->source, &state);
    fill(&s->target_attributions, c, c->target, &state);
    hide_unseen(s);
    return a;
}

/* Of rows that some step can see: no others are shown. */
static void add_base64(cJSON *to, const char *name, const struct attribution_sequence *s) {
    struct text_buffer data = {0}, text = {0};
    const struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0, n = attribution_visible_rows(s, side == 1) * attribution_steps(s);
             i < n; i++)
            text_buffer_add(&data, (const char *)&sides[side]->data[i], sizeof(float));
    base64_add(&text, data.text, data.n);
    cJSON_AddStringToObject(to, name, text.text);
    text_buffer_dispose(&data);
    text_buffer_dispose(&text);
}

/* What the script calls "mean", "max", "0", "1" … */
static void add_choice(struct pipeline *p, char name[24], int64_t i) {
    static const char *const names[] = {"mean", "max"};
    snprintf(name, 24, "%lld", (long long)i - 2);
    struct aggregate_stage *s = pipeline_append(p, "scores", NULL);
    pipeline_set(s, "normalize", "true");
    if (i > 1) {
        pipeline_set(s, "select_idx", name);
        return;
    }
    snprintf(name, 24, "%s", names[i]);
    s->function = aggregate_function_find(names[i]);
}

/* Of rows, of columns, or of both. */
static void add_unit(struct pipeline *p, const char *unit, const char *side) {
    struct aggregate_stage *s = pipeline_append(p, "units", aggregate_function_find("sum"));
    char *name = mem_format("\"%s\"", unit);
    if (strcmp(side, "columns") != 0)
        pipeline_set(s, "rows", name);
    if (strcmp(side, "rows") != 0)
        pipeline_set(s, "columns", name);
    free(name);
}

/* NULL: the page does not offer this unit. */
static cJSON *expect(const struct attribution_sequence *s, int64_t layer, int64_t head,
                     const char *unit, const char *side) {
    char layer_name[24], head_name[24];
    const bool heads = head >= 0;
    struct pipeline p = {0};
    if (heads)
        add_choice(&p, head_name, head);
    add_choice(&p, layer_name, layer);
    if (strcmp(unit, "token") != 0)
        add_unit(&p, unit, side);
    struct attribution_sequence flat;
    struct err e;
    if (aggregate_sequence(&flat, s, &p, NULL, &e) != ERR_OK) {
        fprintf(stderr, "%s\n", e.message);
        exit(1);
    }
    pipeline_dispose(&p);
    cJSON *choice = NULL;
    if (attribution_visible_rows(&flat, false) + attribution_visible_rows(&flat, true) == 0)
        goto out;
    choice = cJSON_CreateObject();
    cJSON_AddStringToObject(choice, "unit", unit);
    cJSON_AddStringToObject(choice, "side", side);
    cJSON_AddNumberToObject(choice, "columns", (double)attribution_steps(&flat));
    cJSON_AddStringToObject(choice, "layer", layer_name);
    if (heads)
        cJSON_AddStringToObject(choice, "head", head_name);
    add_base64(choice, "scores", &flat);
out:
    attribution_sequence_dispose(&flat);
    return choice;
}

static void add_sides(cJSON *to, const struct attribution_sequence *s, int64_t layer, int64_t head,
                      const char *unit) {
    static const char *const sides[] = {"both", "rows", "columns"};
    const size_t n = strcmp(unit, "token") == 0 ? 1 : sizeof sides / sizeof *sides;
    bool offered = true;
    for (size_t i = 0; i < n && offered; i++) {
        cJSON *choice = expect(s, layer, head, unit, sides[i]);
        offered = choice;
        cJSON_AddItemToArray(to, choice);
    }
}

static void print_case(const struct page_case *c) {
    struct attribution *a = make_result(c);
    struct text_buffer page = {0};
    struct err e;
    const struct html_options look = {.ends = c->ends};
    if (html_write(&page, a, a, &look, &e) != ERR_OK) {
        fprintf(stderr, "%s\n", e.message);
        exit(1);
    }
    cJSON *line = cJSON_CreateObject(), *choices = cJSON_AddArrayToObject(line, "choices");
    cJSON_AddStringToObject(line, "name", c->name);
    cJSON_AddStringToObject(line, "page", page.text);
    cJSON_AddNumberToObject(line, "step", c->step);
    cJSON_AddNumberToObject(line, "tolerance", c->tolerance);
    static const char *const names[] = {"token", "word", "sentence", "line"};
    const size_t n_names = sizeof names / sizeof *names;
    int64_t by = c->choices_few ? 9 : 1;
    for (int64_t layer = 0; layer < c->layers + 2; layer += by)
        for (int64_t head = c->heads ? 0 : -1; head < (c->heads ? c->heads + 2 : 0); head += by)
            for (size_t i = 0; i < (by > 1 || (layer + head) % 3 ? 1 : n_names); i++)
                add_sides(choices, &a->sequences[0], layer, head, names[i]);
    char *text = cJSON_PrintUnformatted(line);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(line);
    text_buffer_dispose(&page);
    attribution_release(a);
}

int main(void) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        print_case(&cases[i]);
    return 0;
}

/*
 * Random methods have Inseq's distribution: scores over our seeds against scores over Inseq's
 * (tests/fixtures/make_inseq_random.py), cell by cell, by the largest distance of the two empirical
 * distributions (Kolmogorov and Smirnov); and so their distances from a centre, which tells spreads
 * apart. For samples of equal size n ≥ 458 from one distribution, of whatever form, that distance
 * passes d with a probability of at most 2·exp(−n·d²) (Wei and Dudley 2012, "Two-sample
 * Dvoretzky-Kiefer-Wolfowitz inequalities"); looking at some points of them only makes it smaller.
 * The bound is such that with right methods the whole file fails with a probability of at most
 * FALSE_ALARM; that die was cast when the fixtures were made, since our seeds are fixed.
 *
 * It tells apart LIME's masks at 0.3 and 0.36, noise of gradient SHAP 1.4 times too strong, and
 * attention's dropout at 0.4 and 0.28. On such small models a replaced token changes little, and
 * ReAGent's scores are mostly where they began: there the comparison element by element
 * (torch_families.c) is the sharper one.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/method.h"
#include "methods/registry.h"
#include "methods/request/attribute.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FALSE_ALARM 1e-4
enum { MOST_CELLS = 60 }; /* of all cases together */

static const char *text_of(const cJSON *c, const char *key) {
    return cJSON_GetObjectItem(c, key)->valuestring;
}
static int int_of(const cJSON *c, const char *key) {
    return cJSON_GetObjectItem(c, key)->valueint;
}

/* --- comparing --------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A number as the fixture has it: five digits; no score lies above all others. */
static double rounded(double x) {
    char text[32];
    if (isnan(x))
        return INFINITY;
    snprintf(text, sizeof text, "%.5g", x);
    return strtod(text, NULL);
}

/* The largest distance of our empirical distribution of x [n], sorted here, from the fixture's at
 * its points. */
static double distance(double *x, int n, const cJSON *points) {
    const cJSON *point;
    double d = 0;
    int i = 0;
    qsort(x, (size_t)n, sizeof *x, by_size);
    cJSON_ArrayForEach(point, points) {
        double value = cJSON_GetArrayItem(point, 0)->valuedouble;
        while (i < n && x[i] <= value)
            i++;
        d = fmax(d, fabs(i - cJSON_GetArrayItem(point, 1)->valuedouble) / n);
    }
    return d;
}

/* Whether there is anything to compare: not in the row of a token that is its own baseline. */
static bool compare(const char *label, double *ours, const cJSON *cell) {
    static const char *const keys[] = {"values", "distances"};
    const int n = int_of(cell, "n");
    const double bound = sqrt(log(2 * 2 * MOST_CELLS / FALSE_ALARM) / n),
                 centre = cJSON_GetObjectItem(cell, "centre")->valuedouble;
    cr_assert_geq(n, 458, "%s: too few runs", label);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < n; i++)
            ours[i] = rounded(k ? fabs(ours[i] - centre) : ours[i]);
        double d = distance(ours, n, cJSON_GetObjectItem(cell, keys[k]));
        cr_expect(d <= bound,
                  "%s, %s, row %d: the distributions of the %s are %.3f apart, more than %.3f",
                  label, text_of(cell, "side"), int_of(cell, "row"), keys[k], d, bound);
    }
    return cJSON_GetArraySize(cJSON_GetObjectItem(cell, "values")) > 1;
}

/* --- samples of ours --------------------------------------------------------------------- */

struct sampled {
    const cJSON *cells;
    double **out;
}; /* [cells][runs] */

/* a: NULL where no number came, which the reference has as a number that is none. */
static double score_sum(const struct attribution *a, const cJSON *cell) {
    if (!a)
        return NAN;
    const struct attribution_sequence *s = &a->sequences[0];
    const char *side = text_of(cell, "side");
    const struct scores *x =
        strcmp(side, "source") == 0 ? &s->source_attributions : &s->target_attributions;
    double sum = 0;
    if (strcmp(side, "score") == 0)
        return attribution_find_step_scores(s, "mc_dropout_prob_avg")->data[0];
    cr_assert(x->data && x->dims[1] == 1 && int_of(cell, "row") < x->dims[0]);
    for (int64_t k = 0; k < scores_cell(x); k++)
        sum += x->data[int_of(cell, "row") * scores_cell(x) + k];
    return sum;
}

/* The case's request with this seed; *kwargs is the caller's to free. */
static struct attribute_request request_of(const cJSON *c, int seed, char **kwargs) {
    static const char *const scores[] = {"mc_dropout_prob_avg"};
    cJSON *options = cJSON_Duplicate(cJSON_GetObjectItem(c, "kwargs"), true);
    cJSON_AddNumberToObject(options, "seed", seed);
    *kwargs = cJSON_PrintUnformatted(options);
    cJSON_Delete(options);
    bool dropout = strcmp(text_of(c, "method"), "dummy") == 0;
    return (struct attribute_request){.input_text = text_of(c, "input"),
                                      .generated_text = text_of(c, "generated"),
                                      .method = text_of(c, "method"),
                                      .attribution_kwargs = *kwargs,
                                      .attr_pos_start = optional_of(int_of(c, "start")),
                                      .attributed_fn = dropout ? NULL : "probability",
                                      .step_scores = {scores, dropout},
                                      .attribute_target =
                                          cJSON_IsTrue(cJSON_GetObjectItem(c, "attribute_target"))};
}

/* NULL: no probe of ReAGent's ended, which is an error of a run of one column. */
static struct attribution *run(struct model *m, const cJSON *c, int seed, int64_t budget) {
    struct err e = {0};
    struct attribution *a = NULL;
    char *kwargs;
    struct attribute_request r = request_of(c, seed, &kwargs);
    r.memory_budget = budget;
    const enum err_code code = attribute_run(&a, m, &r, NULL, NULL, &e);
    const bool unended = code == ERR_UNSUPPORTED && strstr(e.message, "no probe ended");
    cr_assert(code == ERR_OK || unended, "%s: %s", r.method, e.message);
    free(kwargs);
    return a;
}

/* The target's probability in as many passes under dropout as the fixture has: in place of a
 * method. */
static enum err_code noisy_use(void *user, const struct attribution_sequence *tokens,
                               const struct method_input *in, const struct run_ctl *ctl,
                               struct err *e) {
    enum { BATCH = 50 };
    const struct sampled *s = user;
    const cJSON *cell = cJSON_GetArrayItem(s->cells, 1);
    const int n = int_of(cell, "n");
    float *logits = mem_alloc((size_t)in->config->n_vocab * sizeof *logits);
    (void)tokens;
    cr_assert(strcmp(text_of(cell, "side"), "noisy") == 0 && n % BATCH == 0);
    for (int i = 0; i < n; i += BATCH) {
        struct forward *f;
        struct forward_input forward = {.n_batch = BATCH,
                                        .source_ids = in->source_ids,
                                        .n_source = in->n_source,
                                        .target_ids = in->target_ids,
                                        .n_target = in->end - 1,
                                        .dropout = true,
                                        .dropout_seed = 1000000 + (uint64_t)i};
        cr_assert_eq(model_forward(&f, in->model, &forward, ctl, e), ERR_OK, "%s", e->message);
        for (int b = 0; b < BATCH; b++) {
            struct position at = {b, in->end - 2};
            cr_assert_eq(forward_logits(f, &at, 1, logits, e), ERR_OK);
            s->out[1][i + b] =
                step_token_score(logits, in->config->n_vocab, in->target_ids[in->end - 1], false);
        }
        forward_free(f);
    }
    free(logits);
    return ERR_OK;
}

/* A seed gives the same bits again, and whatever the chunks the same numbers. */
static void check_seed(struct model *m, const cJSON *c, const char *label) {
    struct attribution *a[4] = {run(m, c, 3, 0), run(m, c, 3, 0), run(m, c, 3, 1), run(m, c, 4, 0)};
    const cJSON *cell;
    bool differs = false;
    cJSON_ArrayForEach(cell, cJSON_GetObjectItem(c, "cells")) {
        if (strcmp(text_of(cell, "side"), "noisy") == 0)
            continue;
        double x[4];
        for (int i = 0; i < 4; i++)
            x[i] = score_sum(a[i], cell);
        cr_expect(isnan(x[0]) ? isnan(x[1]) : x[0] == x[1],
                  "%s: the same seed gave %.9g, then %.9g", label, x[0], x[1]);
        cr_expect(isnan(x[0]) ? isnan(x[2]) : fabs(x[0] - x[2]) <= 1e-3 * fabs(x[0]),
                  "%s: with a small budget %.9g becomes %.9g", label, x[0], x[2]);
        differs |= x[0] != x[3];
    }
    cr_expect(differs, "%s: another seed gave the same", label);
    for (int i = 0; i < 4; i++)
        attribution_release(a[i]);
}

static void check_case(struct model *m, const cJSON *c) {
    struct sampled s = {.cells = cJSON_GetObjectItem(c, "cells")};
    const int n_cells = cJSON_GetArraySize(s.cells),
              n = int_of(cJSON_GetArrayItem(s.cells, 0), "n");
    const bool dropout = cJSON_HasObjectItem(c, "config");
    char label[80], *kwargs;
    struct err e = {0};
    snprintf(label, sizeof label, "%s, %s", dropout ? "mc_dropout_prob_avg" : text_of(c, "method"),
             text_of(c, "model"));
    s.out = mem_alloc((size_t)n_cells * sizeof *s.out);
    for (int k = 0; k < n_cells; k++)
        s.out[k] = mem_alloc((size_t)int_of(cJSON_GetArrayItem(s.cells, k), "n") * sizeof **s.out);
    for (int i = 0; i < n; i++) {
        struct attribution *a = run(m, c, i, 0);
        for (int k = 0; k < (dropout ? 1 : n_cells); k++)
            s.out[k][i] = score_sum(a, cJSON_GetArrayItem(s.cells, k));
        attribution_release(a);
    }
    struct attribute_request r = request_of(c, 0, &kwargs);
    if (dropout)
        cr_assert_eq(attribute_prepare(m, &r, NULL, noisy_use, &s, NULL, &e), ERR_OK, "%s",
                     e.message);
    free(kwargs);
    check_seed(m, c, label);
    int n_varying = 0;
    for (int k = 0; k < n_cells; k++) {
        n_varying += compare(label, s.out[k], cJSON_GetArrayItem(s.cells, k));
        free(s.out[k]);
    }
    cr_expect_geq(n_varying, 2, "%s: nothing varies", label);
    free(s.out);
}

/* --- the fixtures ------------------------------------------------------------------------ */

/* The case's checkpoint with other entries in its configuration: a folder of links at `copy`. */
static void change_config(char *copy, const char *path, const cJSON *changes) {
    static const char *const files[] = {"model.safetensors",
                                        "tokenizer.json",
                                        "tokenizer_config.json",
                                        "generation_config.json",
                                        "source.spm",
                                        "target.spm",
                                        "vocab.json"};
    struct err e = {0};
    size_t n;
    char *text, *from = mem_format("%s/config.json", path), *to, here[4000];
    cr_assert_eq(file_read(&text, &n, from, 1 << 20, &e), ERR_OK, "%s", e.message);
    cJSON *config = cJSON_Parse(text), *change;
    cJSON_ArrayForEach(change, changes) {
        bool done = cJSON_ReplaceItemInObject(config, change->string,
                                              cJSON_CreateNumber(change->valuedouble));
        cr_assert(done, "%s", change->string);
    }
    free(text);
    free(from);
    cr_assert(mkdtemp(copy) && getcwd(here, sizeof here));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        from = mem_format("%s/%s/%s", here, path, files[i]);
        to = mem_format("%s/%s", copy, files[i]);
        if (access(from, R_OK) == 0)
            cr_assert_eq(symlink(from, to), 0);
        free(from);
        free(to);
    }
    text = cJSON_Print(config);
    to = mem_format("%s/config.json", copy);
    FILE *f = fopen(to, "w");
    cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
    free(to);
    free(text);
    cJSON_Delete(config);
}

static void remove_folder(const char *folder) {
    char *command = mem_format("rm -r '%s'", folder);
    cr_expect_eq(system(command), 0);
    free(command);
}

static cJSON *read_cases(const char *method, const char *model) {
    struct err e = {0};
    size_t n;
    char *text, *path = mem_format("tests/fixtures/random/%s-%s.json", method, model);
    cr_assert_eq(file_read(&text, &n, path, 1 << 24, &e), ERR_OK, "%s", e.message);
    cJSON *json = cJSON_Parse(text);
    cr_assert_not_null(json);
    free(text);
    free(path);
    return json;
}

static int check_model(const char *method, const char *model) {
    cJSON *json = read_cases(method, model), *cases = cJSON_GetObjectItem(json, "cases"), *c;
    int n_cases = cJSON_GetArraySize(cases);
    cJSON_ArrayForEach(c, cases) {
        struct err e = {0};
        struct model *m = NULL;
        struct model_options options = {.n_threads = 1};
        char *path = mem_format("tests/fixtures/tiny/%s", model),
             copy[] = "/tmp/tinseq-random-XXXXXX";
        const cJSON *changes = cJSON_GetObjectItem(c, "config");
        cr_assert_str_eq(text_of(c, "model"), model);
        if (changes)
            change_config(copy, path, changes);
        cr_assert_eq(model_open(&m, changes ? copy : path, &options, NULL, &e), ERR_OK, "%s",
                     e.message);
        if (changes)
            remove_folder(copy);
        check_case(m, c);
        model_free(m);
        free(path);
    }
    cJSON_Delete(json);
    return n_cases;
}

static const char *const models[] = {"llama", "gpt2", "marian"};

static void check(const char *method, int n_cases) {
    int n = 0;
    for (int i = 0; i < 3; i++)
        n += check_model(method, models[i]);
    cr_expect_eq(n, n_cases);
}

Test(random_methods, no_more_cells_than_the_bound_allows_for) {
    static const char *const methods[] = {"gradient_shap", "lime", "reagent",
                                          "mc_dropout_prob_avg"};
    int n = 0;
    for (int i = 0; i < 12; i++) {
        cJSON *json = read_cases(methods[i / 3], models[i % 3]), *c;
        cJSON_ArrayForEach(c, cJSON_GetObjectItem(json, "cases")) n +=
            cJSON_GetArraySize(cJSON_GetObjectItem(c, "cells"));
        cJSON_Delete(json);
    }
    cr_expect(n > 30 && n <= MOST_CELLS, "%d cells", n);
}

Test(random_methods, gradient_shap) {
    check("gradient_shap", 6);
}
Test(random_methods, lime) {
    check("lime", 3);
}
Test(random_methods, reagent) {
    check("reagent", 3);
}
Test(random_methods, mc_dropout_prob_avg) {
    check("mc_dropout_prob_avg", 3);
}

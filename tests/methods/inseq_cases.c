#include "tests/methods/inseq_cases.h"

#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/attribute.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a column's largest; a case's "bound" says where float32 itself is further than that from
 * float64, and its script why. */
#define BOUND 1e-4
static double bound = BOUND;

static const char *text_of(const cJSON *c, const char *key) {
    const cJSON *v = cJSON_GetObjectItem(c, key);
    return cJSON_IsString(v) ? v->valuestring : NULL;
}

static struct optional position_of(const cJSON *c, const char *key) {
    const cJSON *v = cJSON_GetObjectItem(c, key);
    return cJSON_IsNumber(v) ? optional_of((int64_t)v->valuedouble) : (struct optional){0};
}

/* Both NaN, or close relative to the column's largest magnitude, but no smaller than `least`. Step
 * scores [G] count as one column. */
static void compare_scores(const char *label, const char *what, const struct scores *got,
                           const struct scores *want, double least) {
    cr_expect((got->data == NULL) == (want->data == NULL), "%s: %s: one is null", label, what);
    if (!got->data || !want->data)
        return;
    bool same = got->n_dims == want->n_dims;
    for (int i = 0; same && i < got->n_dims; i++)
        same = got->dims[i] == want->dims[i];
    cr_expect(same, "%s: %s: [%d %d %d], Inseq [%d %d %d]", label, what, (int)got->dims[0],
              (int)got->dims[1], (int)got->dims[2], (int)want->dims[0], (int)want->dims[1],
              (int)want->dims[2]);
    if (!same)
        return;
    int64_t rows = got->dims[0], columns = got->n_dims > 1 ? got->dims[1] : 1,
            cell = scores_cell(got);
    double worst = 0;
    int n_nan = 0;
    for (int64_t c = 0; c < columns; c++) {
        double largest = least;
        for (int64_t i = 0; i < rows * cell; i++) {
            double x = want->data[(i / cell * columns + c) * cell + i % cell];
            largest = fabs(x) > largest ? fabs(x) : largest;
        }
        for (int64_t i = 0; i < rows * cell; i++) {
            int64_t at = (i / cell * columns + c) * cell + i % cell;
            double a = got->data[at], b = want->data[at],
                   d = fabs(a - b) / (largest > 0 ? largest : 1);
            n_nan += isnan(a) != isnan(b);
            if (!isnan(a) && !isnan(b) && !(d <= worst))
                worst = d;
        }
    }
    cr_expect(n_nan == 0, "%s: %s: %d elements are NaN in one only", label, what, n_nan);
    cr_expect(worst <= bound, "%s: %s: differs by %g of the column's largest", label, what, worst);
}

static void compare_tokens(const char *label, const char *what, const struct token_list *got,
                           const struct token_list *want) {
    cr_expect(got->n == want->n, "%s: %s: %zu tokens, Inseq has %zu", label, what, got->n, want->n);
    for (size_t i = 0; i < got->n && i < want->n; i++)
        cr_expect(got->items[i].id == want->items[i].id &&
                      strcmp(got->items[i].piece, want->items[i].piece) == 0,
                  "%s: %s %zu: \"%s\" %d, Inseq \"%s\" %d", label, what, i, got->items[i].piece,
                  got->items[i].id, want->items[i].piece, want->items[i].id);
}

/* Step scores of ours are called reference_… where Inseq's own fail
 * (tests/fixtures/make_inseq.py).
 */
static const struct scores *find_score(const struct attribution_sequence *s, const char *name) {
    const struct scores *found = attribution_find_step_scores(s, name);
    char other[100];
    snprintf(other, sizeof other, "reference_%s", name);
    return found ? found : attribution_find_step_scores(s, other);
}

/* The largest sum of magnitudes of a column: deltas are what is left of such sums after
 * cancelling. */
static double largest_sum(const struct attribution_sequence *s) {
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    double largest = 0;
    for (int64_t c = 0; c < attribution_steps(s); c++) {
        double sum = 0;
        for (int k = 0; k < 2; k++)
            for (int64_t row = 0; sides[k]->data && row < sides[k]->dims[0]; row++)
                for (int64_t i = 0; i < scores_cell(sides[k]); i++) {
                    double x =
                        sides[k]->data[(row * sides[k]->dims[1] + c) * scores_cell(sides[k]) + i];
                    sum += isnan(x) ? 0 : fabs(x);
                }
        largest = sum > largest ? sum : largest;
    }
    return largest;
}

/* What the error of a step score is at least relative to: of a difference, what was subtracted. */
static double of_difference(const char *name, const struct attribution_sequence *want) {
    if (strcmp(name, "deltas") == 0)
        return largest_sum(want);
    return strcmp(name, "convergence_gap") == 0 ? 1 : 0;
}

static void compare(const char *label, const struct attribution_sequence *got,
                    const struct attribution_sequence *want) {
    cr_expect(got->attr_pos_start == want->attr_pos_start &&
                  got->attr_pos_end == want->attr_pos_end,
              "%s: positions %d-%d, Inseq %d-%d", label, (int)got->attr_pos_start,
              (int)got->attr_pos_end, (int)want->attr_pos_start, (int)want->attr_pos_end);
    cr_expect_str_eq(got->class_name, want->class_name, "%s", label);
    compare_tokens(label, "target", &got->target, &want->target);
    if (strstr(label, "dummy") == NULL) /* Inseq's dummy keeps only the start token as source */
        compare_tokens(label, "source", &got->source, &want->source);
    compare_scores(label, "source_attributions", &got->source_attributions,
                   &want->source_attributions, 0);
    compare_scores(label, "target_attributions", &got->target_attributions,
                   &want->target_attributions, 0);
    size_t ours = 0;
    for (size_t i = 0; i < got->n_step_scores; i++) {
        const struct scores *other = find_score(want, got->step_scores[i].name);
        /* Inseq does not tell it. */
        if (!other && strcmp(got->step_scores[i].name, "convergence_gap") == 0) {
            ours++;
            continue;
        }
        cr_expect_not_null(other, "%s: Inseq has no step score %s", label,
                           got->step_scores[i].name);
        if (other)
            compare_scores(label, got->step_scores[i].name, &got->step_scores[i].scores, other,
                           of_difference(got->step_scores[i].name, want));
    }
    cr_expect(got->n_step_scores == want->n_step_scores + ours,
              "%s: %zu step scores, Inseq has %zu", label, got->n_step_scores, want->n_step_scores);
    cr_expect(got->n_sequence_scores == want->n_sequence_scores,
              "%s: %zu sequence scores, Inseq has %zu", label, got->n_sequence_scores,
              want->n_sequence_scores);
    for (size_t i = 0; i < got->n_sequence_scores; i++)
        for (size_t k = 0; k < want->n_sequence_scores; k++)
            if (strcmp(got->sequence_scores[i].name, want->sequence_scores[k].name) == 0)
                compare_scores(label, got->sequence_scores[i].name, &got->sequence_scores[i].scores,
                               &want->sequence_scores[k].scores, 0);
}

static void check_case(struct model *m, const char *folder, const cJSON *c) {
    const char *label = text_of(c, "file"), *scores[16];
    const cJSON *list = cJSON_GetObjectItem(c, "step_scores"), *s;
    struct attribute_request r = {.input_text = text_of(c, "input"),
                                  .generated_text = text_of(c, "generated"),
                                  .method = text_of(c, "method"),
                                  .attributed_fn = text_of(c, "attributed_fn"),
                                  .contrast_targets = text_of(c, "contrast"),
                                  .step_scores.items = scores,
                                  .attribute_target =
                                      cJSON_IsTrue(cJSON_GetObjectItem(c, "attribute_target")),
                                  .attr_pos_start = position_of(c, "start"),
                                  .attr_pos_end = position_of(c, "end")};
    char *kwargs = cJSON_PrintUnformatted(cJSON_GetObjectItem(c, "kwargs")), path[300];
    struct attribution *got = NULL, *want = NULL;
    struct err e = {0};
    cJSON_ArrayForEach(s, list) scores[r.step_scores.n++] = s->valuestring;
    r.attribution_kwargs = kwargs;
    snprintf(path, sizeof path, "%s/%s", folder, label);
    const cJSON *wider = cJSON_GetObjectItem(c, "bound");
    bound = cJSON_IsNumber(wider) ? wider->valuedouble : BOUND;
    cr_assert_eq(result_file_load(&want, path, &e), ERR_OK, "%s: %s", label, e.message);
    enum err_code code = attribute_run(&got, m, &r, NULL, NULL, &e);
    cr_expect_eq(code, ERR_OK, "%s: %s", label, e.message);
    if (code == ERR_OK)
        compare(label, &got->sequences[0], &want->sequences[0]);
    attribution_release(got);
    attribution_release(want);
    free(kwargs);
}

/* The cases of one manifest that are for `model`; returns how many. */
static int check_manifest(struct model *m, const char *path, const char *model) {
    char *text, *folder = mem_text(path);
    size_t n;
    struct err e = {0};
    int n_cases = 0;
    *strrchr(folder, '/') = '\0';
    cr_assert_eq(file_read(&text, &n, path, 1 << 24, &e), ERR_OK, "%s", e.message);
    cJSON *manifest = cJSON_Parse(text), *c;
    free(text);
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(manifest, "cases")) {
        if (strcmp(text_of(c, "model"), model) != 0)
            continue;
        check_case(m, folder, c);
        n_cases++;
    }
    cJSON_Delete(manifest);
    free(folder);
    return n_cases;
}

void inseq_cases_check(const char *model, const char *path, int at_least) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    glob_t found;
    int n_cases = 0;
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(glob("tests/fixtures/inseq*/*manifest.json", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        n_cases += check_manifest(m, found.gl_pathv[i], model);
    globfree(&found);
    cr_expect(n_cases >= at_least, "%d cases of %s, there should be %d", n_cases, model, at_least);
    model_free(m);
}

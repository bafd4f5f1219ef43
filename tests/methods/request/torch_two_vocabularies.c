/* A model whose sides have vocabularies of their own, the target's ten times as large: what is
 * named and chosen of the target is of its vocabulary. */
#include "methods/request/attribute.h"

#include "backend/base/mem.h"
#include "backend/model.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOURCE = 41, TARGET = 420 };

static char folder[] = "/tmp/tinseq-test-XXXXXX";

static FILE *create(const char *name) {
    char *path = mem_format("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    free(path);
    return f;
}

/* "t4": the fourth piece of the target. */
static void put_vocabulary(const char *name, char letter, int n) {
    FILE *f = create(name);
    fputs("{\"<s>\": 0, \"<pad>\": 1, \"</s>\": 2, \"<unk>\": 3", f);
    for (int i = 4; i < n; i++)
        fprintf(f, ", \"%c%d</w>\": %d", letter, i, i);
    fputs("}", f);
    fclose(f);
}

static void put(const char *name, const char *text) {
    FILE *f = create(name);
    fputs(text, f);
    fclose(f);
}

static void each_file(int (*use)(const char *path)) {
    static const char *const names[] = {"vocab-src.json", "vocab-tgt.json", "merges.txt",
                                        "tokenizer_config.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = mem_format("%s/%s", folder, names[i]);
        cr_expect_eq(use(path), 0);
        free(path);
    }
}

static struct model *open_two(void) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {.tokenizer = folder};
    char *path = mem_format("%s/families/fsmt", getenv("TINSEQ_BUILD"));
    cr_assert_not_null(mkdtemp(folder));
    put_vocabulary("vocab-src.json", 's', SOURCE);
    put_vocabulary("vocab-tgt.json", 't', TARGET);
    put("merges.txt", "s 7</w> 9\ns 9</w> 9\nt 7</w> 9\n");
    put("tokenizer_config.json",
        "{\"tokenizer_class\": \"FSMTTokenizer\", \"langs\": [\"en\", \"de\"]}");
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    each_file(unlink);
    rmdir(folder);
    free(path);
    return m;
}

static struct attribution *run(struct model *m, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct attribute_events events = {.watched = true};
    struct run_ctl ctl = {0};
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, &events, &ctl, &e), ERR_OK, "%s", e.message);
    return a;
}

/* Whether a name is "t" and a number that only the target has. */
static bool is_of_target(const char *piece) {
    return *piece == 't' && atoi(piece + 1) >= SOURCE;
}

Test(two_vocabularies, what_the_model_writes_has_the_targets_names) {
    struct model *m = open_two();
    struct attribute_request r = {.input_text = "s7 s9", .generated_text = "t7 t7"};
    struct attribution *a = run(m, &r);
    const struct attribution_sequence *s = &a->sequences[0];
    int n_large = 0;
    cr_expect_eq(s->source.items[0].id, 7);
    cr_expect_str_eq(s->source.items[0].piece, "s7</w>");
    cr_expect_eq(s->target.items[1].id, 7);
    cr_expect_str_eq(s->target.items[1].piece, "t7</w>");
    for (int64_t g = 0; g < attribution_steps(s); g++)
        for (size_t i = 0; i < s->candidates[g].n; i++)
            n_large += is_of_target(s->candidates[g].items[i].piece);
    cr_expect_gt(n_large, 0);
    attribution_release(a);
    model_free(m);
}

Test(two_vocabularies, a_foil_by_rank_is_any_of_the_targets) {
    struct model *m = open_two();
    int n_large = 0;
    for (int rank = 1; rank <= 5; rank++) {
        struct attribute_request r = {.input_text = "s7 s9", .generated_text = "t7 t7"};
        r.attributed_fn = "contrast_logits_diff";
        r.foil.step = optional_of(1);
        r.foil.rank = rank;
        struct attribution *a = run(m, &r);
        const struct attribution_sequence *s = &a->sequences[0];
        n_large += is_of_target(s->target.items[s->attr_pos_start].piece);
        attribution_release(a);
    }
    cr_expect_gt(n_large, 0);
    model_free(m);
}

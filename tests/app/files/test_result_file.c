/* Results on disk, against files that Inseq saved (tests/fixtures/make_results.py) and against
 * damaged ones. */
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "methods/result/scores_text.h"
#include "views/export/exports.h"
#include "views/export/result_json.h"

#include <criterion/criterion.h>

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char *json_text(size_t *n, const struct attribution *a) {
    struct text_buffer b = {0};
    result_json_write(&b, a, NULL);
    *n = b.n;
    return text_buffer_take(&b);
}

static char *fixture(const char *name) {
    return mem_format("%s/results/%s", getenv("TINSEQ_FIXTURES"), name);
}

static struct attribution *load(const char *name) {
    struct err e = {0};
    struct attribution *a;
    char *path = fixture(name);
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    free(path);
    return a;
}

Test(result_file, writes_byte_for_byte_what_inseq_wrote) {
    static const char *const names[] = {"granular.json", "attention.json", "value_zeroing.json",
                                        "dummy.json",    "integers.json",  "granular.default.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err e;
        char *path = fixture(names[i]), *want;
        size_t n_want, n;
        cr_assert_eq(file_read(&want, &n_want, path, 1 << 24, &e), ERR_OK);
        struct attribution *a = load(names[i]);
        char *got = json_text(&n, a);
        size_t same = 0;
        while (same < n && same < n_want && got[same] == want[same])
            same++;
        cr_expect(n == n_want && same == n, "%s differs at byte %zu: %.60s", names[i], same,
                  got + same);
        free(got);
        free(want);
        free(path);
        attribution_release(a);
    }
}

Test(result_file, writes_back_every_result_of_the_real_inseq) {
    char *pattern = mem_format("%s/inseq/*.json.gz", getenv("TINSEQ_FIXTURES"));
    glob_t found;
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    char *want = malloc(1 << 24);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct attribution *a;
        struct err e = {0};
        size_t n;
        /* Also reads a file that is not compressed. */
        gzFile file = gzopen(found.gl_pathv[i], "rb");
        int n_want = gzread(file, want, 1 << 24);
        gzclose(file);
        cr_assert_eq(result_file_load(&a, found.gl_pathv[i], &e), ERR_OK, "%s", e.message);
        char *got = json_text(&n, a);
        cr_expect((int)n == n_want && memcmp(got, want, n) == 0, "%s", found.gl_pathv[i]);
        free(got);
        attribution_release(a);
    }
    cr_expect_gt(found.gl_pathc, 40);
    free(want);
    globfree(&found);
    free(pattern);
}

/* Inseq's file from which a token of the prompt is missing says so, once, also when it was saved
 * again; every other one of Inseq's says nothing. */
static void expect_told(const char *path, int64_t n_left_out, const char *what) {
    struct attribution *a, *again;
    struct err e = {0};
    size_t n;
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(attribution_left_out(a, 0), n_left_out, "%s: %d", path,
                 (int)attribution_left_out(a, 0));
    char *text = json_text(&n, a);
    cr_assert_eq(result_file_parse(&again, text, n, &e), ERR_OK, "%s: %s", path, e.message);
    char *notices = attribution_notices(again, "\n");
    cr_expect_eq(again->info.notices.n, n_left_out > 0, "%s", path);
    cr_expect(!what || (notices && strstr(notices, what)), "%s: %s", path, notices);
    free(notices);
    free(text);
    attribution_release(a);
    attribution_release(again);
}

Test(result_file, tells_of_tokens_that_inseq_left_out) {
    static const struct {
        const char *leaf;
        int64_t n;
        const char *what;
    } cases[] = {{"prompt", 1, "left 1 token of the prompt out of this file"},
                 {"aggregated", 1, "scores stand beside the token after theirs"},
                 {"attention", 1, "left 1 token"},
                 {"two", 2, "scores stand up to 2 tokens too far on"},
                 {"occlusion", 0, NULL},
                 {"end", 0, NULL},
                 {"none", 0, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path =
            mem_format("%s/removed-tokens/%s.json.gz", getenv("TINSEQ_FIXTURES"), cases[i].leaf);
        expect_told(path, cases[i].n, cases[i].what);
        free(path);
    }
    char *pattern = mem_format("%s/inseq*/*.json.gz", getenv("TINSEQ_FIXTURES"));
    glob_t found;
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        expect_told(found.gl_pathv[i], 0, NULL);
    cr_expect_gt(found.gl_pathc, 80);
    globfree(&found);
    free(pattern);
}

static void expect_equal_scores(const struct scores *a, const struct scores *b, const char *name) {
    cr_assert_eq(scores_count(a), scores_count(b), "%s", name);
    for (int64_t i = 0; i < scores_count(a); i++)
        cr_expect(a->data[i] == b->data[i] || (isnan(a->data[i]) && isnan(b->data[i])),
                  "%s [%d]: %g, not %g", name, (int)i, (double)a->data[i], (double)b->data[i]);
}

Test(result_file, reads_every_precision_inseq_can_save) {
    static const char *const pairs[][2] = {{"half.json", "half.exact.json"},
                                           {"eighth.json", "eighth.exact.json"}};
    for (int i = 0; i < 2; i++) {
        struct attribution *a = load(pairs[i][0]), *b = load(pairs[i][1]);
        expect_equal_scores(&a->sequences[0].target_attributions,
                            &b->sequences[0].target_attributions, pairs[i][0]);
        expect_equal_scores(&a->sequences[0].step_scores[0].scores,
                            &b->sequences[0].step_scores[0].scores, pairs[i][0]);
        attribution_release(a);
        attribution_release(b);
    }
    struct attribution *a = load("integers.json");
    const struct scores *sizes = attribution_find_step_scores(&a->sequences[0], "top_p_size");
    cr_assert(sizes && sizes->integer);
    cr_expect_eq(sizes->data[1], 40000);
    attribution_release(a);
}

Test(result_file, reads_gzip_and_primitives) {
    struct attribution *a = load("coarse.json.gz");
    cr_expect_eq(a->sequences[0].class, ATTRIBUTION_COARSE);
    cr_expect_eq(a->sequences[0].source.n, 6);
    attribution_release(a);
    a = load("primitives.json");
    cr_expect_eq(a->sequences[0].class, ATTRIBUTION_GRANULAR);
    cr_expect_str_eq(a->sequences[0].source.items[1].piece, "▁said");
    attribution_release(a);
}

Test(result_file, works_out_how_tokens_look) {
    struct attribution *a = load("granular.json");
    const struct token *source = a->sequences[0].source.items;
    cr_expect_str_eq(source[1].printable, "·said");
    cr_expect_str_eq(source[4].piece, "\"\\/\x7f\t");
    cr_expect(source[5].special && !source[1].special);
    cr_expect_str_eq(a->sequences[0].target.items[2].piece, "▁disse → ▁falou");
    attribution_release(a);
    a = load("dummy.json"); /* byte-level pieces */
    cr_expect_str_eq(a->sequences[0].target.items[1].printable, "·Eiff");
    cr_expect_str_eq(a->sequences[0].target.items[4].printable, "⏎");
    attribution_release(a);
}

Test(result_file, keeps_candidates_of_steps) {
    struct attribution *a = load("dummy.json"), *b;
    struct attribution_sequence *s = &a->sequences[0];
    s->candidates = mem_alloc(2 * sizeof *s->candidates);
    s->candidates[0].items = mem_alloc(2 * sizeof *s->candidates[0].items);
    s->candidates[0].n = 2;
    s->candidates[0].items[0] =
        (struct step_candidate){4, mem_text("ĠParis"), mem_text("·Paris"), 0.5f};
    s->candidates[0].items[1] =
        (struct step_candidate){9, mem_text("\"Ġ\\"), mem_text("\"·\\"), 0.25f};
    struct err e;
    size_t n;
    char *text = json_text(&n, a);
    cr_assert_eq(result_file_parse(&b, text, n, &e), ERR_OK, "%s", e.message);
    const struct step_candidates *back = b->sequences[0].candidates;
    cr_assert(back && back[0].n == 2 && back[1].n == 0);
    cr_expect_eq(back[0].items[0].probability, 0.5f);
    cr_expect_str_eq(back[0].items[0].printable, "·Paris");
    cr_expect_str_eq(back[0].items[1].piece, "\"Ġ\\");
    char *info = result_info_text(&b->info);
    cr_expect_null(strstr(info, "candidates"));
    free(info);
    free(text);
    attribution_release(a);
    attribution_release(b);
}

/* Files have them by name. */
Test(result_file, step_scores_come_in_the_order_in_which_they_were_asked_for) {
    static const char *const names[] = {"probability", "entropy", "crossentropy"};
    struct attribution *a = load("dummy.json"), *b;
    struct attribution_sequence *s = &a->sequences[0];
    struct err e;
    size_t n;
    for (size_t i = 0; i < s->n_step_scores; i++)
        mem_replace(&s->step_scores[i].name, mem_format("z%zu", i));
    for (size_t i = 0; i < 3; i++) {
        cr_assert_not_null(attribution_add_step_scores(s, names[i]));
        info_texts_add(&a->info.step_scores, names[i]);
    }
    char *text = json_text(&n, a);
    cr_assert_eq(result_file_parse(&b, text, n, &e), ERR_OK, "%s", e.message);
    cr_assert_geq(b->sequences[0].n_step_scores, 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect_str_eq(b->sequences[0].step_scores[i].name, names[i]);
    free(text);
    attribution_release(a);
    attribution_release(b);
}

Test(result_file, saves_whole_or_not_at_all) {
    struct err e;
    struct attribution *a = load("attention.json"), *b;
    char folder[] = "/tmp/tinseq-result-XXXXXX";
    cr_assert(mkdtemp(folder));
    char *plain = file_join(folder, "a.json"), *packed = file_join(folder, "a.json.gz"),
         *missing = file_join(folder, "no/a.json");
    cr_assert_eq(result_file_save(plain, a, &e), ERR_OK);
    cr_assert_eq(result_file_save(packed, a, &e), ERR_OK);
    cr_assert_eq(result_file_load(&b, packed, &e), ERR_OK, "%s", e.message);
    expect_equal_scores(&a->sequences[0].source_attributions, &b->sequences[0].source_attributions,
                        "packed");
    cr_expect_eq(b->sequences[0].n_sequence_scores, 2);
    cr_expect_eq(result_file_save(missing, a, &e), ERR_IO);
    cr_expect_eq(result_file_save("/dev/full", a, &e), ERR_IO);
    cr_expect(strstr(e.message, "not a regular file"), "%s", e.message);
    const struct export_input in = {.result = a};
    cr_expect_eq(export_file_write("/dev/full", export_find("json"), &in, &e), ERR_IO);
    cr_expect(strstr(e.message, "No space left"), "%s", e.message);
    unlink(plain);
    unlink(packed);
    rmdir(folder);
    free(plain);
    free(packed);
    free(missing);
    attribution_release(a);
    attribution_release(b);
}

static char *replaced(const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    cr_assert(at, "%s", from);
    return mem_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

Test(result_file, a_nul_in_its_texts_is_told) {
    struct err e = {0};
    struct attribution *a = load("granular.json"), *b;
    char *path = mem_format("%s/results/granular.json", getenv("TINSEQ_FIXTURES")), *text;
    size_t n;
    cr_assert_eq(file_read(&text, &n, path, 64 << 20, &e), ERR_OK, "%s", e.message);
    char *changed = replaced(text, "\"token\": \"", "\"token\": \"\\u0000");
    cr_assert_eq(result_file_parse(&b, changed, strlen(changed), &e), ERR_OK, "%s", e.message);
    cr_assert_eq(b->info.notices.n, a->info.notices.n + 1);
    cr_expect(strstr(b->info.notices.items[b->info.notices.n - 1], "U+FFFD"));
    attribution_release(a);
    attribution_release(b);
    free(changed);
    free(text);
    free(path);
}

Test(result_file, says_what_is_wrong_with_a_file) {
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"{", "", "not valid JSON"},
        {"\"attr_pos_end\": 5", "\"attr_pos_end\": 5.5", "whole numbers"},
        {"sequence_attributions", "sequences", "not a saved attribution"},
        {"\"id\": 12", "\"id\": 99999999999", "a source token is not"},
        {"\"id\": 12", "\"id\": \"12\"", "a source token is not"},
        {"\"source_attributions\": \"", "\"source_attributions\": \"!",
         "source_attributions: scores are not valid base64"},
        {"\"source_attributions\": \"", "\"source_attributions\": \"////////",
         "source_attributions: scores are cut short"},
        {"\"step_scores\": {", "\"step_scores\": {\"x\": null,", "without values"},
        {"\"source\": [", "\"source\": [{\"id\": 1, \"token\": \"a\"},", "source scores of 6 rows"},
        {"\"target\": [", "\"target\": {}, \"other\": [", "target tokens are missing"},
    };
    struct err e;
    char *path = fixture("granular.json"), *text;
    size_t n;
    cr_assert_eq(file_read(&text, &n, path, 1 << 24, &e), ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attribution *a;
        char *start = strstr(text, "\"sequence_attributions\"");
        /* Replace inside the sequences, not in info, where the text occurs there too. */
        char *tail = strstr(start, cases[i].from) && i > 0
                         ? replaced(start, cases[i].from, cases[i].to)
                         : NULL;
        char *damaged = tail ? mem_format("%.*s%s", (int)(start - text), text, tail)
                             : replaced(text, cases[i].from, cases[i].to);
        enum err_code code = result_file_parse(&a, damaged, strlen(damaged), &e);
        cr_expect(code == ERR_FORMAT && !a && strstr(e.message, cases[i].message), "%s: %s",
                  cases[i].message, e.message);
        if (code == ERR_OK)
            attribution_release(a);
        free(tail);
        free(damaged);
    }
    free(text);
    free(path);
}

Test(result_file, survives_every_truncation_and_many_changes) {
    static const char *const names[] = {"granular.json", "coarse.json.gz", "attention.json"};
    for (int k = 0; k < 3; k++) {
        struct err e;
        char *path = fixture(names[k]), *text;
        size_t n;
        cr_assert_eq(file_read(&text, &n, path, 1 << 24, &e), ERR_OK);
        for (size_t cut = 0; cut < n; cut += k == 1 ? 1 : 37) {
            struct attribution *a;
            /* Of its own, so that a read beyond the end is seen. */
            char *part = mem_copy(text, cut);
            cr_expect_neq(result_file_parse(&a, part, cut, &e), ERR_OK, "%s cut at %zu", names[k],
                          cut);
            free(part);
        }
        unsigned state = 7;
        for (int i = 0; i < 2000; i++) {
            struct attribution *a;
            char *changed = mem_copy(text, n);
            for (int j = 0; j < 3; j++) {
                state = state * 1103515245 + 12345;
                changed[state / 7 % n] = (char)(state >> 16);
            }
            if (result_file_parse(&a, changed, n, &e) == ERR_OK)
                attribution_release(a);
            free(changed);
        }
        free(text);
        free(path);
    }
}

/* Several unknown tokens have one id: what they stand for comes back with them. */
Test(result_file, keeps_what_unknown_tokens_stand_for) {
    static const char *const pieces[] = {"▁a", "<unk>", "<unk>", "<unk>", "</s>"},
                             *const texts[] = {" a", "茶", " 龍 x", "", ""};
    struct attribution *a = load("dummy.json"), *b;
    struct attribution_sequence *s = &a->sequences[0];
    struct err e = {0};
    const size_t n = s->target.n;
    token_list_dispose(&s->source);
    for (size_t i = 0; i < 5; i++)
        token_list_add(&s->source, (int32_t)i, i > 0, pieces[i], texts[i], strlen(texts[i]));
    size_t n_text;
    char *text = json_text(&n_text, a);
    cr_assert_eq(result_file_parse(&b, text, n_text, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(b->sequences[0].source.n, 5);
    cr_assert_eq(b->sequences[0].target.n, n);
    for (size_t i = 0; i < 5; i++) {
        const struct token *x = &s->source.items[i], *y = &b->sequences[0].source.items[i];
        cr_expect_str_eq(x->piece, y->piece);
        cr_expect_str_eq(x->printable, y->printable);
        cr_expect_eq(token_is_unknown(x), token_is_unknown(y));
        cr_expect(!token_is_unknown(x) || strcmp(x->bytes, y->bytes) == 0);
    }
    free(text);
    attribution_release(a);
    attribution_release(b);
}

Test(result_file, refuses_nesting_without_end) {
    struct err e;
    struct attribution *a;
    char *deep = mem_alloc(1 << 20);
    memset(deep, '[', (1 << 20) - 1);
    cr_expect_eq(result_file_parse(&a, deep, (1 << 20) - 1, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "nesting"), "%s", e.message);
    free(deep);
}

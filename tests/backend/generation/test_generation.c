/*
 * The searches on a scripted model (a fixed table of logits) against Transformers' generate() on
 * the same table (tests/fixtures/make_generation.py), and what they promise beyond it.
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/generation/logits_processors.h"
#include "backend/generation/search.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VOCAB 23
#define MAX_ROWS 16

/* The scripted model: remembers each hypothesis's last token and the common length. */
struct table {
    int32_t last[MAX_ROWS];
    int64_t n_rows, length;
    int n_steps;
};

static float table_logit(int64_t length, int64_t last, int64_t token) {
    int64_t x = (last * 7919 + token * 104729 + length * 1299709) % 10007;
    return (float)(fmod((double)x * 0.0137, 5.0) - 2.5);
}

static enum err_code table_step(void *user, const int32_t *ids, int64_t n_rows, int64_t n_new,
                                float *logits, struct err *e) {
    struct table *t = user;
    (void)e;
    cr_assert(n_rows == t->n_rows, "the search believes in %d rows, the cache has %d", (int)n_rows,
              (int)t->n_rows);
    t->length += n_new;
    t->n_steps++;
    for (int64_t i = 0; i < n_rows; i++) {
        t->last[i] = ids[i * n_new + n_new - 1];
        for (int64_t v = 0; v < VOCAB; v++)
            logits[i * VOCAB + v] = table_logit(t->length, t->last[i], v);
    }
    return ERR_OK;
}

static enum err_code table_reorder(void *user, const int32_t *from, int64_t n, struct err *e) {
    struct table *t = user;
    (void)e;
    int32_t last[MAX_ROWS];
    for (int64_t i = 0; i < n; i++) {
        cr_assert(from[i] >= 0 && from[i] < t->n_rows);
        last[i] = t->last[from[i]];
    }
    memcpy(t->last, last, sizeof last);
    t->n_rows = n;
    return ERR_OK;
}

/* What tokens stand for, as in make_generation.py. */
static const char *table_bytes(void *user, int32_t id, size_t *n) {
    static const char *const texts[VOCAB] = {"<pad>", "</s>", "a",  "b",  "c",  "d",  "e",  "f",
                                             "ab",    "bc",   "cd", "de", "ef", "fa", "ca", "g",
                                             "ga",    "h",    "hi", "i",  "j",  "ja", "k"};
    (void)user;
    *n = strlen(texts[id]);
    return texts[id];
}

static struct generation_config defaults(void) {
    return (struct generation_config){.max_length = 20,
                                      .max_new_tokens = -1,
                                      .num_beams = 1,
                                      .temperature = 1,
                                      .top_k = 50,
                                      .top_p = 1,
                                      .length_penalty = 1,
                                      .repetition_penalty = 1,
                                      .forced_eos_token_id = -1,
                                      .forced_bos_token_id = -1,
                                      .eos_token_ids = {1},
                                      .n_eos_token_ids = 1};
}

typedef enum err_code (*search_fn)(struct generation *, const struct search_model *,
                                   const struct search_input *, struct err *);

static enum err_code run(struct generation *out, search_fn search,
                         const struct generation_config *config, const int32_t *prompt, int64_t n,
                         const struct generate_events *events, const struct run_ctl *ctl,
                         struct err *e) {
    struct table t = {.n_rows = 1};
    struct search_model m = {
        .user = &t, .n_vocab = VOCAB, .step = table_step, .reorder = table_reorder};
    struct search_input in = {.prompt = prompt,
                              .n_prompt = n,
                              .max_length =
                                  n + (config->max_new_tokens < 0 ? 12 : config->max_new_tokens),
                              .config = config,
                              .events = events,
                              .ctl = ctl,
                              .bytes = table_bytes};
    return search(out, &m, &in, e);
}

/* Transformers' EncoderNoRepeatNGramLogitsProcessor. */
static void expect_forbidden(int64_t size, bool forbids) {
    const int32_t source[] = {5, 6, 7, 5, 8}, ids[] = {2, 5};
    struct generation_config config = defaults();
    const struct processor_context context = {ids, 2, 20, VOCAB, 1, source, 5};
    float scores[VOCAB] = {0};
    config.encoder_no_repeat_ngram_size = size;
    logits_process(scores, &context, &config);
    for (int v = 0; v < VOCAB; v++)
        cr_expect_eq(scores[v] < 0, forbids && (v == 6 || v == 8), "token %d of %lld", v,
                     (long long)size);
}

Test(generation, what_the_source_says_is_not_written_again) {
    expect_forbidden(0, false);
    expect_forbidden(2, true); /* 5 stands before 6 and 8 */
    expect_forbidden(3, false);
}

Test(generation, equals_transformers_on_a_table_of_logits) {
    char *text = NULL;
    size_t n = 0;
    struct err e = {0};
    cr_assert_eq(file_read(&text, &n, "tests/fixtures/generation/bigram.json", 1 << 20, &e), ERR_OK,
                 "%s", e.message);
    cJSON *file = cJSON_Parse(text), *c;
    int n_cases = 0;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(file, "cases")) {
        int32_t prompt[8];
        cJSON *p = cJSON_GetObjectItem(c, "prompt"), *ids = cJSON_GetObjectItem(c, "ids");
        int n_prompt = cJSON_GetArraySize(p);
        for (int i = 0; i < n_prompt; i++)
            prompt[i] = cJSON_GetArrayItem(p, i)->valueint;
        char *kwargs = cJSON_PrintUnformatted(cJSON_GetObjectItem(c, "kwargs"));
        struct generation_config config = defaults();
        cr_assert_eq(generation_config_apply(&config, kwargs, &e), ERR_OK, "%s", e.message);
        struct generation g;
        cr_assert_eq(run(&g, config.num_beams > 1 ? search_beam : search_greedy, &config, prompt,
                         n_prompt, NULL, NULL, &e),
                     ERR_OK);
        int expected = cJSON_GetArraySize(ids);
        bool same = g.n == expected;
        for (int i = 0; same && i < expected; i++)
            same = g.ids[i] == cJSON_GetArrayItem(ids, i)->valueint;
        cr_expect(same, "%s from token %d: %d tokens, Transformers has %d", kwargs, prompt[0],
                  (int)g.n, expected);
        generation_dispose(&g);
        free(kwargs);
        n_cases++;
    }
    cr_assert(n_cases >= 144);
    cJSON_Delete(file);
    free(text);
}

Test(generation, candidates_are_the_models_own_probabilities) {
    float logits[VOCAB];
    for (int v = 0; v < VOCAB; v++)
        logits[v] = table_logit(3, 7, v);
    struct candidates c;
    candidates_from_logits(&c, logits, VOCAB);
    cr_assert_eq(c.n, GENERATE_N_CANDIDATES);
    double sum = 0;
    for (int v = 0; v < VOCAB; v++)
        sum += exp(logits[v]);
    for (int i = 0; i < c.n; i++) {
        cr_assert_float_eq(c.items[i].probability, exp(logits[c.items[i].id]) / sum, 1e-6);
        cr_assert(i == 0 || c.items[i - 1].probability >= c.items[i].probability);
    }
}

Test(generation, a_seed_fixes_what_is_sampled_and_another_changes_it) {
    struct generation_config config = defaults();
    config.do_sample = true;
    config.max_new_tokens = 12;
    config.n_eos_token_ids = 0;
    int32_t prompt[] = {4};
    struct generation g[3];
    struct err e = {0};
    for (int i = 0; i < 3; i++) {
        config.seed = i == 2 ? 77 : 5;
        cr_assert_eq(run(&g[i], search_greedy, &config, prompt, 1, NULL, NULL, &e), ERR_OK);
    }
    cr_expect(memcmp(g[0].ids, g[1].ids, 13 * sizeof(int32_t)) == 0,
              "the same seed gave another text");
    cr_expect(memcmp(g[0].ids, g[2].ids, 13 * sizeof(int32_t)) != 0,
              "another seed gave the same text");
    for (int i = 0; i < 3; i++)
        generation_dispose(&g[i]);
}

Test(generation, sampling_follows_the_warped_distribution) {
    float row[VOCAB], warped[VOCAB];
    struct generation_config config = defaults();
    config.temperature = 0.8;
    config.top_k = 6;
    config.top_p = 0.9;
    for (int v = 0; v < VOCAB; v++)
        row[v] = warped[v] = table_logit(5, 2, v);
    logits_warp(warped, VOCAB, &config, 1);
    int kept = 0, counts[VOCAB] = {0};
    double total = 0;
    for (int v = 0; v < VOCAB; v++)
        if (warped[v] != -INFINITY) {
            kept++;
            total += exp(row[v] / 0.8);
        }
    cr_assert(kept >= 2 && kept <= 6, "%d tokens kept", kept);
    struct random_state random = {42};
    for (int i = 0; i < 40000; i++)
        counts[random_token(&random, warped, VOCAB)]++;
    for (int v = 0; v < VOCAB; v++) {
        double p = warped[v] == -INFINITY ? 0 : exp(row[v] / 0.8) / total;
        /* Five standard deviations of a binomial. */
        cr_expect(fabs(counts[v] / 40000.0 - p) <= 5 * sqrt(p * (1 - p) / 40000) + 1e-12,
                  "token %d: %d of 40000, p %.4f", v, counts[v], p);
    }
}

Test(generation, top_p_keeps_the_smallest_set_that_reaches_the_mass) {
    struct generation_config config = defaults();
    config.top_k = 0;
    config.top_p = 0.7;
    float row[4] = {logf(0.5f), logf(0.25f), logf(0.15f), logf(0.10f)};
    logits_warp(row, 4, &config, 1);
    cr_assert(row[0] > -INFINITY && row[1] > -INFINITY);
    cr_assert(row[2] == -INFINITY && row[3] == -INFINITY);
}

/* Marian's beam of one is greedy decoding; wider ones never score worse, and the winner's score is
 * what the table says. */
static double path_score(const struct generation *g) {
    double sum = 0;
    for (int64_t t = 1; t < g->n; t++) {
        double all = 0;
        for (int v = 0; v < VOCAB; v++)
            all += exp(table_logit(t, g->ids[t - 1], v));
        sum += table_logit(t, g->ids[t - 1], g->ids[t]) - log(all);
    }
    return sum / (double)(g->n - 1);
}

Test(generation, marians_wider_beam_finds_a_better_text) {
    int32_t prompt[] = {2};
    struct err e = {0};
    double narrow = 0;
    for (int beams = 1; beams <= 8; beams *= 2) {
        struct generation_config config = defaults();
        config.num_beams = beams;
        config.marian_normalize = true;
        struct generation g, greedy;
        cr_assert_eq(run(&g, search_marian, &config, prompt, 1, NULL, NULL, &e), ERR_OK);
        cr_assert(g.ids[g.n - 1] == 1 || g.n == 13);
        if (beams == 1) {
            cr_assert_eq(run(&greedy, search_greedy, &config, prompt, 1, NULL, NULL, &e), ERR_OK);
            cr_assert(greedy.n == g.n &&
                      memcmp(greedy.ids, g.ids, (size_t)g.n * sizeof *g.ids) == 0);
            generation_dispose(&greedy);
            narrow = path_score(&g);
        }
        cr_expect(path_score(&g) >= narrow - 1e-6, "beam %d: %.4f, greedy %.4f", beams,
                  path_score(&g), narrow);
        generation_dispose(&g);
    }
}

static enum err_code stop_at_three(void *user, const int32_t *ids, int64_t n, int64_t n_prompt,
                                   struct err *e) {
    (void)ids;
    ++*(int *)user;
    return n - n_prompt == 3 ? err_set(e, ERR_CANCELLED, "enough") : ERR_OK;
}

Test(generation, tells_every_token_and_stops_when_told) {
    struct generation_config config = defaults();
    config.n_eos_token_ids = 0;
    int32_t prompt[] = {4};
    int calls = 0;
    struct err e = {0};
    struct generate_events events = {&calls, stop_at_three};
    for (int beams = 1; beams <= 3; beams += 2) {
        struct generation g = {0};
        config.num_beams = beams;
        calls = 0;
        cr_assert_eq(
            run(&g, beams > 1 ? search_beam : search_greedy, &config, prompt, 1, &events, NULL, &e),
            ERR_CANCELLED);
        cr_assert_eq(calls, 3);
        cr_assert_null(g.ids);
    }
}

Test(generation, cancel_ends_every_search) {
    struct generation_config config = defaults();
    config.n_eos_token_ids = 0;
    config.num_beams = 2;
    atomic_bool cancel = true;
    struct run_ctl ctl = {.cancel = &cancel};
    int32_t prompt[] = {4};
    search_fn searches[] = {search_greedy, search_beam, search_marian};
    for (int i = 0; i < 3; i++) {
        struct generation g = {0};
        struct err e = {0};
        cr_assert_eq(run(&g, searches[i], &config, prompt, 1, NULL, &ctl, &e), ERR_CANCELLED);
        cr_assert_null(g.ids);
    }
}

Test(generation, kwargs_replace_what_the_files_say) {
    struct generation_config config = defaults();
    struct err e = {0};
    cr_assert_eq(generation_config_apply(&config,
                                         "{\"stop_strings\": [\"a\", \"b\"], "
                                         "\"suppress_tokens\": [3, 5]}",
                                         &e),
                 ERR_OK, "%s", e.message);
    cr_expect(config.n_stop_strings == 2 && config.suppress_tokens.n == 2);
    cr_assert_eq(generation_config_apply(
                     &config, "{\"stop_strings\": \"cd\", \"suppress_tokens\": null}", &e),
                 ERR_OK, "%s", e.message);
    cr_expect(config.n_stop_strings == 1 && config.suppress_tokens.n == 0);
    cr_expect_str_eq(config.stop_strings[0], "cd");
}

/* Native Marian's search has no reference with them: they stop it as EOS does. */
Test(generation, stop_strings_end_marians_search) {
    struct generation_config config = defaults();
    struct err e = {0};
    struct generation g;
    const int32_t prompt[] = {4};
    config.num_beams = 2;
    cr_assert_eq(generation_config_apply(&config, "{\"stop_strings\": [\"a\", \"e\"]}", &e),
                 ERR_OK);
    cr_assert_eq(run(&g, search_marian, &config, prompt, 1, NULL, NULL, &e), ERR_OK);
    for (int64_t i = 1; i < g.n; i++) {
        size_t n;
        const char *text = table_bytes(NULL, g.ids[i], &n);
        cr_expect((strpbrk(text, "ae") != NULL) == (i == g.n - 1) || g.ids[i] == 1, "%s", text);
    }
    cr_expect_lt(g.n, 13);
    generation_dispose(&g);
}

Test(generation, kwargs_name_what_is_wrong) {
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"{\"max_new_token\": 3}", "max_new_tokens"},
        {"{\"top_p\": 1.5}", "top_p"},
        {"{\"num_beams\": 2.5}", "num_beams"},
        {"{\"num_beams\": 0}", "num_beams"},
        {"[1]", "JSON object"},
        {"{\"temperature\": \"hot\"}", "temperature"},
        {"{\"bad_words_ids\": [[]]}", "bad_words_ids"},
        {"{\"early_stopping\": \"x\"}", "early_stopping"},
        {"{", "JSON object"},
        {"{\"min_new_tokens\": -1}", "min_new_tokens"},
        {"{\"suppress_tokens\": 3}", "suppress_tokens"},
        {"{\"begin_suppress_tokens\": [\"a\"]}", "begin_suppress_tokens"},
        {"{\"stop_strings\": [\"a\", \"\"]}", "stop_strings"},
        {"{\"stop_strings\": 3}", "stop_strings"},
        {"{\"stop_strings\": \"a\\u0000b\"}", "NUL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct generation_config config = defaults(), before = config;
        struct err e = {0};
        cr_expect_eq(generation_config_apply(&config, cases[i].json, &e), ERR_USAGE, "%s",
                     cases[i].json);
        cr_expect(strstr(e.message, cases[i].says), "%s: %s", cases[i].json, e.message);
        cr_expect(memcmp(&config, &before, sizeof config) == 0, "%s changed something",
                  cases[i].json);
    }
}

Test(generation, finds_the_largest_in_order) {
    float scores[101];
    for (int i = 0; i < 101; i++)
        scores[i] = (float)((i * 37) % 101 / 2); /* with ties */
    int64_t top[20];
    search_top(scores, 101, 20, top);
    for (int i = 1; i < 20; i++)
        cr_assert(scores[top[i - 1]] > scores[top[i]] ||
                  (scores[top[i - 1]] == scores[top[i]] && top[i - 1] < top[i]));
    for (int i = 0; i < 101; i++) {
        bool in = false;
        for (int k = 0; k < 20; k++)
            in |= top[k] == i;
        cr_assert(in || scores[i] <= scores[top[19]]);
    }
}

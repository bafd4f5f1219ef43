/* Texts at and beyond the positions of a model: what is refused, and what is told. */
#include "backend/base/mem.h"
#include "backend/base/memory.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/backend/tiny.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct err error;
static char notices[4000];

static void on_notice(void *user, const char *text) {
    (void)user;
    strncat(notices, text, sizeof notices - strlen(notices) - 1);
}

static struct model *open_in(const char *folder) {
    static const struct model_options options = {0};
    struct model *m = NULL;
    cr_assert_eq(model_open(&m, folder, &options, NULL, &error), ERR_OK, "%s", error.message);
    return m;
}

static struct model *open_mistral(void) {
    char *folder = tiny_mistral(16);
    struct model *m = open_in(folder);
    tree_free(folder);
    return m;
}

static char *words(int n) {
    struct text_buffer b = {0};
    for (int i = 0; i < n; i++)
        text_buffer_puts(&b, i ? " the" : "the");
    return text_buffer_take(&b);
}

/* Of a prompt of n words, and a forced text of n_forced (0: none). */
static enum err_code run(struct attribution **out, struct model *m, int n, int n_forced,
                         const char *generation) {
    const struct attribute_events events = {.notice = on_notice};
    char *prompt = words(n), *forced = n_forced ? words(n_forced) : NULL;
    const struct attribute_request r = {.input_text = prompt,
                                        .generated_text = forced,
                                        .method = "dummy",
                                        .generation_kwargs = generation};
    *notices = '\0';
    error = (struct err){0};
    enum err_code code = attribute_run(out, m, &r, &events, NULL, &error);
    free(prompt);
    free(forced);
    return code;
}

static void expect_refused(struct model *m, int n, int n_forced, const char *said) {
    struct attribution *a;
    cr_expect_eq(run(&a, m, n, n_forced, NULL), ERR_USAGE);
    cr_expect(strstr(error.message, said), "%s", error.message);
    attribution_release(a);
}

/* How far the text is attributed. */
static int64_t expect_done(struct model *m, int n, int n_forced, const char *generation,
                           const char *said) {
    struct attribution *a = NULL;
    cr_assert_eq(run(&a, m, n, n_forced, generation), ERR_OK, "%s", error.message);
    cr_expect(said ? strstr(notices, said) != NULL
                   : !strstr(notices, "learnt") && !strstr(notices, "stopped"),
              "%s", notices);
    cr_expect(!said || strstr(a->info.notices.items[0], said) || a->info.notices.n > 1);
    const int64_t length = a->sequences[0].attr_pos_end;
    attribution_release(a);
    return length;
}

#define NEW "{\"max_new_tokens\": 30, \"eos_token_id\": 419}"

Test(lengths, a_window_ends_no_text) {
    struct model *m = open_mistral();
    cr_expect_gt(expect_done(m, 40, 0, NEW, NULL), 60); /* some are encoded otherwise again */
    expect_done(m, 4, 40, NULL, NULL);
    model_free(m);
}

Test(lengths, a_prompt_beyond_the_positions_is_refused_with_their_number) {
    struct model *m = open_in("tests/fixtures/tiny/llama");
    expect_refused(m, 400, 0, "positions for 256");
    expect_refused(m, 400, 410, "positions for 256");
    model_free(m);
    m = open_in("tests/fixtures/tiny/gpt2");
    expect_refused(m, 400, 0, "positions for 128");
    model_free(m);
    m = open_in("tests/fixtures/tiny/marian");
    expect_refused(m, 400, 0, "the source has");
    expect_refused(m, 400, 5, "positions for 64");
    model_free(m);
}

Test(lengths, a_text_that_grows_beyond_them_goes_on_or_stops_and_tells) {
    struct model *m = open_in("tests/fixtures/tiny/llama");
    cr_expect_gt(expect_done(m, 4, 300, NULL, "made for 256"), 257);
    model_free(m);
    m = open_in("tests/fixtures/tiny/gpt2");
    expect_refused(m, 4, 300, "positions for 128");
    expect_done(m, 4, 0, "{\"max_new_tokens\": 200, \"eos_token_id\": 419}",
                "stopped at 128 tokens");
    model_free(m);
}

Test(lengths, a_limit_below_the_least_length_is_told) {
    struct model *m = open_in("tests/fixtures/tiny/llama");
    const char *const least = "before the 9 that it was to have at least";
    expect_done(m, 4, 0, "{\"max_new_tokens\": 3, \"min_new_tokens\": 9}", least);
    expect_done(m, 4, 0, "{\"max_new_tokens\": 9, \"min_new_tokens\": 9}", NULL);
    cr_expect(!strstr(notices, "at least"), "%s", notices);
    model_free(m);
}

static void on_cost(void *user, const struct cost_estimate *c) {
    *(struct cost_estimate *)user = *c;
}

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    (void)user, (void)text, (void)target, (void)n_prompt;
    cr_expect(false, "a text was generated");
}

/* A translation of this length has more scores than there is memory. */
Test(lengths, what_cannot_fit_is_refused_before_a_text_is_generated) {
    struct model *m = open_in("tests/fixtures/tiny/student");
    const double numbers = (double)memory_available() / sizeof(float),
                 width = (double)model_config(m)->n_width;
    struct cost_estimate cost = {.fits = true};
    const struct attribute_events events = {
        .user = &cost, .cost = on_cost, .generated = on_generated};
    char *text = words((int)(1.2 * sqrt(numbers / width)));
    const struct attribute_request r = {.input_text = text};
    struct attribution *a;
    cr_expect_eq(attribute_run(&a, m, &r, &events, NULL, &error), ERR_NOMEM);
    cr_expect(strstr(error.message, "This run needs about") &&
                  strstr(error.message, "--run_anyway"),
              "%s", error.message);
    cr_expect(!cost.fits && cost.n_steps >= cost.n_source);
    attribution_release(a);
    free(text);
    model_free(m);
}

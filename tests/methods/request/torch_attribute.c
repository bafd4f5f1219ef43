/* A request's whole way on the tiny checkpoints: texts, positions, contrasts, notices, events and
 * their order, cancelling, info. */
#include "methods/request/attribute.h"

#include "backend/model.h"
#include "backend/tn.h"
#include "tests/methods/result/info.h"
#include "tests/methods/tiny_model.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <string.h>

/* What a run told. */
struct log {
    char notices[2000];
    int n_generated, n_begun, n_columns; /* of each event so far */
    int first_column_after;              /* texts generated before the first column */
    size_t last_length;                  /* of the text generated */
    int64_t last_begun_steps;
    struct attribution_sequence early; /* as its first column came */
    int cancel_after;                  /* events; 0: never */
    atomic_bool cancel;
};

static void count(struct log *l) {
    if (l->cancel_after && l->n_generated + l->n_begun + l->n_columns >= l->cancel_after)
        atomic_store(&l->cancel, true);
}

static void on_notice(void *user, const char *text) {
    struct log *l = user;
    strncat(l->notices, text, sizeof l->notices - strlen(l->notices) - 1);
}

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    struct log *l = user;
    cr_expect(target->n >= (size_t)n_prompt);
    l->last_length = strlen(text);
    l->n_generated++;
    count(l);
}

static void on_begin(void *user, const struct attribution_sequence *s,
                     const struct result_info *info) {
    (void)info;
    struct log *l = user;
    cr_expect_eq(s->n_done, 0);
    l->last_begun_steps = attribution_steps(s);
    l->n_begun++;
    count(l);
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    struct log *l = user;
    cr_expect(l->n_begun > 0, "a column before its shape");
    cr_expect(s->done[g] && s->candidates[g].n > 0);
    if (l->n_columns++ == 0) {
        l->first_column_after = l->n_generated;
        cr_assert(attribution_sequence_copy(&l->early, s, true));
    }
    count(l);
}

static void close_tiny(struct model *m) {
    struct err e = {0};
    model_free(m);
    cr_expect_eq(tn_load(&e)->live_handles(), 0, "tensors were not freed");
}

static struct attribute_request request(const char *input, const char *generated) {
    return (struct attribute_request){.input_text = input, .generated_text = generated};
}

static enum err_code run(struct attribution **out, struct model *m,
                         const struct attribute_request *r, struct log *l, struct err *e) {
    struct attribute_events events = {.user = l,
                                      .notice = on_notice,
                                      .generated = on_generated,
                                      .begin = on_begin,
                                      .column = on_column,
                                      .watched = true};
    struct run_ctl ctl = {.cancel = &l->cancel};
    attribution_sequence_dispose(&l->early);
    *l = (struct log){.cancel_after = l->cancel_after};
    return attribute_run(out, m, r, &events, &ctl, e);
}

static struct attribution *good(struct model *m, const struct attribute_request *r, struct log *l) {
    struct err e = {0};
    struct attribution *a = NULL;
    cr_assert_eq(run(&a, m, r, l, &e), ERR_OK, "%s", e.message);
    cr_assert_not_null(a);
    return a;
}

static void refused(struct model *m, const struct attribute_request *r, const char *said) {
    struct err e = {0};
    struct log l = {0};
    struct attribution *a = NULL;
    cr_expect_eq(run(&a, m, r, &l, &e), ERR_USAGE);
    cr_expect_null(a);
    cr_expect_not_null(strstr(e.message, said), "%s", e.message);
    attribution_sequence_dispose(&l.early);
}

static void done(struct attribution *a, struct log *l) {
    attribution_release(a);
    attribution_sequence_dispose(&l->early);
}

/* --- events ------------------------------------------------------------------------------ */

static void check_events(const char *model, const char *input) {
    struct model *m = tiny_model_open(model);
    struct log l = {0};
    struct attribute_request r = request(input, NULL);
    r.generation_kwargs = "{\"max_new_tokens\": 6, \"num_beams\": 1}";
    struct attribution *a = good(m, &r, &l);
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect_gt(l.n_generated, 2);
    cr_expect_lt(l.first_column_after, l.n_generated,
                 "%s: the first column came after %d of %d texts", model, l.first_column_after,
                 l.n_generated);
    cr_expect_geq(l.n_begun, 2, "the early column has a shape of its own");
    cr_expect_eq(l.last_begun_steps, attribution_steps(s));
    cr_expect_eq(l.n_columns, attribution_steps(s) + 1);
    cr_expect_eq(attribution_steps(&l.early), 1);
    cr_expect_eq(s->n_done, attribution_steps(s));
    const struct scores *first = &l.early.source_attributions, *all = &s->source_attributions;
    /* The early column is the final one. */
    if (first->data && l.early.target.items[1].id == s->target.items[1].id)
        for (int64_t row = 0; row < first->dims[0]; row++)
            for (int64_t k = 0; k < scores_cell(first); k++) {
                double x = first->data[row * scores_cell(first) + k],
                       y = all->data[row * all->dims[1] * scores_cell(all) + k];
                cr_expect(fabs(x - y) <= 1e-5 * (1 + fabs(y)));
            }
    done(a, &l);
    close_tiny(m);
}

Test(attribute, shows_the_first_column_while_the_text_is_still_generated) {
    check_events("llama", "The nurse said");
    check_events("marian", "The manager said hi to the nurse.");
}

Test(attribute, candidates_are_the_models_own_most_probable_tokens) {
    struct model *m = tiny_model_open("gpt2");
    struct log l = {0};
    struct attribute_request r = request("The dog barks", "The dog barks at the tree");
    const char *scores[] = {"probability"};
    r.step_scores = (struct names){scores, 1};
    struct attribution *a = good(m, &r, &l);
    const struct attribution_sequence *s = &a->sequences[0];
    for (int64_t g = 0; g < attribution_steps(s); g++) {
        const struct step_candidates *c = &s->candidates[g];
        bool own = false; /* the written token, behind the model's twenty if it is none of them */
        cr_expect(c->n == 20 || c->n == 21);
        for (size_t i = 0; i < c->n; i++) {
            own |= c->items[i].id == s->target.items[s->attr_pos_start + g].id;
            cr_expect(i == 0 || c->items[i].probability <= c->items[i - 1].probability);
            if (c->items[i].id == s->target.items[s->attr_pos_start + g].id)
                cr_expect(fabs(c->items[i].probability - s->step_scores[0].scores.data[g]) < 1e-5);
        }
        cr_expect(own);
    }
    done(a, &l);
    close_tiny(m);
}

Test(attribute, cancelled_at_any_event_leaves_at_most_its_columns) {
    struct model *m = tiny_model_open("llama");
    struct attribute_request r = request("The nurse said", NULL);
    r.generation_kwargs = "{\"max_new_tokens\": 4}";
    enum err_code code = ERR_CANCELLED;
    for (int at = 1; code == ERR_CANCELLED; at++) {
        struct log l = {.cancel_after = at};
        struct err e = {0};
        struct attribution *a = NULL;
        cr_assert_lt(at, 100);
        code = run(&a, m, &r, &l, &e);
        cr_expect(code == ERR_OK || !a || a->sequences[0].n_done, "%s", e.message);
        cr_expect(code != ERR_OK || at > 5, "cancelling event %d was ignored", at);
        done(a, &l);
    }
    close_tiny(m);
}

/* Column g of a is that of b, or void where it is not done. */
static void check_column(const struct attribution_sequence *a, const struct attribution_sequence *b,
                         int64_t g) {
    const struct scores *x = &a->target_attributions, *y = &b->target_attributions;
    const int64_t n = x->dims[1], cell = scores_cell(x);
    for (int64_t i = 0; i < x->dims[0] * cell; i++) {
        const int64_t at = (i / cell * n + g) * cell + i % cell;
        const bool same = x->data[at] == y->data[at] || isnan(y->data[at]);
        cr_expect(a->done[g] ? same : isnan(x->data[at]), "column %d: %g, not %g", (int)g,
                  (double)x->data[at], (double)y->data[at]);
    }
    cr_expect_eq(isnan(a->step_scores[0].scores.data[g]), !a->done[g]);
}

Test(attribute, cancelled_between_columns_leaves_those_that_are_done) {
    struct model *m = tiny_model_open("llama");
    static const char *const score = "probability";
    struct attribute_request r = request("The nurse said", "The nurse said hello to the cat");
    r.method = "information_bottleneck";
    r.step_scores = (struct names){&score, 1};
    struct log l = {0}, cut = {.cancel_after = 4}; /* the text, the shape, two columns */
    struct attribution *whole = good(m, &r, &l), *a = NULL;
    struct err e = {0};
    cr_expect_eq(run(&a, m, &r, &cut, &e), ERR_CANCELLED, "%s", e.message);
    cr_assert_not_null(a);
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect(s->n_done == 2 && s->n_done < attribution_steps(s), "%d", (int)s->n_done);
    for (int64_t g = 0; g < attribution_steps(s); g++)
        check_column(s, &whole->sequences[0], g);
    cr_expect_str_eq(info_text_of(&a->info.generated_texts, 0), r.generated_text);
    cr_expect(a->info.seconds.given);
    attribution_release(whole);
    done(a, &cut);
    attribution_sequence_dispose(&l.early);
    close_tiny(m);
}

/* --- texts and positions ----------------------------------------------------------------- */

Test(attribute, a_forced_text_must_continue_its_prompt) {
    struct model *m = tiny_model_open("llama");
    struct attribute_request r = request("The nurse said", "The cat said hello");
    refused(m, &r, "must start with the prompt");
    r = request("The nurse said", "The nurse said");
    refused(m, &r, "adds no token");
    r = request(NULL, NULL);
    refused(m, &r, "no input text");
    close_tiny(m);
}

Test(attribute, an_empty_prompt_becomes_the_beginning_of_sequence) {
    struct model *m = tiny_model_open("llama");
    struct log l = {0};
    struct attribute_request r = request("", "hello");
    struct attribution *a = good(m, &r, &l);
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect_eq(s->target.items[0].id, model_config(m)->bos_token_id);
    cr_expect_eq(s->attr_pos_start, 1);
    cJSON *info = cJSON_Parse(info_of(a));
    cr_expect_str_eq(cJSON_GetArrayItem(cJSON_GetObjectItem(info, "input_texts"), 0)->valuestring,
                     "<s>", "as in Inseq");
    cJSON_Delete(info);
    done(a, &l);
    r = request("", "<s>hello");
    a = good(m, &r, &l);
    cr_expect_eq(a->sequences[0].attr_pos_start, 1);
    cr_expect_eq(a->sequences[0].target.items[0].id, model_config(m)->bos_token_id);
    cr_expect_neq(a->sequences[0].target.items[1].id, model_config(m)->bos_token_id);
    done(a, &l);
    close_tiny(m);
}

/* The rest of the text would be lost with it. */
Test(attribute, a_nul_byte_that_the_model_writes_does_not_end_the_text) {
    struct model *m = tiny_model_open("gpt2");
    struct log l = {0};
    struct attribute_request r = request("The dog", NULL);
    const int32_t nul = tokenizer_piece_id(model_tokenizer(m), "\u0100");
    struct text_buffer b = {0};
    cr_assert(nul > 0 && nul < 512);
    text_buffer_puts(&b, "{\"max_new_tokens\": 3, \"begin_suppress_tokens\": [-1");
    for (int32_t id = 0; id < model_config(m)->n_vocab; id++) {
        if (id == 200)
            text_buffer_puts(&b, "], \"suppress_tokens\": [-1");
        if (id != nul)
            text_buffer_format(&b, ", %d", id);
    }
    text_buffer_puts(&b, "]}");
    r.generation_kwargs = b.text;
    struct attribution *a = good(m, &r, &l);
    cr_expect(strstr(l.notices, "NUL"), "%s", l.notices);
    const char *text = info_text_of(&a->info.generated_texts, 0);
    const char *at = strstr(text, "The dog\uFFFD");
    cr_expect(at && strlen(at) > strlen("The dog\uFFFD"), "%s", text);
    text_buffer_dispose(&b);
    done(a, &l);
    close_tiny(m);
}

/* Inseq drops pad tokens from the token lists but not their rows. */
Test(attribute, padding_inside_a_text_keeps_its_token_row_and_column) {
    struct model *m = tiny_model_open("llama");
    struct log l = {0};
    struct attribute_request r =
        request("The<pad> nurse said", "The<pad> nurse said<pad> hello</s>");
    struct attribution *a = good(m, &r, &l);
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect_eq(s->target.items[1].id, model_config(m)->pad_token_id);
    cr_expect_eq(s->target.items[s->attr_pos_start].id, model_config(m)->pad_token_id);
    cr_expect_eq(s->target.items[s->target.n - 1].id, model_config(m)->eos_token_id);
    cr_expect_eq((int64_t)s->target.n, s->target_attributions.dims[0]);
    cr_expect_eq((int64_t)s->target.n, s->attr_pos_end);
    done(a, &l);
    close_tiny(m);
}

Test(attribute, an_encoder_decoders_end_is_exclusive) {
    struct model *m = tiny_model_open("marian");
    struct log l = {0};
    struct attribute_request r =
        request("The manager said hi to the nurse.", "O gerente disse oi ao gato");
    struct attribution *whole = good(m, &r, &l);
    attribution_sequence_dispose(&l.early);
    r.attr_pos_start = optional_of(3);
    r.attr_pos_end = optional_of(6);
    r.attribute_target = true;
    struct attribution *a = good(m, &r, &l);
    const struct attribution_sequence *s = &a->sequences[0], *w = &whole->sequences[0];
    cr_expect(s->attr_pos_start == 3 && s->attr_pos_end == 6 &&
              s->source_attributions.dims[1] == 3);
    cr_expect_eq(s->target_attributions.dims[0], 6);
    int64_t width = scores_cell(&s->source_attributions);
    for (int64_t row = 0; row < s->source_attributions.dims[0]; row++)
        for (int64_t g = 0; g < 3; g++)
            for (int64_t k = 0; k < width;
                 k++) { /* column g is the whole's column of the same token */
                double x = s->source_attributions.data[(row * 3 + g) * width + k];
                double y =
                    w->source_attributions.data[(row * attribution_steps(w) + g + 2) * width + k];
                cr_expect(fabs(x - y) <= 1e-5 * (1 + fabs(y)));
            }
    attribution_release(whole);
    done(a, &l);
    close_tiny(m);
}

Test(attribute, says_when_the_prompts_end_merges_with_what_follows) {
    struct model *m = tiny_model_open("llama");
    struct log l = {0};
    struct attribute_request r = request("The nurse said ", "The nurse said hello");
    struct attribution *a = good(m, &r, &l);
    cr_expect_not_null(strstr(l.notices, "merge"), "%s", l.notices);
    cr_expect_not_null(strstr(info_of(a), "merge"));
    done(a, &l);
    r = request("The nurse said", "The nurse said hello");
    a = good(m, &r, &l);
    cr_expect_null(strstr(l.notices, "merge"), "%s", l.notices);
    cr_expect_not_null(strstr(l.notices, "finds the forced text very unlikely"),
                       "a model of noise: %s", l.notices);
    done(a, &l);
    close_tiny(m);
}

Test(attribute, skip_special_tokens_takes_their_strings_out_of_the_texts) {
    struct model *m = tiny_model_open("llama");
    struct log l = {0};
    struct attribute_request r = request("The</s> nurse<pad> said", "The nurse</s> said hello</s>"),
                             plain = request("The nurse said", "The nurse said hello");
    r.skip_special_tokens = plain.skip_special_tokens = true;
    struct attribution *a = good(m, &r, &l);
    attribution_sequence_dispose(&l.early);
    struct attribution *b = good(m, &plain, &l);
    const struct token_list *x = &a->sequences[0].target, *y = &b->sequences[0].target;
    cr_assert_eq(x->n, y->n);
    for (size_t i = 0; i < x->n; i++)
        cr_expect_eq(x->items[i].id, y->items[i].id);
    attribution_release(b);
    done(a, &l);
    close_tiny(m);
}

static void utf8_locale(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
}

/* An unknown character's token counts as special, but it is no special string: Inseq keeps it. */
Test(attribute, skip_special_tokens_keeps_unknown_characters, .init = utf8_locale) {
    struct model *m = tiny_model_open("marian");
    struct log l = {0};
    struct attribute_request r = request("The nurse 名", "O gato");
    r.skip_special_tokens = true;
    struct attribution *a = good(m, &r, &l);
    const struct token_list *source = &a->sequences[0].source;
    bool unknown = false;
    for (size_t i = 0; i < source->n; i++)
        unknown |= source->items[i].id == model_config(m)->unk_token_id &&
                   strcmp(source->items[i].printable, "<unk:名>") == 0;
    cr_expect(unknown);
    cr_expect_neq(source->items[source->n - 1].id, model_config(m)->eos_token_id,
                  "no EOS is added");
    done(a, &l);
    close_tiny(m);
}

/* Each text's own notice, with each character once; characters that there are need none. */
Test(attribute, what_the_vocabulary_lacks_is_told, .init = utf8_locale) {
    static const char *const told[] = {
        "lacks \"名\", \"龍\" of the input", "lacks \"茶\" of the output",
        "lacks \"猫\" of the contrast text", "lacks \"犬\" of the contrast's source"};
    struct model *m = tiny_model_open("marian");
    struct log l = {0};
    struct attribute_request r = request("The 名 and 龍 and 名", "O 茶");
    r.attributed_fn = "contrast_prob_diff";
    r.contrast_targets = "O 猫";
    r.contrast_sources = "The 犬";
    struct attribution *a = good(m, &r, &l);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        cr_expect_not_null(strstr(l.notices, told[i]), "%s: %s", told[i], l.notices);
    cr_expect_not_null(strstr(info_of(a), "lacks "), "in the result too");
    done(a, &l);
    struct attribute_request plain = request("The nurse", "O gato");
    done(good(m, &plain, &l), &l);
    cr_expect_null(strstr(l.notices, "lacks"), "%s", l.notices);
    close_tiny(m);
}

/* --- contrast ---------------------------------------------------------------------------- */

Test(attribute, a_foil_attributes_its_step_by_the_difference_of_logits) {
    struct model *m = tiny_model_open("marian");
    struct log l = {0};
    const char *scores[] = {"contrast_logits_diff", "logit"};
    struct attribute_request r =
        request("The manager said hi to the nurse.", "O gerente disse oi ao gato");
    r.step_scores = (struct names){scores, 2};
    r.foil.step = optional_of(2);
    r.foil.id = 9;
    struct attribution *a = good(m, &r, &l);
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect(attribution_steps(s) == 1 && s->attr_pos_start == 3);
    cr_expect_eq(s->target.items[3].id, -1);
    cr_expect_not_null(strstr(s->target.items[3].piece, " → "));
    cr_expect_neq(s->step_scores[0].scores.data[0], 0);
    cJSON *info = cJSON_Parse(info_of(a));
    cr_expect_str_eq(cJSON_GetObjectItem(info, "attributed_fn")->valuestring,
                     "contrast_logits_diff_fn");
    cr_expect_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(info, "tinseq"), "foil_id")->valueint, 9);
    cJSON_Delete(info);
    done(a, &l);
    struct err e = {0};
    a = NULL;
    r.foil.id = 1 << 30;
    cr_expect_eq(run(&a, m, &r, &l, &e), ERR_FORMAT, "no such token: %s", e.message);
    done(a, &l);
    r.foil.id = 9;
    r.attributed_fn = "probability";
    r.step_scores.n = 0;
    a = good(m, &r, &l);
    cr_expect_not_null(strstr(l.notices, "nothing is compared"), "%s", l.notices);
    done(a, &l);
    close_tiny(m);
}

Test(attribute, a_contrast_writes_its_alignment_as_inseq_does) {
    struct model *m = tiny_model_open("llama");
    struct log l = {0};
    struct attribute_request r = request("The nurse said", "The nurse said hello to the cat");
    r.contrast_targets = "The nurse said good bye my dog";
    r.attributed_fn = "contrast_logits_diff";
    struct attribution *a = good(m, &r, &l);
    cr_expect_not_null(
        strstr(info_of(a), "\"contrast_targets_alignments\":[[[3,9],[4,10],[5,11],[6,12],[7,13]]]"),
        "%s", info_of(a));
    cr_expect_not_null(strstr(l.notices, "another number of tokens"), "%s", l.notices);
    done(a, &l);
    r.contrast_targets = "good bye";
    a = good(m, &r, &l);
    cr_expect_not_null(strstr(l.notices, "does not begin with the prompt"), "%s", l.notices);
    done(a, &l);
    close_tiny(m);
}

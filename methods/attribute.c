/*
 * From request to result. The order of Inseq 0.7.1 (models/attribution_model.py: attribute): encode, generate, decode, encode the whole text again, so that
 * attributed tokens are those of the text; then positions, contrast, method.
 */
#include "methods/attribute.h"

#include "backend/base/mem.h"
#include "backend/base/memory.h"
#include "backend/generate.h"
#include "methods/arguments.h"
#include "methods/attribute_info.h"
#include "methods/foil.h"
#include "methods/positions.h"
#include "methods/span.h"
#include "methods/step_sight.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_BUDGET (256ll << 20)
#define LEAST_BUDGET (16ll << 20)

struct job {
    struct model *model;
    const struct model_config *config;
    const struct tokenizer *tokenizer;
    const struct attribute_request *request;
    const struct attribute_events *events;
    const struct run_ctl *ctl;
    struct run_arguments arguments;
    char *input_text, *text;            /* owned: the input as encoded; the whole target text */
    bool was_empty;                     /* the prompt was, and is the BOS now */
    struct token_list source, target;   /* target: with the decoder start */
    int64_t n_prompt;                   /* tokens of the prompt encoded alone; 1 for encoder-decoders */
    struct token_list contrast, contrast_source; /* the latter empty where the input's own serves */
    int64_t *alignment;                 /* [G] */
    int32_t foil_id;                    /* of a request's foil */
    double *log_probabilities;          /* [G] of a forced text's tokens, while the method runs; else NULL */
    bool early;                         /* this run is of the first column only */
    attribute_use use;                  /* instead of the method; NULL: the method */
    void *use_user;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What chunks may take: a quarter of what is free, within bounds. */
static int64_t memory_budget(const struct attribute_request *r) {
    if (r->memory_budget > 0)
        return r->memory_budget;
    int64_t available = memory_available(), budget = available > 0 ? available / 4 : DEFAULT_BUDGET;
    return budget < LEAST_BUDGET ? LEAST_BUDGET : budget > DEFAULT_BUDGET ? DEFAULT_BUDGET : budget;
}

static void tell(const struct job *j, struct run_arguments *a, const char *text) {
    if (j->events && j->events->notice)
        j->events->notice(j->events->user, text);
    if (a && a->n_notices < sizeof a->notices / sizeof a->notices[0])
        a->notices[a->n_notices++] = mem_text(text);
}

static int32_t *ids_of(const struct token_list *tokens) {
    int32_t *ids = mem_alloc((tokens->n + 1) * sizeof *ids);
    for (size_t i = 0; i < tokens->n; i++)
        ids[i] = tokens->items[i].id;
    return ids;
}

/* --- texts ------------------------------------------------------------------------------------------------------------------- */

/* Takes the strings of special tokens out of a text, as Inseq does where skip_special_tokens is set. */
static enum err_code remove_special(const struct job *j, enum text_side side, char *text, struct err *e) {
    enum err_code code = ERR_OK;
    for (bool found = true; found && code == ERR_OK;) {
        struct token_list tokens = {0};
        found = false;
        code = tokenizer_encode(j->tokenizer, side, text, strlen(text), false, &tokens, e);
        for (size_t i = 0; i < tokens.n && code == ERR_OK; i++) {
            const char *piece = tokens.items[i].piece; /* an unknown character is a special token too, but its piece is not in the text */
            size_t length = strlen(piece);
            for (char *at = text; tokens.items[i].special && length && (at = strstr(at, piece)); found = true)
                memmove(at, at + length, strlen(at + length) + 1);
        }
        token_list_dispose(&tokens);
    }
    return code;
}

/* Encodes one text. skip_special_tokens adds no special tokens; a doubled BOS at the beginning loses one. */
static enum err_code encode(const struct job *j, enum text_side side, const char *text, struct token_list *out, struct err *e) {
    struct token_list all = {0};
    enum err_code code = tokenizer_encode(j->tokenizer, side, text, strlen(text), !j->request->skip_special_tokens, &all, e);
    int32_t bos = j->config->bos_token_id;
    for (size_t i = 0; i < all.n && code == ERR_OK; i++) {
        const struct token *t = &all.items[i];
        bool doubled = i == 1 && bos >= 0 && t->id == bos && all.items[0].id == bos;
        if (!doubled)
            token_list_add(out, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    }
    token_list_dispose(&all);
    return code;
}

/* The target side of a text: decoder start first for encoder-decoders. */
static enum err_code encode_target(const struct job *j, const char *text, struct token_list *out, struct err *e) {
    enum err_code code = ERR_OK;
    if (j->config->encoder_decoder)
        code = tokenizer_token(j->tokenizer, TEXT_TARGET, j->config->decoder_start_token_id, out, e);
    return code == ERR_OK ? encode(j, TEXT_TARGET, text, out, e) : code;
}

/* The input; an empty prompt of a decoder-only model becomes its BOS. */
static enum err_code encode_input(struct job *j, struct err *e) {
    enum text_side side = j->config->encoder_decoder ? TEXT_SOURCE : TEXT_TARGET;
    if (!j->request->input_text)
        return err_set(e, ERR_USAGE, "no input text is given");
    j->input_text = mem_text(j->request->input_text);
    if (j->request->skip_special_tokens) {
        enum err_code code = remove_special(j, side, j->input_text, e);
        if (code != ERR_OK)
            return code;
    }
    if (!*j->input_text && !j->config->encoder_decoder) {
        struct token_list bos = {0};
        if (j->config->bos_token_id < 0)
            return err_set(e, ERR_USAGE, "the prompt is empty, and this model has no beginning-of-sequence token to start from");
        enum err_code code = tokenizer_token(j->tokenizer, TEXT_TARGET, j->config->bos_token_id, &bos, e);
        if (code != ERR_OK)
            return code;
        free(j->input_text);
        j->input_text = mem_text(bos.items[0].piece);
        j->was_empty = true;
        token_list_dispose(&bos);
    }
    return encode(j, side, j->input_text, &j->source, e);
}

/* A forced target. Decoder-only: with its prompt, which it must continue. */
static enum err_code take_forced(struct job *j, struct err *e) {
    const char *input = j->input_text;
    j->text = mem_text(j->request->generated_text);
    enum err_code code = j->request->skip_special_tokens ? remove_special(j, TEXT_TARGET, j->text, e) : ERR_OK;
    if (code != ERR_OK || j->config->encoder_decoder || strncmp(j->text, input, strlen(input)) == 0)
        return code;
    if (!j->was_empty)
        return err_set(e, ERR_USAGE, "a forced text of a decoder-only model must start with the prompt, letter for letter");
    char *text = mem_format("%s %s", input, j->text);
    free(j->text);
    j->text = text;
    return ERR_OK;
}

static enum err_code attribute_early(struct job *j, const int32_t *ids, int64_t n, struct err *e);

/* A token was generated: show the text so far, and attribute the first token at once when that is cheap. */
static enum err_code on_token(void *user, const int32_t *ids, int64_t n, int64_t n_prompt, struct err *e) {
    struct job *j = user;
    if (!j->events || !j->events->generated)
        return ERR_OK;
    char *text = NULL;
    struct token_list tokens = {0};
    int64_t from = j->config->encoder_decoder ? 1 : 0;
    enum err_code code = tokenizer_decode(j->tokenizer, TEXT_TARGET, ids + from, (size_t)(n - from), j->config->encoder_decoder, &text, e);
    for (int64_t i = 0; i < n && code == ERR_OK; i++)
        code = tokenizer_token(j->tokenizer, TEXT_TARGET, ids[i], &tokens, e);
    if (code == ERR_OK)
        j->events->generated(j->events->user, text, &tokens, n_prompt);
    token_list_dispose(&tokens);
    free(text);
    if (code == ERR_OK && n == n_prompt + 1)
        code = attribute_early(j, ids, n, e);
    return code;
}

static enum err_code generate_text(struct job *j, struct err *e) {
    struct generation_config config = j->config->generation;
    const char *kwargs = j->request->generation_kwargs;
    enum err_code code = generation_config_apply(&config, kwargs && *kwargs ? kwargs : NULL, e);
    if (code != ERR_OK)
        return code;
    struct generation g;
    int32_t *ids = ids_of(&j->source);
    struct generate_events events = {j, on_token};
    code = generate(&g, j->model, ids, (int64_t)j->source.n, NULL, 0, &config, &events, j->ctl, e);
    free(ids);
    if (code != ERR_OK)
        return code;
    int64_t from = j->config->encoder_decoder ? 1 : 0;
    code = tokenizer_decode(j->tokenizer, TEXT_TARGET, g.ids + from, (size_t)(g.n - from), j->config->encoder_decoder, &j->text, e);
    generation_dispose(&g);
    return code;
}

/* --- positions and contrast -------------------------------------------------------------------------------------------------- */

/* The contrast's tokens and which of them each column is held against. */
static enum err_code align(struct job *j, int64_t start, int64_t end, struct err *e) {
    const struct attribute_request *r = j->request;
    j->alignment = mem_alloc((size_t)(end - start) * sizeof *j->alignment);
    if (r->foil_step >= 0) {
        for (int64_t i = 0; i < start; i++) {
            const struct token *t = &j->target.items[i];
            token_list_add(&j->contrast, t->id, t->special, t->piece, t->bytes, t->n_bytes);
        }
        j->alignment[0] = start;
        char *notice;
        enum err_code code = foil_resolve(&j->foil_id, &notice, j->model, r, &j->source, &j->target, start, j->ctl, e);
        if (code == ERR_OK && notice)
            tell(j, &j->arguments, notice);
        free(notice);
        return code == ERR_OK ? tokenizer_token(j->tokenizer, TEXT_TARGET, j->foil_id, &j->contrast, e) : code;
    }
    const struct run_arguments *a = &j->arguments;
    enum err_code code = ERR_OK;
    if (a->contrast_sources && !j->config->encoder_decoder)
        return err_set(e, ERR_USAGE, "contrast_sources is for encoder-decoder models; give a decoder-only one its other context in contrast_targets");
    if (a->contrast_sources)
        code = encode(j, TEXT_SOURCE, a->contrast_sources, &j->contrast_source, e);
    if (code == ERR_OK && a->contrast_sources && j->contrast_source.n == 0)
        return err_set(e, ERR_USAGE, "contrast_sources has no token; leave it out to keep the input");
    if (code == ERR_OK && a->contrast_targets) {
        code = encode_target(j, a->contrast_targets, &j->contrast, e);
        return code == ERR_OK ? positions_align_by(j->alignment, &j->target, &j->contrast, start, end, a->contrast_alignment, e) : code;
    }
    if (code != ERR_OK || (!a->contrast_sources && !a->contrast_force_inputs))
        return code;
    token_list_append(&j->contrast, &j->target); /* the same text, run on its own */
    for (int64_t c = 0; c < end - start; c++)
        j->alignment[c] = start + c;
    return ERR_OK;
}

static bool contrast_matters(const struct run_arguments *a) {
    bool asked = a->target.function->decl.contrastive && a->method->decl.needs_attributed_fn;
    for (size_t i = 0; i < a->n_scores; i++)
        asked |= a->scores[i].function->decl.contrastive;
    return asked;
}

/* What a person may not expect of where tokens are. */
static void tell_of_positions(struct job *j, int64_t start, int64_t end) {
    bool merged = false;
    for (size_t i = 0; !j->config->encoder_decoder && i < j->source.n && i < j->target.n; i++)
        merged |= j->source.items[i].id != j->target.items[i].id;
    if (merged)
        tell(j, &j->arguments, "The prompt's last tokens merge with what follows them: the first attributed token is not the first generated one.");
    if (j->request->foil_step >= 0 || !j->arguments.contrast_targets || !contrast_matters(&j->arguments))
        return;
    if (!j->config->encoder_decoder && strncmp(j->arguments.contrast_targets, j->input_text, strlen(j->input_text)) != 0)
        tell(j, &j->arguments, "The contrast text does not begin with the prompt: it is the whole text, prompt included, that is compared.");
    else if (j->contrast.n != j->target.n && !j->arguments.contrast_alignment)
        tell(j, &j->arguments, "The contrast text has another number of tokens than the attributed one: they are aligned from the end.");
    char *split = foil_split_notice(&j->target, &j->contrast, start, end, j->alignment);
    if (split)
        tell(j, &j->arguments, split);
    free(split);
}

/* --- the run ----------------------------------------------------------------------------------------------------------------- */

static bool has_span(const struct job *j) { return j->arguments.span_start != POSITION_UNSET; }

static void forward_shape(void *user, const struct attribution_sequence *s) {
    const struct job *j = user;
    if (j->events && j->events->begin && !has_span(j)) /* a span is one column when all is done */
        j->events->begin(j->events->user, s);
}

static void forward_column(void *user, const struct attribution_sequence *s, int64_t g) {
    const struct job *j = user;
    if (j->events && j->events->column && !has_span(j))
        j->events->column(j->events->user, s, g);
}

static const char *class_name(enum attribution_class class) {
    static const char *const names[] = {
        [ATTRIBUTION_COARSE] = "CoarseFeatureAttributionSequenceOutput",
        [ATTRIBUTION_GRANULAR] = "GranularFeatureAttributionSequenceOutput",
        [ATTRIBUTION_MULTI_DIMENSIONAL] = "MultiDimensionalFeatureAttributionSequenceOutput",
        [ATTRIBUTION_PLAIN] = "FeatureAttributionSequenceOutput",
    };
    return names[class];
}

static enum err_code estimate(struct cost_estimate *out, const struct job *j, const struct method_input *in, struct err *e) {
    int64_t n_other_runs = in->target.function && in->target.function->run;
    for (size_t i = 0; i < in->n_scores; i++) /* the attributed function's own run serves its score too */
        n_other_runs += in->scores[i].function->run && in->scores[i].function != in->target.function;
    const struct cost_input sizes = {.config = in->config, .n_source = in->n_source, .n_target = in->end - 1, .n_steps = in->end - in->start,
                                     .attribute_target = in->attribute_target, .options = in->options, .memory_budget = in->memory_budget,
                                     .element_bytes = model_element_bytes(j->model), .n_other_runs = n_other_runs};
    return cost_estimate(out, j->arguments.method->decl.id, &sizes, 0, memory_available(), e);
}

/* What the method will take, to who watches; when that is more than there is, a notice, or the end. */
static enum err_code tell_cost(struct job *j, const struct method_input *in, struct err *e) {
    struct cost_estimate c;
    enum err_code code = estimate(&c, j, in, e);
    if (code != ERR_OK)
        return code;
    if (j->events && j->events->cost)
        j->events->cost(j->events->user, &c);
    char *warning = cost_warning(&c);
    if (warning && j->request->must_fit)
        code = err_set(e, ERR_NOMEM, "%s", warning);
    else if (warning)
        tell(j, &j->arguments, warning);
    free(warning);
    if (code == ERR_OK && model_bfloat16_slow(j->model))
        tell(j, &j->arguments, "This processor has no instruction for bfloat16 products: bfloat16 halves the weights' memory here, but is not faster than float32.");
    return code;
}

/* The first column is for looking at, not worth the memory that the whole run may lack. */
static bool too_early(const struct job *j, const struct method_input *in) {
    struct cost_estimate c;
    struct err e;
    return j->early && j->request->must_fit && (estimate(&c, j, in, &e) != ERR_OK || !c.fits);
}

/* Attributes j->target from start to end into a new sequence. */
static enum err_code run_method(struct job *j, int64_t start, int64_t end, struct attribution_sequence *out, struct err *e) {
    const struct run_arguments *a = &j->arguments;
    int32_t *source = ids_of(&j->source), *target = ids_of(&j->target), *contrast = j->contrast.n ? ids_of(&j->contrast) : NULL;
    int32_t *contrast_source = j->contrast_source.n ? ids_of(&j->contrast_source) : NULL;
    struct method_input in = {
        .ops = &model_ops_real, .model = j->model, .config = j->config, .tokenizer = j->tokenizer,
        .source_ids = j->config->encoder_decoder ? source : NULL, .n_source = j->config->encoder_decoder ? (int64_t)j->source.n : 0,
        .target_ids = target, .n_target = (int64_t)j->target.n, .start = start, .end = end,
        .attribute_target = j->config->encoder_decoder && j->request->attribute_target, .target = a->target, .scores = a->scores, .n_scores = a->n_scores,
        .contrast_ids = contrast, .n_contrast = (int64_t)j->contrast.n, .alignment = j->alignment, .options = &a->method_options,
        .contrast_source_ids = contrast_source, .n_contrast_source = (int64_t)j->contrast_source.n, .contrast_force_inputs = a->contrast_force_inputs,
        .log_probabilities = j->log_probabilities, .include_eos_baseline = j->request->include_eos_baseline, .publish_early = j->events && j->events->watched && !j->early,
        .memory_budget = memory_budget(j->request), .span = has_span(j), .column = forward_column, .shaped = forward_shape, .user = j,
    };
    *out = (struct attribution_sequence){.attr_pos_start = start, .attr_pos_end = end};
    token_list_append(&out->target, &j->target);
    if (j->config->encoder_decoder)
        token_list_append(&out->source, &j->source);
    else
        for (int64_t i = 0; i < start; i++) {
            const struct token *t = &j->target.items[i];
            token_list_add(&out->source, t->id, t->special, t->piece, t->bytes, t->n_bytes);
        }
    if (j->contrast.n)
        positions_name_contrast(out, &j->contrast, j->alignment);
    enum err_code code = ERR_OK;
    if (!j->early && !j->use)
        code = tell_cost(j, &in, e);
    const bool skip = too_early(j, &in);
    struct step_sight *sight = NULL;
    if (code == ERR_OK && !skip)
        code = step_sight_open(&sight, &in, a->method, e);
    if (code == ERR_OK && !skip)
        code = j->use ? j->use(j->use_user, out, &in, j->ctl, e) : a->method->run(out, &in, j->ctl, e);
    step_sight_close(sight);
    if (code == ERR_OK && has_span(j) && !j->use)
        code = span_fold(out, a, e);
    out->class_name = mem_text(class_name(out->class));
    free(source);
    free(target);
    free(contrast);
    free(contrast_source);
    return code;
}

/* The first generated token's column while the others are still to come. Not where positions or a contrast text could shift it. */
static enum err_code attribute_early(struct job *j, const int32_t *ids, int64_t n, struct err *e) {
    const struct attribute_request *r = j->request;
    if (!j->arguments.method->first_column_is_cheap || !j->events->column || !j->events->watched || r->foil_step >= 0 || j->arguments.contrast_targets ||
        j->arguments.contrast_sources || j->arguments.contrast_force_inputs || has_span(j) ||
        r->attr_pos_start != POSITION_UNSET || r->attr_pos_end != POSITION_UNSET || r->skip_special_tokens)
        return ERR_OK;
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n && code == ERR_OK; i++)
        code = tokenizer_token(j->tokenizer, TEXT_TARGET, ids[i], &j->target, e);
    struct attribution_sequence first;
    if (code == ERR_OK) {
        j->early = true;
        code = run_method(j, n - 1, n, &first, e);
        j->early = false;
        attribution_sequence_dispose(&first);
    }
    token_list_dispose(&j->target);
    return code;
}

static enum err_code run_job(struct job *j, struct attribution **out, struct err *e) {
    enum err_code code = encode_input(j, e);
    if (code == ERR_OK)
        code = j->request->generated_text ? take_forced(j, e) : generate_text(j, e);
    if (code == ERR_OK)
        code = encode_target(j, j->text, &j->target, e);
    j->n_prompt = j->config->encoder_decoder ? 1 : (int64_t)j->source.n;
    if (code == ERR_OK && j->events && j->events->generated)
        j->events->generated(j->events->user, j->text, &j->target, j->n_prompt);
    int64_t start = 0, end = 0;
    struct attribute_request placed = *j->request;
    if (has_span(j)) {
        placed.attr_pos_start = j->arguments.span_start;
        placed.attr_pos_end = j->arguments.span_end;
    }
    if (code == ERR_OK)
        code = positions_place(&start, &end, &placed, (int64_t)j->target.n, j->n_prompt, j->config->encoder_decoder, e);
    if (code == ERR_OK)
        code = align(j, start, end, e);
    if (code != ERR_OK)
        return code;
    tell_of_positions(j, start, end);
    double begun = now(), *log_probabilities = mem_alloc((size_t)(end - start) * sizeof *log_probabilities);
    for (int64_t c = 0; c < end - start; c++)
        log_probabilities[c] = NAN;
    j->log_probabilities = j->request->generated_text && !j->use ? log_probabilities : NULL;
    struct attribution *a = attribution_new(1);
    code = run_method(j, start, end, &a->sequences[0], e);
    char *unlikely = code == ERR_OK ? forced_notice(&j->target, start, end - start, log_probabilities) : NULL;
    if (unlikely)
        tell(j, &j->arguments, unlikely);
    free(unlikely);
    free(log_probabilities);
    if (code != ERR_OK || j->use) {
        attribution_release(a);
        return code;
    }
    int32_t *ids = ids_of(&j->target);
    char *shown = NULL;
    int64_t from = j->config->encoder_decoder ? 1 : 0;
    code = tokenizer_decode(j->tokenizer, TEXT_TARGET, ids + from, j->target.n - (size_t)from, true, &shown, e);
    free(ids);
    free(a->info);
    a->info = attribute_info(&(struct run_facts){.request = j->request, .arguments = &j->arguments, .model = j->model, .sequence = &a->sequences[0],
                                                 .alignment = j->contrast.n ? j->alignment : NULL, .foil_id = j->foil_id, .start = start, .end = end, .input_text = j->input_text,
                                                 .generated_text = shown ? shown : "", .seconds = now() - begun});
    free(shown);
    if (code != ERR_OK) {
        attribution_release(a);
        return code;
    }
    *out = a;
    return ERR_OK;
}

static enum err_code run(struct job *j, struct attribution **out, struct err *e) {
    enum err_code code = run_arguments_init(&j->arguments, j->request, e);
    if (code != ERR_OK)
        return code;
    if (has_span(j) && j->use) {
        run_arguments_dispose(&j->arguments);
        return err_set(e, ERR_USAGE, "faithfulness is measured step by step: leave the span out");
    }
    for (size_t i = 0; i < j->arguments.n_notices; i++)
        tell(j, NULL, j->arguments.notices[i]);
    if (j->request->attribute_target && !j->config->encoder_decoder)
        tell(j, &j->arguments, "attribute_target is meant for encoder-decoder models; a decoder-only model always attributes its own text.");
    code = run_job(j, out, e);
    run_arguments_dispose(&j->arguments);
    token_list_dispose(&j->source);
    token_list_dispose(&j->target);
    token_list_dispose(&j->contrast);
    token_list_dispose(&j->contrast_source);
    free(j->alignment);
    free(j->input_text);
    free(j->text);
    return code;
}

enum err_code attribute_run(struct attribution **out, struct model *m, const struct attribute_request *request, const struct attribute_events *events,
                            const struct run_ctl *ctl, struct err *e) {
    struct job j = {.model = m, .config = model_config(m), .tokenizer = model_tokenizer(m), .request = request, .events = events, .ctl = ctl};
    *out = NULL;
    return run(&j, out, e);
}

enum err_code attribute_prepare(struct model *m, const struct attribute_request *request, const struct attribute_events *events, attribute_use use,
                                void *user, const struct run_ctl *ctl, struct err *e) {
    struct job j = {.model = m, .config = model_config(m), .tokenizer = model_tokenizer(m), .request = request, .events = events, .ctl = ctl,
                    .use = use, .use_user = user};
    struct attribution *none;
    return run(&j, &none, e);
}

#include "engine_fake.h"

#include "engine_fake_context.h"

#include "backend/base/mem.h"
#include "methods/request/arguments.h"
#include "methods/request/span_fold.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_LAYERS 3
#define N_HEADS 4
#define WIDTH 4

struct engine {
    int gate;
    char loaded[128];
    bool encoder_decoder;
    struct model_config config;
    int64_t memory; /* 0: plenty */
};

static atomic_int n_engines;

struct engine *engine_fake_new(int gate) {
    struct engine *self = mem_alloc(sizeof *self);
    self->gate = gate;
    n_engines++;
    return self;
}

void engine_fake_memory(struct engine *engine, int64_t bytes) {
    engine->memory = bytes;
}

int engine_fake_count(void) {
    return n_engines;
}

static void fake_free(struct engine *self) {
    if (self)
        n_engines--;
    free(self);
}

/* Waits for the gate; ERR_CANCELLED when that is asked for meanwhile. */
static atomic_int steps_begun;

int engine_fake_steps(void) {
    return atomic_load(&steps_begun);
}

static enum err_code step(struct engine *self, const struct run_ctl *ctl, struct err *e) {
    atomic_fetch_add(&steps_begun, 1);
    while (self->gate >= 0) {
        struct pollfd p = {.fd = self->gate, .events = POLLIN};
        char byte;
        if (run_cancelled(ctl))
            break;
        if (poll(&p, 1, 5) <= 0)
            continue;
        ssize_t n = read(self->gate, &byte, 1);
        if (n == 1)
            break;
        if (n == 0) /* the test is gone: run freely */
            self->gate = -1;
    }
    return run_cancelled(ctl) ? err_set(e, ERR_CANCELLED, "cancelled") : ERR_OK;
}

static enum err_code fake_load(struct engine *self, const char *name, struct engine_model *out,
                               const struct run_ctl *ctl, struct err *e) {
    *out = (struct engine_model){
        .n_layers = N_LAYERS, .n_heads = N_HEADS, .n_vocab = 100, .weight_bytes = 4000000};
    bool loaded = strcmp(self->loaded, name) == 0;
    if (!loaded) {
        for (int i = 0; i < 2; i++) {
            run_progress(ctl, "loading", i, 2);
            enum err_code code = step(self, ctl, e);
            if (code != ERR_OK)
                return code;
        }
        if (strcmp(name, "broken") == 0)
            return err_set(e, ERR_FORMAT, "broken/model.safetensors: the header is cut short");
        snprintf(self->loaded, sizeof self->loaded, "%s", name);
    }
    self->encoder_decoder = strstr(name, "-mt") || strcmp(name, "en-pt") == 0;
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->class_name, sizeof out->class_name,
             self->encoder_decoder ? "MarianMTModel" : "LlamaForCausalLM");
    snprintf(out->device, sizeof out->device, "cpu, 2 threads");
    out->encoder_decoder = self->encoder_decoder;
    if (strstr(name, "many")) {
        snprintf(out->languages, sizeof out->languages, "deu_Latn eng_Latn fra_Latn por_Latn");
        snprintf(out->own_languages[0], sizeof out->own_languages[0], "eng_Latn");
    }
    out->config =
        (struct model_config){.encoder_decoder = self->encoder_decoder,
                              .n_vocab = 100,
                              .n_width = WIDTH,
                              .n_ffn = 8,
                              .n_layers = N_LAYERS,
                              .encoder_sizes = {.n_layers = self->encoder_decoder ? N_LAYERS : 0,
                                                .n_heads = N_HEADS,
                                                .n_kv_heads = N_HEADS,
                                                .n_head_width = 1,
                                                .n_ffn = 8},
                              .n_heads = N_HEADS,
                              .n_kv_heads = N_HEADS,
                              .n_head_width = 1};
    if (strstr(name, "big"))
        out->config = (struct model_config){.decoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
                                            .n_vocab = 50000,
                                            .n_width = 2048,
                                            .n_ffn = 8192,
                                            .n_layers = 24,
                                            .n_heads = 32,
                                            .n_kv_heads = 32,
                                            .n_head_width = 64};
    self->config = out->config;
    out->rate = strstr(name, "big") ? 1e12 : 2e4;
    out->element_bytes = 4;
    return ERR_OK;
}

/* --- texts ------------------------------------------------------------------------------- */

static void add_token(struct token_list *list, const char *bytes, size_t n, bool special) {
    struct text_buffer piece = {0};
    int32_t id = 10;
    for (size_t i = 0; i < n; i++) {
        id = (id * 31 + bytes[i]) % 9973;
        if (bytes[i] == ' ')
            text_buffer_puts(&piece, "Ġ");
        else
            text_buffer_add(&piece, bytes + i, 1);
    }
    token_list_add(list, id < 0 ? -id : id, special, piece.text ? piece.text : "", bytes, n);
    text_buffer_dispose(&piece);
}

static void add_words(struct token_list *list, const char *text) {
    while (*text) {
        size_t n = 1 + strcspn(text + 1, " ");
        add_token(list, text, n, false);
        text += n;
    }
}

static const char *const continuation[] = {" Paris", ",", " France", "."};
static const char *const translation[] = {" Eu", " disse", " oi", " para", " o", " gerente"};

/* --- scores ------------------------------------------------------------------------------ */

/* In (0, 1), and signed for methods that are. Larger for later rows; the same for ever. */
static float score(int64_t row, int64_t g, int64_t i, bool is_signed) {
    uint32_t h = (uint32_t)(row * 2654435761u) ^ (uint32_t)(g * 40503u + i * 9176u + 77);
    h ^= h >> 13;
    h *= 0x5bd1e995u;
    h ^= h >> 15;
    float v = (float)(h % 1000) / 1000 + 0.001f;
    return is_signed && h & 1024 ? -v : v;
}

static void fill_column(struct scores *s, int64_t g, int64_t n_rows, bool is_signed) {
    int64_t cell = scores_cell(s);
    for (int64_t r = 0; s->data && r < n_rows && r < s->dims[0]; r++)
        for (int64_t i = 0; i < cell; i++)
            s->data[(r * s->dims[1] + g) * cell + i] = score(r, g, i, is_signed);
}

static void add_candidate(struct step_candidates *c, const struct token *t, float probability) {
    c->items[c->n++] =
        (struct step_candidate){t->id, mem_text(t->piece), mem_text(t->printable), probability};
}

static void fill_candidates(struct step_candidates *c, const struct token *own, bool mt) {
    struct token_list others = {0};
    add_words(&others, mt ? " a as um" : " Rome London Berlin");
    c->items = mem_alloc(5 * sizeof *c->items);
    const char *arrow = strstr(own->printable, "→ ");
    struct token plain = *own;
    if (arrow && own->id < 0)
        plain.printable = (char *)arrow + strlen("→ ");
    add_candidate(c, &plain, 0.75f);
    for (size_t i = 0; i < others.n; i++)
        add_candidate(c, &others.items[i], 0.1f / (float)(i + 1));
    token_list_dispose(&others);
}

struct sequence_shape {
    int64_t n_rows_source, n_rows_target, width[2];
    int n_extra;
};

static bool make_scores(struct scores *s, int64_t rows, int64_t columns,
                        const struct sequence_shape *shape) {
    int64_t dims[4] = {rows, columns, shape->width[0], shape->width[1]};
    return rows == 0 || scores_init(s, 2 + shape->n_extra, dims, NAN);
}

static void shape_of(struct sequence_shape *shape, struct attribution_sequence *s,
                     const struct attribute_request *r, bool mt) {
    bool attention = r->method && strcmp(r->method, "attention") == 0,
         dummy = r->method && strcmp(r->method, "dummy") == 0;
    bool layers = attention || (r->method && strcmp(r->method, "value_zeroing") == 0);
    bool wide = strstr(r->input_text, "wide") != NULL;
    *shape = (struct sequence_shape){.width = {wide ? 576 : WIDTH, N_HEADS},
                                     .n_extra = attention ? 2 : 1};
    if (layers)
        shape->width[0] = N_LAYERS;
    s->class = layers ? ATTRIBUTION_MULTI_DIMENSIONAL : ATTRIBUTION_GRANULAR;
    s->class_name = mem_text(layers ? "MultiDimensionalFeatureAttributionSequenceOutput"
                                    : "GranularFeatureAttributionSequenceOutput");
    if (dummy)
        return;
    shape->n_rows_source = mt ? (int64_t)s->source.n : 0;
    shape->n_rows_target = !mt || r->attribute_target ? (int64_t)s->target.n : 0;
}

/* Tokens of both sides; returns the position of the first generated one. */
static int64_t make_tokens(struct attribution_sequence *s, const struct attribute_request *r,
                           bool mt) {
    if (mt) {
        add_words(&s->source, r->input_text);
        add_token(&s->source, "</s>", 4, true);
        add_token(&s->target, "<s>", 3, true);
        for (size_t i = 0; i < sizeof translation / sizeof *translation; i++)
            add_token(&s->target, translation[i], strlen(translation[i]), false);
        add_token(&s->target, "</s>", 4, true);
        return 1;
    }
    add_words(&s->target, r->input_text);
    int64_t n_prompt = (int64_t)s->target.n;
    int repeats = strstr(r->input_text, "wide") ? 6 : 1;
    for (int k = 0; k < repeats; k++)
        for (size_t i = 0; i < sizeof continuation / sizeof *continuation; i++)
            add_token(&s->target, continuation[i], strlen(continuation[i]), false);
    for (int64_t i = 0; i < n_prompt; i++)
        add_token(&s->source, s->target.items[i].bytes, s->target.items[i].n_bytes, false);
    return n_prompt;
}

static void rename_token(struct token *t, const char *foil) {
    char *piece = mem_format("%s → %s", foil, t->piece),
         *printable = mem_format("%s → %s", foil, t->printable);
    free(t->piece);
    free(t->printable);
    t->piece = piece;
    t->printable = printable;
    t->id = -1;
}

/* "·Rome", as the candidates have it; "foil": none of them. */
static const char *name_of(const struct foil_choice *c, const struct token_list *others) {
    for (size_t i = 0; i < others->n; i++)
        if (!c->text && !c->rank && others->items[i].id == c->id)
            return others->items[i].printable;
    return c->text ? c->text : "foil";
}

/* The token at `at` once for each of several foils. */
static void add_foils(struct attribution_sequence *s, const struct foil *f, int64_t at) {
    struct token_list all = {0}, others = {0};
    add_words(&others, " Rome London Berlin");
    for (int64_t i = 0; i < (int64_t)s->target.n; i++) {
        const struct token *t = &s->target.items[i];
        for (size_t k = 0; k < (i == at ? foil_count(f) : 1); k++) {
            const struct foil_choice choice = foil_choice_at(f, k);
            token_list_add(&all, t->id, t->special, t->piece, t->bytes, t->n_bytes);
            if (i == at)
                rename_token(&all.items[all.n - 1], name_of(&choice, &others));
        }
    }
    token_list_dispose(&s->target);
    token_list_dispose(&others);
    s->target = all;
    s->one_step = true;
}

/* The foil's column reads "foil → token". */
static void name_foil(struct attribution_sequence *s, const struct attribute_request *r,
                      int64_t at) {
    struct token *t = &s->target.items[at];
    if (foil_count(&r->foil) > 1) {
        add_foils(s, &r->foil, at);
        return;
    }
    rename_token(t, "foil");
}

/* Room for every column, nothing in it. */
static enum err_code make_columns(struct attribution_sequence *s, const struct attribute_request *r,
                                  bool mt, struct err *e) {
    struct sequence_shape shape;
    int64_t n = attribution_steps(s);
    shape_of(&shape, s, r, mt);
    s->done = mem_alloc((size_t)n * sizeof *s->done);
    s->candidates = mem_alloc((size_t)n * sizeof *s->candidates);
    int64_t target_rows = shape.n_rows_target && s->attr_pos_end < shape.n_rows_target
                              ? s->attr_pos_end
                              : shape.n_rows_target;
    if (!make_scores(&s->source_attributions, shape.n_rows_source, n, &shape) ||
        !make_scores(&s->target_attributions, target_rows, n, &shape))
        return err_set(e, ERR_NOMEM, "no memory for the scores");
    for (size_t i = 0; i < r->step_scores.n; i++)
        attribution_add_step_scores(s, r->step_scores.items[i]);
    return ERR_OK;
}

static struct result_info made_of(const struct engine *self, const struct attribute_request *r) {
    const bool alone = r->attributed_fn && strncmp(r->attributed_fn, "contrast", 8) == 0 &&
                       !r->contrast_targets && !foil_given(&r->foil);
    struct result_info info = {.method = mem_text(r->method ? r->method : "saliency"),
                               .model_name = mem_text(self->loaded)};
    info.span = r->span;
    info_texts_add(&info.input_texts, "a text");
    if (alone)
        info_texts_add(&info.notices, "There is nothing to compare \x1b[31m with.");
    return info;
}

static enum err_code attribute_columns(struct engine *self, struct attribution_sequence *s,
                                       const struct attribute_request *r,
                                       const struct attribute_events *events,
                                       const struct run_ctl *ctl, struct err *e) {
    bool is_signed = r->method && strcmp(r->method, "input_x_gradient") == 0;
    int64_t n = attribution_steps(s);
    if (events && events->cost && strstr(r->input_text, "long"))
        events->cost(events->user,
                     &(struct cost_estimate){
                         .seconds = 200, .least = 150, .most = 300, .worst = 300, .fits = true});
    if (events) {
        struct result_info info = made_of(self, r);
        events->begin(events->user, s, &info);
        result_info_dispose(&info);
    }
    for (int64_t g = 0; g < n; g++) {
        run_progress(ctl, "attributing", g, n);
        enum err_code code = step(self, ctl, e);
        if (code == ERR_OK && g == 2 && strstr(r->input_text, "fail here"))
            code = err_set(e, ERR_BACKEND, "the third column cannot be computed");
        if (code != ERR_OK)
            return code;
        fill_column(&s->source_attributions, g, s->source_attributions.dims[0], is_signed);
        fill_column(&s->target_attributions, g, s->attr_pos_start + (s->one_step ? 0 : g),
                    is_signed);
        for (size_t i = 0; i < s->n_step_scores; i++)
            s->step_scores[i].scores.data[g] = score(99 + (int64_t)i, g, 0, false);
        fill_candidates(&s->candidates[g], &s->target.items[s->attr_pos_start + g],
                        self->encoder_decoder);
        s->done[g] = true;
        s->n_done++;
        if (events)
            events->column(events->user, s, g);
    }
    return ERR_OK;
}

/* A text with "early": the first generated token's column while the others still come. With
 * "changed": of a token that encoding the whole text then changes. */
static enum err_code attribute_early(struct engine *self, const struct attribution_sequence *all,
                                     int64_t start, const struct attribute_request *r,
                                     const struct attribute_events *events,
                                     const struct run_ctl *ctl, struct err *e) {
    struct attribution_sequence first = {.attr_pos_start = start, .attr_pos_end = start + 1};
    if (!strstr(r->input_text, "early"))
        return ERR_OK;
    token_list_append(&first.source, &all->source);
    token_list_append(&first.target,
                      &(struct token_list){.items = all->target.items, .n = (size_t)start + 1});
    if (strstr(r->input_text, "changed"))
        first.target.items[start].id++;
    enum err_code code = make_columns(&first, r, self->encoder_decoder, e);
    if (code == ERR_OK)
        code = attribute_columns(self, &first, r, events, ctl, e);
    attribution_sequence_dispose(&first);
    return code;
}

static enum err_code generate_tokens(struct engine *self, const struct attribution_sequence *s,
                                     int64_t start, const struct attribute_request *r,
                                     const struct attribute_events *events,
                                     const struct run_ctl *ctl, struct err *e) {
    struct text_buffer text = {0};
    enum err_code code = ERR_OK;
    for (int64_t i = start; i < (int64_t)s->target.n && code == ERR_OK; i++) {
        struct token_list so_far = {.items = s->target.items, .n = (size_t)i + 1};
        run_progress(ctl, "generating", i - start, (int64_t)s->target.n - start);
        code = step(self, ctl, e);
        if (code != ERR_OK)
            break;
        text_buffer_add(&text, s->target.items[i].bytes, s->target.items[i].n_bytes);
        events->generated(events->user, text.text, &so_far, start);
        if (i == start)
            code = attribute_early(self, s, start, r, events, ctl, e);
    }
    text_buffer_dispose(&text);
    return code;
}

/* Of the real method on this fake's sizes; ends a run that must fit and does not. */
static enum err_code tell_cost(struct engine *self, const struct attribution_sequence *s,
                               const struct run_arguments *a, const struct attribute_request *r,
                               const struct attribute_events *events, struct err *e) {
    const struct cost_input in = {.config = &self->config,
                                  .n_source = self->encoder_decoder ? (int64_t)s->source.n : 0,
                                  .n_target = s->attr_pos_end - 1,
                                  .n_steps = attribution_steps(s),
                                  .options = &a->method_options,
                                  .element_bytes = 4,
                                  .memory_budget =
                                      r->memory_budget > 0 ? r->memory_budget : 256000000};
    struct cost_estimate c;
    if (!self->memory)
        return ERR_OK;
    cost_estimate(&c, a->method, &in, 1e12, self->memory);
    events->cost(events->user, &c);
    if (!r->run_anyway && !c.fits)
        return err_set(e, ERR_NOMEM, "the run does not fit");
    return ERR_OK;
}

/* All columns, or the one that they make as a span: nobody sees its parts. */
static enum err_code attribute_all(struct engine *self, struct attribution_sequence *s,
                                   const struct attribute_request *r,
                                   const struct attribute_events *events, const struct run_ctl *ctl,
                                   struct err *e) {
    struct run_arguments a;
    enum err_code code = run_arguments_init(&a, r, e);
    if (code != ERR_OK)
        return code;
    run_arguments_tell_of_contrast(&a, r);
    bool span = span_given(&a.span);
    if (span) {
        s->attr_pos_start = a.span.start.value;
        s->attr_pos_end = a.span.end.value;
    }
    if (r->attr_pos_end.given)
        s->attr_pos_end = r->attr_pos_end.value;
    code = tell_cost(self, s, &a, r, events, e);
    if (code)
        goto out;
    code = make_columns(s, r, self->encoder_decoder, e);
    if (code)
        goto out;
    code = attribute_columns(self, s, r, span ? NULL : events, ctl, e);
    if (code)
        goto out;
    if (span)
        code = span_fold(s, &a, e);
out:
    run_arguments_dispose(&a);
    return code;
}

static enum err_code fake_attribute(struct engine *self, struct attribution **out,
                                    const struct attribute_request *r,
                                    const struct attribute_events *events,
                                    const struct run_ctl *ctl, struct err *e) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    *out = NULL;
    s->attr_pos_start = make_tokens(s, r, self->encoder_decoder);
    s->attr_pos_end = (int64_t)s->target.n;
    enum err_code code = ERR_OK;
    if (!r->generated_text)
        code = generate_tokens(self, s, s->attr_pos_start, r, events, ctl, e);
    if (code)
        goto out;
    if (foil_given(&r->foil)) {
        s->attr_pos_start += r->foil.step.value;
        s->attr_pos_end = s->attr_pos_start + (int64_t)foil_count(&r->foil);
        name_foil(s, r, s->attr_pos_start);
    }
    code = attribute_all(self, s, r, events, ctl, e);
    if (code)
        goto out;
    a->info = made_of(self, r);
    *out = a;
out:
    if (code)
        attribution_release(a);
    return code;
}

const struct engine_ops engine_fake_ops = {.load = fake_load,
                                           .attribute = fake_attribute,
                                           .free = fake_free,
                                           .context = engine_fake_context};

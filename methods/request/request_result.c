#include "methods/request/request_result.h"

#include "backend/base/mem.h"
#include "methods/declare/declare.h"

#include <stdlib.h>
#include <string.h>

typedef void teller(struct attribute_request *out, const struct attribution *a, size_t i);

/* --- texts and names --- */

static void told_input_text(struct attribute_request *out, const struct attribution *a, size_t i) {
    out->input_text = mem_text(info_text_of(&a->info.input_texts, i));
}

/* Inseq says of a text that goes on from a prefix, too, that it was constrained. */
static bool was_generated(const struct attribution *a) {
    return a->info.target_prefixes.n ||
           (a->info.constrained_decoding.given && !a->info.constrained_decoding.value);
}

static void told_from_target_prefix(struct attribute_request *out, const struct attribution *a,
                                    size_t i) {
    out->from_target_prefix = info_text_of(&a->info.target_prefixes, i) != NULL;
}

static void told_generated_text(struct attribute_request *out, const struct attribution *a,
                                size_t i) {
    const char *prefix = info_text_of(&a->info.target_prefixes, i);
    if (prefix)
        out->generated_text = mem_text(prefix);
    else if (!was_generated(a))
        out->generated_text = mem_text(info_text_of(&a->info.generated_texts, i));
}

static void told_generation_kwargs(struct attribute_request *out, const struct attribution *a,
                                   size_t i) {
    struct text_buffer b = {0};
    (void)i;
    if (!was_generated(a) || !a->info.generation_args.options.n)
        return;
    info_values_write(&b, &a->info.generation_args.options);
    out->generation_kwargs = text_buffer_take(&b);
}

static void told_source_language(struct attribute_request *out, const struct attribution *a,
                                 size_t i) {
    (void)i;
    out->source_language = mem_text(a->info.source_language);
}

static void told_target_language(struct attribute_request *out, const struct attribution *a,
                                 size_t i) {
    (void)i;
    out->target_language = mem_text(a->info.target_language);
}

static void told_method(struct attribute_request *out, const struct attribution *a, size_t i) {
    (void)i;
    out->method = mem_text(a->info.method);
}

static void told_attributed_fn(struct attribute_request *out, const struct attribution *a,
                               size_t i) {
    (void)i;
    out->attributed_fn = mem_text(a->info.function.id);
}

static void told_step_scores(struct attribute_request *out, const struct attribution *a, size_t i) {
    const struct info_texts *names = &a->info.step_scores;
    const char **items = names->n ? mem_alloc(names->n * sizeof *items) : NULL;
    size_t n = 0;
    (void)i;
    for (size_t k = 0; k < names->n; k++)
        if (names->items[k])
            items[n++] = mem_text(names->items[k]);
    out->step_scores = (struct names){items, n};
}

/* --- contrast --- */

/* Of what is attributed, else of the step scores; NULL where a foil of one step stands for it. */
static const struct info_contrast *contrast_of(const struct attribution *a) {
    static const struct info_contrast none;
    const struct info_contrast *own = &a->info.function_args.contrast;
    if (a->info.foil_id.given)
        return &none;
    return own->targets.items || own->sources.items || own->force_inputs.given
               ? own
               : &a->info.score_args.contrast;
}

static void told_contrast_targets(struct attribute_request *out, const struct attribution *a,
                                  size_t i) {
    out->contrast_targets = mem_text(info_text_of(&contrast_of(a)->targets, i));
}

static void told_contrast_sources(struct attribute_request *out, const struct attribution *a,
                                  size_t i) {
    out->contrast_sources = mem_text(info_text_of(&contrast_of(a)->sources, i));
}

static void told_contrast_alignment(struct attribute_request *out, const struct attribution *a,
                                    size_t i) {
    const struct info_contrast *contrast = contrast_of(a);
    if (i < contrast->n_alignments)
        out->contrast_alignment = alignment_copy(&contrast->alignments[i]);
}

static void told_contrast_force_inputs(struct attribute_request *out, const struct attribution *a,
                                       size_t i) {
    (void)i;
    out->contrast_force_inputs = contrast_of(a)->force_inputs.value;
}

/* A foil was picked at one step: the only one that there is. */
static void told_foil(struct attribute_request *out, const struct attribution *a, size_t i) {
    const char *at = a->info.foil_ids;
    char *end;
    (void)i;
    if (!a->info.foil_id.given)
        return;
    out->foil = (struct foil){.step = optional_of(0), .id = (int32_t)a->info.foil_id.value};
    for (size_t k = 0; at && *at; at = end, k++) {
        const struct foil_choice choice = {.id = (int32_t)strtol(at, &end, 10)};
        if (end == at || (k && !foil_add(&out->foil, &choice)))
            break;
    }
}

/* --- positions --- */

/* Whether the tokens before the first that is attributed spell the prompt, a beginning that the
 * tokenizer adds aside. */
static bool begins_after(const struct attribution_sequence *s, const char *prompt) {
    struct text_buffer b = {0};
    const bool added =
        s->target.n && s->target.items[0].special &&
        strncmp(prompt, s->target.items[0].piece, strlen(s->target.items[0].piece)) != 0;
    for (int64_t k = added; k < s->attr_pos_start; k++)
        text_buffer_add(&b, s->target.items[k].bytes, s->target.items[k].n_bytes);
    char *text = text_buffer_take(&b);
    const bool same = strcmp(text + (*text == ' ' && *prompt != ' '), prompt) == 0;
    free(text);
    return same;
}

/* An encoder-decoder's target begins after its start token. */
static bool usual_start(const struct attribution *a, size_t i) {
    const struct attribution_sequence *s = &a->sequences[i];
    const char *prompt = info_text_of(&a->info.input_texts, i);
    if (s->source_attributions.data)
        return s->attr_pos_start == 1;
    return prompt && begins_after(s, prompt);
}

static void told_attr_pos_start(struct attribute_request *out, const struct attribution *a,
                                size_t i) {
    if (!span_given(&a->info.span) && (a->info.foil_id.given || !usual_start(a, i)))
        out->attr_pos_start = optional_of(a->sequences[i].attr_pos_start);
}

static void told_attr_pos_end(struct attribute_request *out, const struct attribution *a,
                              size_t i) {
    const struct attribution_sequence *s = &a->sequences[i];
    if (a->info.foil_ids) /* the one step that all columns are of */
        out->attr_pos_end = optional_of(s->attr_pos_start + 1);
    else if (!span_given(&a->info.span) && s->attr_pos_end != (int64_t)s->target.n)
        out->attr_pos_end = optional_of(s->attr_pos_end);
}

static void told_span(struct attribute_request *out, const struct attribution *a, size_t i) {
    (void)i;
    out->span = a->info.span;
}

/* --- options --- */

#define N_PARTS 3
static const char *const part_names[N_PARTS] = {"attribution_args", "attributed_fn_args",
                                                "step_scores_args"};

static const struct info_values *part_of(const struct attribution *a, size_t part) {
    const struct info_arguments *all[N_PARTS] = {&a->info.method_args, &a->info.function_args,
                                                 &a->info.score_args};
    return &all[part]->options;
}

static const char *value_of(const struct info_values *v, const char *key) {
    for (size_t k = 0; k < v->n; k++)
        if (strcmp(v->items[k].key, key) == 0)
            return v->items[k].json;
    return NULL;
}

static bool is_among(const struct option_decl *options, size_t n, const char *key) {
    for (size_t k = 0; k < n; k++)
        if (strcmp(options[k].name, key) == 0)
            return true;
    return false;
}

static bool function_has(const char *id, const char *key) {
    const struct step_function_decl *f = id ? step_function_decl_find(id) : NULL;
    return f && is_among(f->options, f->n_options, key);
}

/* Whether an option of this name, given for all, would reach this part. */
static bool part_has(const struct attribution *a, size_t part, const char *key) {
    const struct method_decl *m = a->info.method ? method_decl_find(a->info.method) : NULL;
    bool any = false;
    if (part == 0)
        return m && is_among(m->options, m->n_options, key);
    if (part == 1)
        return function_has(a->info.function.id, key);
    for (size_t k = 0; k < a->info.step_scores.n; k++)
        any |= function_has(a->info.step_scores.items[k], key);
    return any;
}

/* Given for all it means the same: every part that has the option has this value. */
static bool serves_all(const struct attribution *a, const struct info_value *v) {
    for (size_t part = 0; part < N_PARTS; part++) {
        const char *there = value_of(part_of(a, part), v->key);
        if (there ? strcmp(there, v->json) != 0 : part_has(a, part, v->key))
            return false;
    }
    return true;
}

static bool is_put(const struct attribution *a, size_t before, const char *key) {
    for (size_t part = 0; part < before; part++)
        if (value_of(part_of(a, part), key))
            return true;
    return false;
}

/* What Inseq itself adds to occlusion's options, and this program has no other way: windows of one
 * token. */
static bool is_implied(const struct info_value *v) {
    return strcmp(v->key, "sliding_window_shapes") == 0 &&
           strncmp(v->json + strspn(v->json, "["), "1,", 2) == 0;
}

/* A part's options: those that serve all beside each other, others in an object of its own. */
static void put_part(struct text_buffer *b, const struct attribution *a, size_t part) {
    const struct info_values *values = part_of(a, part);
    struct text_buffer own = {0};
    for (size_t k = 0; k < values->n; k++) {
        const struct info_value *v = &values->items[k];
        if (is_implied(v))
            continue;
        if (!serves_all(a, v))
            json_put_value(&own, v->key, v->json);
        else if (!is_put(a, part, v->key))
            json_put_value(b, v->key, v->json);
    }
    char *object = own.n ? json_take_object(&own) : NULL;
    if (object)
        json_put_value(b, part_names[part], object);
    free(object);
}

static void told_attribution_kwargs(struct attribute_request *out, const struct attribution *a,
                                    size_t i) {
    struct text_buffer b = {0};
    (void)i;
    for (size_t part = 0; part < N_PARTS; part++)
        put_part(&b, a, part);
    if (a->info.clean_special_chars.value)
        json_put_flag(&b, "clean_special_chars", true);
    out->attribution_kwargs = b.n ? json_take_object(&b) : NULL;
}

/* --- flags --- */

static void told_attribute_target(struct attribute_request *out, const struct attribution *a,
                                  size_t i) {
    (void)i;
    out->attribute_target = a->info.attribute_target.value;
}

static void told_step_attributions(struct attribute_request *out, const struct attribution *a,
                                   size_t i) {
    (void)i;
    out->step_attributions = a->info.step_attributions.value;
}

static void told_include_eos_baseline(struct attribute_request *out, const struct attribution *a,
                                      size_t i) {
    (void)i;
    out->include_eos_baseline = a->info.include_eos_baseline.value;
}

static void told_generated_ids(struct attribute_request *out, const struct attribution *a,
                               size_t i) {
    (void)i;
    out->generated_ids = mem_text(a->info.generated_ids);
}

static void told_skip_special_tokens(struct attribute_request *out, const struct attribution *a,
                                     size_t i) {
    (void)i;
    out->skip_special_tokens = a->info.skip_special_tokens.value;
}

/* --- context --- */

/* What it leaves to the defaults, where the result tells it: of one in which nothing is changed it
 * tells none. */
static void name_method(struct attribute_request *out, const struct attribution *a) {
    const char *made_by = a->info.method;
    if (!out->method)
        out->method = mem_text(made_by && strcmp(made_by, "dummy") != 0 ? made_by : "saliency");
    if (!out->attributed_fn && made_by && strcmp(made_by, out->method) == 0)
        out->attributed_fn = mem_text(a->info.function.id);
}

/* A context attribution keeps its request: its result is of the method's run of the whole text, and
 * would be taken for a request of that. */
static void told_context(struct attribute_request *out, const struct attribution *a, size_t i) {
    const char *kept = info_text_of(&a->info.context, i);
    struct json_document *d;
    struct err ignored;
    if (!kept || json_parse(&d, kept, strlen(kept), &ignored) != ERR_OK)
        return;
    const struct json_value *request = json_get(json_root(d), "request");
    if (request && request->type == JSON_OBJECT) {
        request_dispose(out);
        *out = request_read(request);
        name_method(out, a);
    }
    json_free(d);
}

/* --- the rows --- */

struct attribute_request request_of_result(const struct attribution *a, size_t i) {
    static teller *const tellers[] = {
#define TOLD(member) told_##member
#define NOT_TOLD NULL
#define FIELD(kind, member, json, told, cli, form) told,
#define PART(cli, form)
#include "methods/request/request.def"
    };
    struct attribute_request out = {0};
    for (size_t k = 0; k < sizeof tellers / sizeof *tellers; k++)
        if (tellers[k])
            tellers[k](&out, a, i);
    return out;
}

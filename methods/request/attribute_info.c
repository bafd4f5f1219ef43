#include "methods/request/attribute_info.h"

#include "backend/base/mem.h"
#include "methods/request/request_command.h"
#include "methods/step_functions/expression.h"

#include <stdlib.h>
#include <string.h>

/* An option's value as JSON, owned by the caller. */
static char *option_json(const struct option_set *s, size_t i) {
    struct text_buffer b = {0};
    switch (s->decls[i].type) {
    case OPTION_BOOL:
        text_buffer_puts(&b, s->values[i].number != 0 ? "true" : "false");
        break;
    case OPTION_TEXT:
    case OPTION_CHOICE:
        json_write_flat_string(&b, s->values[i].text, strlen(s->values[i].text));
        break;
    case OPTION_JSON:
        text_buffer_puts(&b, s->values[i].text);
        break;
    case OPTION_INT:
    case OPTION_FLOAT:
        json_write_number(&b, s->values[i].number);
        break;
    }
    return text_buffer_take(&b);
}

static void add_options(struct info_arguments *to, const struct option_set *s) {
    to->given = true;
    for (size_t i = 0; i < s->n; i++) {
        if (!s->values[i].given || info_values_have(&to->options, s->decls[i].name))
            continue;
        char *json = option_json(s, i);
        info_values_add(&to->options, s->decls[i].name, json);
        free(json);
    }
}

/* Which token of the contrast each attributed one is held against. */
static struct alignment pairs_of(const struct run_facts *f) {
    const size_t n = (size_t)(f->end - f->start);
    struct alignment a = {
        .rule = ALIGN_PAIRS, .links = mem_alloc(n * sizeof *a.links), .n_links = n};
    for (size_t c = 0; c < n; c++)
        a.links[c] = (struct align_link){f->start + (int64_t)c, f->alignment[c]};
    return a;
}

static void add_contrast(struct info_contrast *to, const struct run_facts *f) {
    const struct run_arguments *a = f->arguments;
    if (a->contrast_force_inputs)
        to->force_inputs = optional_of(true);
    if (a->contrast_sources && !to->sources.items)
        to->sources = info_texts_alone(a->contrast_sources);
    if (!run_arguments_contrast(a) || to->targets.items || to->n_alignments)
        return;
    to->targets = info_texts_alone(a->contrast_targets);
    if (!f->alignment || foil_given(&f->request->foil))
        return;
    to->alignments = mem_alloc(sizeof *to->alignments);
    to->alignments[to->n_alignments++] = pairs_of(f);
}

static void add_function(struct info_arguments *to, const struct run_facts *f,
                         const struct step_request *function) {
    const struct contrast_ids *ids = &f->arguments->contrast_ids;
    add_options(to, &function->options);
    if (!function->function->decl.contrastive)
        return;
    add_contrast(&to->contrast, f);
    if (!ids->ids || info_values_have(&to->options, "contrast_ids"))
        return;
    char *json = contrast_ids_text(ids);
    info_values_add(&to->options, "contrast_ids", json);
    free(json);
}

static void add_functions(struct result_info *info, const struct run_facts *f) {
    const struct run_arguments *a = f->arguments;
    const char *id = a->target.function->decl.id; /* an expression's is its text */
    info->function = (struct info_function){mem_text(id), !expression_meant(id)};
    add_options(&info->method_args, &a->method_options);
    add_function(&info->function_args, f, &a->target);
    info->step_scores = (struct info_texts){.items = mem_alloc(0)};
    info->score_args.given = true;
    for (size_t i = 0; i < a->n_scores; i++) {
        info_texts_add(&info->step_scores, a->scores[i].function->decl.id);
        add_function(&info->score_args, f, &a->scores[i]);
    }
}

static void set_notices(struct result_info *info, const struct run_arguments *a) {
    info_texts_dispose(&info->notices);
    info->notices.items = mem_alloc(0);
    for (size_t i = 0; i < a->n_notices; i++)
        info_texts_add(&info->notices, a->notices[i]);
}

static void add_texts(struct result_info *info, const struct run_facts *f) {
    const char *generation = f->request->generation_kwargs;
    info_texts_add(&info->input_texts, f->input_text);
    info_texts_add(&info->generated_texts, f->generated_text);
    const bool continues =
        f->request->from_target_prefix && model_config(f->model)->encoder_decoder;
    info->constrained_decoding = optional_of(f->request->generated_text != NULL);
    info->from_target_prefix = optional_of(continues);
    info->step_attributions = optional_of(f->request->step_attributions);
    if (continues)
        info_texts_add(&info->target_prefixes, f->request->generated_text);
    if (generation)
        (void)info_arguments_parse(&info->generation_args, generation);
    info->generation_args.given = true;
}

static void add_model(struct result_info *info, const struct model *m) {
    const struct model_config *c = model_config(m);
    info->model_class = mem_text(c->class_name);
    info->model_name = mem_text(model_name(m));
    info->model_path = mem_text(model_path(m));
    info->dtype = mem_text(model_dtype_name(m)); /* as Transformers' configurations name it */
    info->tokenizer_class = mem_text(c->tokenizer_class);
    info_values_add(&info->others, "tokenizer_name", "null"); /* as Inseq writes it */
    info->version = mem_text(TINSEQ_VERSION);
    info->model_hash = mem_text(model_hash(m));
    info->libtorch = mem_text(model_libtorch(m));
}

char *attribute_info_command(const struct model *m, const struct attribute_request *r) {
    const struct command_model opened = {.model = model_path(m) ? model_path(m) : model_name(m),
                                         .dtype = model_dtype_name(m),
                                         .tokenizer = model_tokenizer_path(m),
                                         .tokenizer_kwargs = model_tokenizer_kwargs(m)};
    return request_command(r, &opened);
}

static void add_command(struct result_info *info, const struct run_facts *f) {
    char *command = attribute_info_command(f->model, f->request);
    if (command)
        info_texts_add(&info->commands, command);
    free(command);
}

/* "13 45 7", owned by the caller. */
static char *ids_text(const int32_t *ids, size_t n) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < n; i++)
        text_buffer_format(&b, "%s%d", i ? " " : "", ids[i]);
    return text_buffer_take(&b);
}

void attribute_info_fill(struct result_info *out, const struct run_facts *f) {
    const struct attribute_request *r = f->request;
    const struct run_arguments *a = f->arguments;
    const bool two = model_config(f->model)->encoder_decoder,
               mean = a->span.mean || !a->method->decl.needs_attributed_fn;
    *out = (struct result_info){.attr_pos_start = optional_of(f->start),
                                .attr_pos_end = optional_of(f->end),
                                .attribute_target = optional_of(two && r->attribute_target),
                                .include_eos_baseline = optional_of(r->include_eos_baseline),
                                .source_language = mem_text(r->source_language),
                                .target_language = mem_text(r->target_language),
                                .method = mem_text(a->method->decl.id),
                                .aligner = mem_text(f->aligner)};
    add_functions(out, f);
    add_texts(out, f);
    add_model(out, f->model);
    if (!f->known)
        add_command(out, f);
    set_notices(out, a);
    if (a->own_ids && (!r->generated_text || out->from_target_prefix.value))
        out->generated_ids = mem_text("own");
    if (a->skip_special)
        out->skip_special_tokens = optional_of(true);
    if (a->clean_special)
        out->clean_special_chars = optional_of(true);
    if (span_given(&a->span))
        out->span = span_make(f->start, f->end, mean);
    if (foil_given(&r->foil))
        out->foil_id = optional_of(f->foil_ids[0]);
    if (foil_count(&r->foil) > 1)
        out->foil_ids = ids_text(f->foil_ids, foil_count(&r->foil));
}

void attribute_info_finish(struct result_info *info, const struct run_arguments *a,
                           const struct attribution_sequence *s, double seconds) {
    set_notices(info, a);
    info->attr_pos_start = optional_of(s->attr_pos_start);
    info->attr_pos_end = optional_of(s->attr_pos_end);
    info->seconds = (struct info_seconds){true, seconds};
}

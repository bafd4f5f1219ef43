#include "aggregators/aggregate.h"

#include "aggregators/reduce.h"
#include "aggregators/registry.h"
#include "backend/base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An infinite score, of a file, would leave nothing of the others in a sum or on a scale. */
static void drop_infinite(struct scores *s) {
    const int64_t n = scores_count(s);
    for (int64_t i = 0; i < n; i++)
        s->data[i] = isinf(s->data[i]) ? NAN : s->data[i];
}

static enum err_code apply_stage(struct attribution_sequence *s,
                                 const struct aggregate_stage *stage,
                                 const struct aggregate_context *context, struct err *e) {
    struct option_set options;
    enum err_code code = pipeline_read_options(&options, stage, e);
    if (!code)
        code = stage->aggregator->apply(
            s, &(struct aggregate_call){stage->function, &options, context, stage->aggregator}, e);
    option_set_dispose(&options);
    return code;
}

enum err_code aggregate_sequence(struct attribution_sequence *out,
                                 const struct attribution_sequence *in, const struct pipeline *p,
                                 const struct aggregate_context *context, struct err *e) {
    static const struct aggregate_context nothing;
    *out = (struct attribution_sequence){0};
    enum err_code code = reduce_check_sides(in, e);
    if (code)
        return code;
    if (!attribution_sequence_copy(out, in, true))
        return err_set(e, ERR_NOMEM, "no memory for a copy of the scores");
    drop_infinite(&out->source_attributions);
    drop_infinite(&out->target_attributions);
    for (size_t i = 0; i < p->n && !code; i++)
        code = apply_stage(out, &p->stages[i], context ? context : &nothing, e);
    if (code)
        attribution_sequence_dispose(out);
    return code;
}

enum err_code aggregate_default(struct attribution_sequence *out,
                                const struct attribution_sequence *in, struct err *e) {
    struct aggregate_stage stage = {.aggregator = aggregator_find("default")};
    return aggregate_sequence(out, in, &(struct pipeline){&stage, 1}, NULL, e);
}

static void add_stages(struct info_texts *to, const struct pipeline *p, const char *paired_name) {
    for (size_t i = 0; i < p->n; i++) {
        struct aggregate_stage stage = p->stages[i];
        stage.options = mem_text(stage.options);
        if (paired_name && pipeline_takes(&stage, "with")) {
            struct text_buffer b = {0};
            json_write_flat_string(&b, paired_name, strlen(paired_name));
            pipeline_set(&stage, "with", b.text);
            text_buffer_dispose(&b);
        }
        char *text = pipeline_stage_text(&stage);
        info_texts_add(to, text);
        free(text);
        free(stage.options);
    }
}

/* What it is paired with goes through the same stages before `pair`, the last one. */
static enum err_code aggregate_paired(struct attribution_sequence *out,
                                      const struct attribution_sequence *in,
                                      const struct pipeline *p, const struct attribution *paired,
                                      size_t i, struct aggregate_context *context, struct err *e) {
    const struct pipeline before = {p->stages, p->n ? p->n - 1 : 0};
    struct attribution_sequence other = {0};
    enum err_code code = ERR_OK;
    if (paired)
        code = aggregate_sequence(&other, &paired->sequences[i], &before, context, e);
    if (code)
        return code;
    context->paired = paired ? &other : NULL;
    code = aggregate_sequence(out, in, p, context, e);
    attribution_sequence_dispose(&other);
    return code;
}

enum err_code aggregate_result(struct attribution **out, const struct attribution *in,
                               const struct pipeline *p, const struct attribution *paired,
                               const char *paired_name, struct err *e) {
    struct attribution *made = attribution_new(in->n_sequences);
    enum err_code code = ERR_OK;
    *out = NULL;
    made->info = result_info_copy(&in->info);
    if (paired && paired->n_sequences != in->n_sequences)
        code = err_set(e, ERR_SHAPE, "one result is of %zu texts, the other of %zu",
                       in->n_sequences, paired->n_sequences);
    for (size_t i = 0; i < in->n_sequences && !code; i++) {
        struct aggregate_context context = {.notices = &made->info.notices};
        code = aggregate_paired(&made->sequences[i], &in->sequences[i], p, paired, i, &context, e);
    }
    if (code) {
        attribution_release(made);
        return code;
    }
    add_stages(&made->info.pipeline, p, paired_name);
    *out = made;
    return ERR_OK;
}

struct aggregate_range aggregate_range_of(const struct attribution_sequence *s) {
    struct aggregate_range range = {0};
    const struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    bool first = true;
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0, n = scores_count(sides[side]); i < n; i++) {
            float x = sides[side]->data[i];
            if (!isfinite(x))
                continue;
            if (first || x < range.minimum)
                range.minimum = x;
            if (first || x > range.maximum)
                range.maximum = x;
            first = false;
        }
    range.any_negative = range.minimum < 0;
    range.magnitude = fmaxf(fabsf(range.minimum), fabsf(range.maximum));
    return range;
}

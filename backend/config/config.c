#include "backend/config.h"

#include "backend/config/files.h"
#include "backend/config/pair.h"

#include <assert.h>
#include <string.h>

/* Numbers that attention's biases may take, of all layers: a file of a few bytes could ask for more
 * than there is. T5 11B has 393,216. */
#define MOST_DISTANCES ((int64_t)1 << 24)

/* What must hold between a stack's sizes so that code further up may divide and multiply without
 * looking. */
static enum err_code check_stack(const struct model_config *c, enum model_stack stack,
                                 const char *file, struct err *e) {
    const struct stack_plan *plan = stack == STACK_ENCODER ? &c->encoder : &c->decoder;
    const struct stack_sizes *s = model_config_sizes(c, stack);
    const int64_t d = s->n_head_width, h = s->n_heads, turned = c->n_rotated ? c->n_rotated : d;
    const bool rotates = plan->positions == POSITION_ROTARY;
    const bool free_width = rotates || plan->positions == POSITION_BUCKETS;
    if (d * h > FIELD_MAX_WIDTH * 8ll)
        return err_set(e, ERR_FORMAT, "%s: %lld heads of width %lld are too many", file,
                       (long long)h, (long long)d);
    if (plan->positions == POSITION_BUCKETS &&
        s->n_layers * h * c->bucket_distance > MOST_DISTANCES)
        return err_set(e, ERR_FORMAT, "%s: distances up to %lld are too many for %lld heads", file,
                       (long long)c->bucket_distance, (long long)h);
    if (plan->positions == POSITION_BUCKETS && c->bucket_distance <= c->n_buckets / 2)
        return err_set(e, ERR_FORMAT,
                       "%s: %lld ranges of distances do not end at a distance of %lld", file,
                       (long long)c->n_buckets, (long long)c->bucket_distance);
    if (!free_width && d * h != c->n_width)
        return err_set(e, ERR_FORMAT, "%s: %lld heads do not divide the width %lld", file,
                       (long long)h, (long long)c->n_width);
    if (rotates && (d < 2 || turned % 2 != 0 || turned > d))
        return err_set(e, ERR_FORMAT,
                       "%s: %lld numbers of heads of width %lld cannot be rotated "
                       "in pairs",
                       file, (long long)turned, (long long)d);
    if (h % s->n_kv_heads != 0)
        return err_set(e, ERR_FORMAT, "%s: %lld key-value heads do not divide %lld heads", file,
                       (long long)s->n_kv_heads, (long long)h);
    if (plan->positions == POSITION_SINUSOID && c->n_width % 2 != 0)
        return err_set(e, ERR_FORMAT, "%s: positions need an even width, not %lld", file,
                       (long long)c->n_width);
    return ERR_OK;
}

static enum err_code check_sizes(const struct model_config *c, const char *file, struct err *e) {
    enum err_code code = c->encoder_decoder ? check_stack(c, STACK_ENCODER, file, e) : ERR_OK;
    return code ? code : check_stack(c, STACK_DECODER, file, e);
}

enum err_code model_config_read(struct model_config *out, const struct model_files *f,
                                const struct weights *w, struct err *e) {
    struct model_config c = {.layout = f->layout};
    enum err_code code = ERR_INTERNAL;
    struct err inner = {0};
    struct setting_notes notes = {0};
    assert(w || f->layout == LAYOUT_HUGGING_FACE);
    switch (f->layout) {
    case LAYOUT_HUGGING_FACE:
        code = hugging_face_config_read(&c, f, &notes, &inner);
        break;
    case LAYOUT_GGUF:
        code = gguf_config_read(&c, f, w, &notes, &inner);
        break;
    case LAYOUT_MARIAN_NATIVE:
        code = marian_config_read(&c, f, w, &notes, &inner);
        break;
    }
    if (code)
        goto out;
    code = check_sizes(&c, f->layout == LAYOUT_HUGGING_FACE ? f->config : f->weights, &inner);
out:
    setting_notes_take(&notes, c.notice, sizeof c.notice);
    if (!code && c.sides[STACK_ENCODER])
        pair_note_tokenizer(&c);
    if (code) {
        memset(out, 0, sizeof *out);
        if (e)
            *e = inner;
        return code;
    }
    *out = c;
    return ERR_OK;
}

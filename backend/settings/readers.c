#include "backend/settings/readers.h"

#include "backend/settings/rope_readers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct model_config, member)

/* Beside what a type's own rows read. Sections say which pairs turn with a picture's rows, columns
 * and time: those of a text are all the same number. */
static const struct setting common[] = {{KEY("type", ELSEWHERE)},
                                        {KEY("rope_type", ELSEWHERE)},
                                        {KEY("rope_theta", ELSEWHERE)},
                                        {KEY("mrope_section", ELSEWHERE)},
                                        {KEY("mrope_interleaved", ELSEWHERE)}};
static const struct settings plain = {SETTINGS(common)};

static const struct setting linear_rows[] = {
    {READ("factor", NUMBER, rope_linear, 1, 1, 1e6)},
    {KEY("original_max_position_embeddings", ELSEWHERE)} /* said again, of training */};
static const struct settings linear = {SETTINGS(linear_rows), .base = &plain};

static const struct setting llama3_rows[] = {
    {READ("factor", NUMBER, rope_factor, 8, 1, 1e6)},
    {READ("low_freq_factor", NUMBER, rope_low_freq_factor, 1, 1e-6, 1e6)},
    {READ("high_freq_factor", NUMBER, rope_high_freq_factor, 4, 1e-6, 1e6)},
    {READ("original_max_position_embeddings", NUMBER, rope_original_positions, 8192, 1,
          FIELD_MAX_POSITIONS)}};
static const struct settings llama3 = {SETTINGS(llama3_rows), .base = &plain};

/* Read by rope_readers.c. */
static const struct setting sized_rows[] = {
    {KEY("factor", ELSEWHERE)},           {KEY("original_max_position_embeddings", ELSEWHERE)},
    {KEY("attention_factor", ELSEWHERE)}, {KEY("mscale", ELSEWHERE)},
    {KEY("mscale_all_dim", ELSEWHERE)},   {KEY("beta_fast", ELSEWHERE)},
    {KEY("beta_slow", ELSEWHERE)},        {KEY("truncate", ELSEWHERE)},
    {KEY("short_factor", ELSEWHERE)},     {KEY("long_factor", ELSEWHERE)}};
static const struct settings sized = {SETTINGS(sized_rows), .base = &plain};

/* Whether one of the types that depend on sizes was read. Phi 3 had other names for LongRoPE. */
static bool read_sized(struct model_config *c, struct fields *f, struct fields *s,
                       const char *type) {
    if (strcmp(type, "longrope") == 0 || field_present(s, "short_factor"))
        rope_read_longrope(c, f, s);
    else if (strcmp(type, "yarn") == 0)
        rope_read_yarn(c, s);
    else if (strcmp(type, "dynamic") == 0)
        rope_read_dynamic(c, s);
    else
        return false;
    return true;
}

void read_rope_scaling(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const cJSON *scaling = cJSON_GetObjectItemCaseSensitive(f->json, row->key);
    if (!cJSON_IsObject(scaling)) /* Transformers 5's name */
        scaling = cJSON_GetObjectItemCaseSensitive(f->json, "rope_parameters");
    const char *theta = row->text ? row->text : "rope_theta";
    const double usual = row->value > 0 ? row->value : 10000;
    c->rope_factor = c->rope_linear = 1;
    if (!cJSON_IsObject(scaling)) {
        c->rope_base = field_real(f, theta, usual, 1, 1e12);
        return;
    }
    struct fields s = *f;
    s.json = scaling;
    c->rope_base = field_real(f, theta, field_real(&s, "rope_theta", usual, 1, 1e12), 1, 1e12);
    char type[32], old_type[32];
    field_text(&s, "type", "default", old_type, sizeof old_type);
    field_text(&s, "rope_type", old_type, type, sizeof type);
    const struct settings *rows = &plain;
    if (strcmp(type, "linear") == 0)
        rows = &linear;
    else if (strcmp(type, "llama3") == 0)
        rows = &llama3;
    else if (read_sized(c, f, &s, type))
        rows = &sized;
    else if (strcmp(type, "default") != 0 && strcmp(type, "mrope") != 0)
        field_fail(&s, ERR_UNSUPPORTED,
                   "rope_scaling of type %s does not run here; linear, dynamic, yarn, longrope and "
                   "llama3 do",
                   type);
    settings_read(c, &s, rows, &n_vocab);
    settings_check_keys(&s, &rows, NULL, 1);
    if (rows == &llama3 && !(c->rope_high_freq_factor > c->rope_low_freq_factor))
        field_fail(&s, ERR_FORMAT, "rope_scaling: high_freq_factor must be above low_freq_factor");
    f->code = s.code;
}

void read_rope_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    char type[32];
    (void)n_vocab;
    c->rope_factor = c->rope_linear = 1;
    field_text(f, row->key, "none", type, sizeof type);
    /* LongRoPE's factors are tensors; the long ones take the place of the short ones. */
    if (field_tensor(f, "rope_factors_long.weight"))
        c->rope_switch = field_int(f, "rope.scaling.original_context_length", c->n_positions, 1,
                                   FIELD_MAX_POSITIONS);
    if (strcmp(type, "yarn") == 0) {
        rope_read_yarn_gguf(c, f);
        return;
    }
    c->rope_magnitude = field_real(f, "rope.scaling.attn_factor", 1, 1e-6, 1e6);
    if (strcmp(type, "longrope") == 0 && field_tensor(f, "rope_factors_short.weight"))
        return;
    if (strcmp(type, "linear") == 0)
        c->rope_linear = field_real(f, "rope.scaling.factor", 1, 1, 1e6);
    else if (strcmp(type, "none") != 0)
        field_fail(f, ERR_UNSUPPORTED,
                   "RoPE scaling of type %s does not run here; linear and yarn do, and longrope "
                   "with its factors",
                   type);
}

void read_head_norms_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)row, (void)n_vocab;
    if (field_tensor(f, "blk.0.attn_q_norm.weight"))
        c->decoder.query_norm = QUERY_NORM_OF_EACH_HEAD;
}

void read_attention_scaled(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    (void)n_vocab;
    ((struct model_config *)to)->attention_scale = field_flag(f, row->key, true) ? 0 : 1;
}

void read_rotated_share(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->n_rotated = (int64_t)((double)c->n_head_width * field_real(f, row->key, row->value, 0, 1));
    if (c->n_rotated < 2)
        field_fail(f, ERR_UNSUPPORTED, "%s leaves nothing that is rotated", row->key);
}

void read_rotated(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    (void)n_vocab;
    if (field_null(f, row->key))
        field_fail(f, ERR_UNSUPPORTED, "%s is null; only a number runs here", row->key);
    ((struct model_config *)to)->n_rotated =
        field_int(f, row->key, (int64_t)row->value, 2, FIELD_MAX_WIDTH);
}

void read_multi_query(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->n_kv_heads = field_flag(f, row->key, row->value != 0) ? 1 : c->n_heads;
}

void read_side_by_side(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->decoder.shared_norm = field_flag(f, row->key, row->value != 0);
    c->decoder.join = c->decoder.shared_norm ? JOIN_SIDE_BY_SIDE : JOIN_IN_TURN;
}

void read_biases(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->attention_bias = c->mlp_bias = field_flag(f, row->key, row->value != 0);
}

void read_same_dropout(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    const double decoders = *(const double *)(const void *)((const char *)to + row->member),
                 rate = field_real(f, row->key, row->value, 0, 1);
    (void)n_vocab;
    if (rate == decoders)
        return;
    char *text = mem_format("%s%s = %g (the decoder's %g is taken)", field_prefix(f), row->key,
                            rate, decoders);
    setting_note(f->notes, text, f->file);
    free(text);
}

void read_eos(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(f->json, row->key);
    if (!cJSON_IsArray(item)) {
        c->eos_token_id = field_token(f, row->key, (int32_t)row->value, n_vocab);
        return;
    }
    /* Llama 3 has several; the list counts in generation. */
    const cJSON *first = cJSON_GetArrayItem(item, 0);
    bool known =
        cJSON_IsNumber(first) && first->valuedouble >= 0 && first->valuedouble < (double)n_vocab;
    c->eos_token_id = known ? (int32_t)first->valuedouble : -1;
}

void read_activation_marian(void *to, struct fields *f, const struct setting *row,
                            int64_t n_vocab) {
    char name[32];
    (void)n_vocab;
    field_text(f, row->key, row->text, name, sizeof name);
    const bool relu = strcmp(name, "relu") == 0;
    ((struct model_config *)to)->activation = relu ? ACTIVATION_RELU : ACTIVATION_SILU;
    if (!relu && strcmp(name, "swish") != 0)
        field_fail(f, ERR_UNSUPPORTED, "%s %s does not run here; relu and swish do", row->key,
                   name);
}

void read_padded_offset(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)f, (void)row, (void)n_vocab;
    c->encoder.position_offset = c->decoder.position_offset = c->pad_token_id + 1;
}

void read_feed_forward(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    static const char gated[] = "gated-";
    struct model_config *c = to;
    char text[64];
    (void)n_vocab;
    field_text(f, row->key, row->text, text, sizeof text);
    const bool has_gate = strncmp(text, gated, strlen(gated)) == 0;
    const char *name = has_gate ? text + strlen(gated) : text;
    c->encoder.gated = c->decoder.gated = has_gate;
    if (has_gate && strcmp(name, "gelu") == 0) /* as T5's authors meant it */
        name = "gelu_new";
    c->activation = c->encoder_sizes.activation = field_activation_called(f, row->key, name);
}

void read_tied_scale(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)f, (void)row, (void)n_vocab;
    c->logit_scale = c->tied_embeddings ? 1 / sqrt((double)c->n_width) : 0;
}

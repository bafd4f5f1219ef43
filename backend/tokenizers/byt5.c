/*
 * ByT5's tokens are bytes: id 3 is byte 0; before them the special tokens, behind them those that
 * mask. No file has its vocabulary: tokenizer_class in tokenizer_config.json names it. Reference:
 * transformers 4.57, models/byt5/tokenization_byt5.py (Xue et al. 2021).
 */
#include "backend/base/text.h"
#include "backend/tokenizers/added_list.h"
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/pipeline.h"
#include "backend/tokenizers/pretrained.h"

#include <stdlib.h>
#include <string.h>

enum { N_SPECIAL = 3, N_EXTRA = 125, EOS_ID = 1 };

/* --- a word of bytes --- */

static void encode_bytes(const struct token_model *m, const char *s, size_t n, word_sink *token,
                         void *user) {
    (void)m;
    for (size_t i = 0; i < n; i++)
        token(user, N_SPECIAL + (unsigned char)s[i], i, i + 1);
}

static void free_model(struct token_model *m) {
    free(m);
}

static const struct token_model_ops bytes_ops = {"bytes", encode_bytes, free_model};

/* The piece of a byte is the character with its number; pieces here cannot be U+0000, whose picture
 * stands for it. */
static void add_byte_piece(struct vocabulary *v, unsigned byte) {
    const char two[] = {(char)(0xC0 | byte >> 6), (char)(0x80 | (byte & 0x3F))};
    const char one = (char)byte;
    if (byte == 0)
        vocabulary_add(v, "\u2400", strlen("\u2400"));
    else if (byte < 0x80)
        vocabulary_add(v, &one, 1);
    else
        vocabulary_add(v, two, 2);
}

static void fill_vocabulary(struct pipeline *p) {
    static const char *const specials[N_SPECIAL] = {"<pad>", "</s>", "<unk>"};
    struct token_model *model = mem_alloc(sizeof *model);
    vocabulary_init(&p->vocabulary, N_SPECIAL + 256);
    for (int i = 0; i < N_SPECIAL; i++)
        vocabulary_add(&p->vocabulary, specials[i], strlen(specials[i]));
    for (unsigned byte = 0; byte < 256; byte++)
        add_byte_piece(&p->vocabulary, byte);
    pipeline_own(p);
    *model = (struct token_model){
        .ops = &bytes_ops, .vocabulary = &p->vocabulary, .own = p->own, .unk_id = -1};
    p->model = model;
}

/* Special tokens take the white space around them with them, as of old. */
static cJSON *special_token(const char *text, bool strips) {
    cJSON *token = added_token_new(0, text, strips, false, true);
    cJSON_ReplaceItemInObjectCaseSensitive(token, "rstrip", cJSON_CreateBool(strips));
    return token;
}

static cJSON *list_tokens(struct token_settings *s) {
    struct added_list list = {0};
    const cJSON *more = tokenizer_json_get(s->config, "additional_special_tokens"), *v;
    const char *const roles[] = {token_settings_text(s, "pad_token", "<pad>"),
                                 token_settings_text(s, "eos_token", "</s>"),
                                 token_settings_text(s, "unk_token", "<unk>")};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (roles[i])
            added_list_take(&list, special_token(roles[i], true), true);
    cJSON_ArrayForEach(v, s->added) added_list_take(&list, cJSON_Duplicate(v, true), false);
    cJSON_ArrayForEach(v, more) if (cJSON_IsString(v))
        added_list_take(&list, special_token(v->valuestring, false), true);
    const int n =
        more && !cJSON_IsNull(more) ? 0 : token_settings_integer(s, "extra_ids", N_EXTRA, 10000);
    for (int i = 0; i < n; i++) {
        char *text = mem_format("<extra_id_%d>", i);
        added_list_take(&list, special_token(text, false), true);
        free(text);
    }
    return added_list_json(&list);
}

static enum err_code add_tokens(struct pipeline *p, struct token_settings *s, struct err *e) {
    cJSON *list = list_tokens(s);
    const cJSON *v;
    enum err_code code = ERR_OK;
    cJSON_ArrayForEach(v, list) if (!code) code = pretrained_add_token(p, v, s->path, e);
    cJSON_Delete(list);
    return code;
}

static enum err_code open_byt5(struct tokenizer **out, const struct model_files *f,
                               const struct weights *w, struct model_config *config,
                               struct err *e) {
    struct pipeline *p = pipeline_new(&tokenizer_byt5);
    struct token_settings s;
    (void)w;
    enum err_code code = token_settings_read(&s, f, e);
    if (code)
        goto out;
    fill_vocabulary(p);
    code = add_tokens(p, &s, e);
    if (code)
        goto out;
    code = pipeline_finish(p, f->folder, e);
    if (code)
        goto out;
    config->pad_token_id = 0;
    config->unk_token_id = 2;
    config->eos_token_id = config->eos_token_id < 0 ? EOS_ID : config->eos_token_id;
    code = token_settings_check(&s, e);
out:
    token_settings_dispose(&s);
    return pipeline_hand_out(out, p, code);
}

/* --- text to ids and back --- */

struct watch {
    token_sink *token;
    void *user;
    int32_t last;
};

static void pass(void *user, const struct found_token *token) {
    struct watch *x = user;
    x->last = token->id;
    x->token(x->user, token);
}

/* A text that ends with EOS gets no second one. */
static enum err_code encode(const struct tokenizer *t, enum text_side side, const char *text,
                            size_t n, bool add_special, token_sink *token, void *user,
                            struct err *e) {
    struct watch x = {token, user, -1};
    enum err_code code = pipeline_encode(t, side, text, n, false, pass, &x, e);
    if (!code && add_special && x.last != EOS_ID)
        token(user, &(struct found_token){.id = EOS_ID});
    return code;
}

static void bytes_of(const struct tokenizer *t, int32_t id, struct text_buffer *out) {
    size_t n;
    if (id >= N_SPECIAL && id < N_SPECIAL + 256) {
        text_buffer_add(out, (char[]){(char)(id - N_SPECIAL)}, 1);
        return;
    }
    const char *piece = vocabulary_piece(t->vocabulary, id, &n);
    text_buffer_add(out, piece, n);
}

/* What is no UTF-8 is left out, as there. */
static char *without_broken(const char *bytes, size_t n) {
    struct text_buffer out = {0};
    size_t at;
    while (n && !text_valid_utf8(bytes, n, &at)) {
        text_buffer_add(&out, bytes, at);
        bytes += at + 1;
        n -= at + 1;
    }
    text_buffer_add(&out, bytes, n);
    return text_buffer_take(&out);
}

static enum err_code decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                            size_t n, bool skip_special, char **text, struct err *e) {
    struct text_buffer bytes = {0};
    (void)side, (void)e;
    for (size_t i = 0; i < n; i++)
        if (!skip_special || !pipeline_special(t, ids[i]))
            bytes_of(t, ids[i], &bytes);
    *text = without_broken(bytes.text ? bytes.text : "", bytes.n);
    text_buffer_dispose(&bytes);
    return ERR_OK;
}

static bool there(const struct model_files *f, const struct weights *w, const char *class) {
    (void)f, (void)w;
    return strcmp(class, "ByT5Tokenizer") == 0;
}

const struct tokenizer_ops tokenizer_byt5 = {.files = "ByT5Tokenizer in tokenizer_config.json",
                                             .takes_kwargs = true,
                                             .there = there,
                                             .open = open_byt5,
                                             .free = pipeline_free,
                                             .encode = encode,
                                             .token = bytes_of,
                                             .special = pipeline_special,
                                             .decode = decode};

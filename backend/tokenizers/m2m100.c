/*
 * M2M-100's tokenizer: a sentencepiece model cuts a text, vocab.json numbers the pieces, languages
 * have the ids behind them. Reference: transformers 4.57, models/m2m_100/tokenization_m2m_100.py
 * (Fan et al. 2021).
 */
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/tokenizers/character_map.h"
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/frame.h"
#include "backend/tokenizers/sentencepiece.h"
#include "backend/tokenizers/slow_class.h"
#include "backend/tokenizers/words.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FILE (64u << 20)

/* --- a word, which sentencepiece cuts --- */

struct piece_model {
    struct token_model base;
    const struct sentencepiece_api *library;
    struct sentencepiece_model *model;
};

struct cutting {
    const struct piece_model *m;
    const char *text;
    size_t n, at;
    word_sink *token;
    void *user;
};

/* Where a piece stands: normalisation may have changed it, then it is told as near as can be. */
static void place(struct cutting *x, const char *piece, size_t n, size_t *from, size_t *to) {
    const size_t mark = strlen(SPACE_PIECE);
    const bool space = n >= mark && memcmp(piece, SPACE_PIECE, mark) == 0;
    const size_t begin = x->at;
    if (space) {
        piece += mark;
        n -= mark;
        while (x->at < x->n && x->text[x->at] == ' ')
            x->at++;
    }
    if (n <= x->n - x->at && memcmp(x->text + x->at, piece, n) == 0)
        x->at += n;
    else if (x->at < x->n)
        x->at += text_character_bytes((unsigned char)x->text[x->at]);
    x->at = x->at < x->n ? x->at : x->n;
    *from = begin < x->n ? begin : x->n - 1;
    *to = x->at > *from ? x->at : *from + 1;
}

static void take_piece(void *user, const char *piece, size_t n, int32_t unused) {
    struct cutting *x = user;
    const int32_t id = token_model_find(&x->m->base, piece, n);
    size_t from, to;
    (void)unused;
    place(x, piece, n, &from, &to);
    x->token(x->user, id >= 0 ? id : x->m->base.unk_id, from, to);
}

static void encode_word(const struct token_model *base, const char *s, size_t n, word_sink *token,
                        void *user) {
    const struct piece_model *m = (const struct piece_model *)base;
    struct cutting x = {m, s, n, 0, token, user};
    struct err e;
    if (m->library->encode(m->model, s, n, take_piece, &x, &e))
        token(user, -1, 0, n); /* only memory can be out; told as text that nothing stands for */
}

static void free_model(struct token_model *base) {
    struct piece_model *m = (struct piece_model *)base;
    if (m->model)
        m->library->free(m->model);
    free(m);
}

static const struct token_model_ops piece_ops = {"sentencepiece", encode_word, free_model};

static enum err_code open_model(struct pipeline *p, const char *path, struct err *e) {
    struct piece_model *m = mem_alloc(sizeof *m);
    char *data = NULL;
    size_t n;
    m->base = (struct token_model){
        .ops = &piece_ops, .vocabulary = &p->vocabulary, .own = p->own, .unk_id = -1};
    p->model = &m->base;
    m->library = sentencepiece_load(e);
    if (!m->library)
        return e->code;
    enum err_code code = file_read(&data, &n, path, MAX_FILE, e);
    if (code)
        return code;
    code = character_map_check((const unsigned char *)data, n, path, e);
    if (code)
        goto out;
    code = m->library->open(&m->model, data, n, path, e);
out:
    free(data);
    return code;
}

/* --- pieces and languages --- */

static void append_languages(struct vocabulary *v, const struct tokenizer_class *class,
                             struct token_settings *s) {
    const char *rest = languages_of(class, s), *word;
    size_t n;
    while ((word = next_word(&rest, &n))) {
        char *piece = mem_format("__%.*s__", (int)n, word);
        vocabulary_append(v, piece, strlen(piece));
        free(piece);
    }
}

static enum err_code read_all(struct pipeline *p, const struct model_files *f,
                              const struct tokenizer_class *class, struct token_settings *s,
                              struct model_config *config, struct err *e) {
    enum err_code code = vocabulary_read_file(&p->vocabulary, f->vocab_json, e);
    if (code)
        return code;
    append_languages(&p->vocabulary, class, s);
    pipeline_own(p);
    code = open_model(p, f->sentencepiece, e);
    if (code)
        return code;
    code = slow_class_add_tokens(p, class, s, e);
    if (code)
        return code;
    special_correct_ids(class, s, &p->vocabulary, config);
    p->model->unk_id = config->unk_token_id;
    return ERR_OK;
}

static enum err_code open_m2m100(struct tokenizer **out, const struct model_files *f,
                                 const struct weights *w, struct model_config *config,
                                 struct err *e) {
    (void)w;
    return slow_class_open(out, &tokenizer_m2m100, FROM_BOTH, read_all, f, config, e);
}

/* --- ids to text --- */

static void bytes_of(const struct tokenizer *t, int32_t id, struct text_buffer *out) {
    size_t n;
    const size_t mark = strlen(SPACE_PIECE);
    const char *piece = vocabulary_piece(t->vocabulary, id, &n);
    if (added_tokens_kind(&((const struct pipeline *)t)->added, id)) {
        text_buffer_add(out, piece, n);
        return;
    }
    for (size_t i = 0; i < n;) {
        const bool space = i + mark <= n && memcmp(piece + i, SPACE_PIECE, mark) == 0;
        text_buffer_add(out, space ? " " : piece + i, 1);
        i += space ? mark : 1;
    }
}

/* Appends the text of the pieces that wait; they are none afterwards. */
static enum err_code flush(const struct piece_model *m, const char *const *pieces, size_t *n,
                           struct text_buffer *out, struct err *e) {
    char *text = NULL;
    enum err_code code = *n ? m->library->decode(m->model, pieces, *n, &text, e) : ERR_OK;
    text_buffer_puts(out, text ? text : "");
    free(text);
    *n = 0;
    return code;
}

static char *stripped(struct text_buffer *b) {
    char *all = text_buffer_take(b);
    size_t n = strlen(all), begin = strspn(all, " \t\n\r");
    while (n > begin && strchr(" \t\n\r", all[n - 1]))
        n--;
    char *text = mem_text_n(all + begin, n - begin);
    free(all);
    return text;
}

static enum err_code decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                            size_t n, bool skip_special, char **text, struct err *e) {
    const struct pipeline *p = (const struct pipeline *)t;
    const struct piece_model *m = (const struct piece_model *)p->model;
    const char **pieces = mem_alloc((n + 1) * sizeof *pieces);
    struct text_buffer out = {0};
    size_t waiting = 0;
    enum err_code code = ERR_OK;
    (void)side;
    for (size_t i = 0; i < n && !code; i++) {
        const char *piece = vocabulary_piece(t->vocabulary, ids[i], NULL);
        if (!pipeline_special(t, ids[i])) {
            pieces[waiting++] = piece;
            continue;
        }
        if (skip_special)
            continue;
        code = flush(m, pieces, &waiting, &out, e);
        text_buffer_puts(&out, piece);
    }
    if (!code)
        code = flush(m, pieces, &waiting, &out, e);
    *text = stripped(&out);
    if (code)
        mem_replace(text, NULL);
    free(pieces);
    return code;
}

static bool there(const struct model_files *f, const struct weights *w, const char *class) {
    (void)w, (void)class;
    return path_given(f->sentencepiece) && path_given(f->vocab_json) && !path_given(f->merges);
}

const struct tokenizer_ops tokenizer_m2m100 = {.files = "sentencepiece.bpe.model with vocab.json",
                                               .takes_kwargs = true,
                                               .there = there,
                                               .open = open_m2m100,
                                               .free = pipeline_free,
                                               .encode = pipeline_encode,
                                               .token = bytes_of,
                                               .special = pipeline_special,
                                               .speak = frame_speak,
                                               .decode = decode};

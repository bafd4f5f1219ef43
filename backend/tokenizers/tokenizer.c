#include "backend/tokenizer.h"

#include "backend/base/text.h"
#include "backend/tokenizers/byte_level.h"
#include "backend/tokenizers/tokenizer_impl.h"

#include <stdlib.h>
#include <string.h>

struct tokenizer {
    bool marian;
    struct bpe bpe;
    struct marian_tokenizer pieces;
};

enum err_code tokenizer_open(struct tokenizer **out, const struct model_files *f,
                             const struct weights *w, struct model_config *config, struct err *e) {
    struct tokenizer *t = mem_alloc(sizeof *t);
    enum err_code code;
    t->marian = config->architecture == ARCHITECTURE_MARIAN_MT ||
                config->architecture == ARCHITECTURE_MARIAN_STUDENT;
    if (t->marian)
        code = marian_tokenizer_open(&t->pieces, f, config, e);
    else if (f->layout == LAYOUT_GGUF)
        code = bpe_open_gguf(&t->bpe, w, config, e);
    else if (f->tokenizer_json && *f->tokenizer_json)
        code = bpe_open_json(&t->bpe, f, config, e);
    else if (f->vocab_json && *f->vocab_json && f->merges && *f->merges)
        code = bpe_open_merges(&t->bpe, f, config, e);
    else
        code = err_set(e, ERR_IO,
                       "%s has no tokenizer: neither tokenizer.json nor vocab.json with merges.txt",
                       f->folder);
    *out = code == ERR_OK ? t : NULL;
    if (code != ERR_OK)
        free(t);
    return code;
}

void tokenizer_free(struct tokenizer *t) {
    if (!t)
        return;
    if (t->marian)
        marian_tokenizer_dispose(&t->pieces);
    else
        bpe_dispose(&t->bpe);
    free(t);
}

static const struct vocabulary *vocabulary_of(const struct tokenizer *t) {
    return t->marian ? &t->pieces.vocabulary : &t->bpe.vocabulary;
}

static const struct added_token *added_of(const struct tokenizer *t, int32_t id) {
    return !t->marian && t->bpe.added_of[id] >= 0 ? &t->bpe.added[t->bpe.added_of[id]] : NULL;
}

int64_t tokenizer_vocab_size(const struct tokenizer *t) {
    return vocabulary_of(t)->n;
}

bool tokenizer_is_special(const struct tokenizer *t, int32_t id) {
    if (id < 0 || id >= vocabulary_of(t)->n)
        return false;
    const struct added_token *a = added_of(t, id);
    return t->marian ? t->pieces.special[id] : a && a->special;
}

int32_t tokenizer_piece_id(const struct tokenizer *t, const char *piece) {
    return vocabulary_find(vocabulary_of(t), piece, strlen(piece));
}

/* The bytes that a token adds to a text. Specials have their own name as text in byte-level BPE,
 * none in Marian's. */
static void bytes_of(const struct tokenizer *t, int32_t id, struct text_buffer *out) {
    size_t n;
    const char *piece = vocabulary_piece(vocabulary_of(t), id, &n);
    if (t->marian) {
        marian_tokenizer_bytes(&t->pieces, id, out);
    } else if (added_of(t, id)) {
        text_buffer_add(out, piece, n);
    } else {
        char *bytes = mem_alloc(n + 1);
        bool whole = true;
        text_buffer_add(out, bytes, byte_level_bytes(piece, n, bytes, &whole));
        free(bytes);
    }
}

enum err_code tokenizer_token(const struct tokenizer *t, enum text_side side, int32_t id,
                              struct token_list *out, struct err *e) {
    (void)side; /* both sides share one numbering */
    if (id < 0 || id >= vocabulary_of(t)->n)
        return err_set(e, ERR_FORMAT, "token id %d is outside the vocabulary of %d", id,
                       vocabulary_of(t)->n);
    struct text_buffer bytes = {0};
    bytes_of(t, id, &bytes);
    token_list_add(out, id, tokenizer_is_special(t, id),
                   vocabulary_piece(vocabulary_of(t), id, NULL), bytes.text ? bytes.text : "",
                   bytes.n);
    text_buffer_dispose(&bytes);
    return ERR_OK;
}

struct gather {
    const struct tokenizer *t;
    enum text_side side;
    struct token_list *out;
    struct err *e;
    enum err_code code;
};

static void gather(void *user, int32_t id) {
    struct gather *g = user;
    if (g->code == ERR_OK)
        g->code = tokenizer_token(g->t, g->side, id, g->out, g->e);
}

enum err_code tokenizer_encode(const struct tokenizer *t, enum text_side side, const char *text,
                               size_t n_text, bool add_special, struct token_list *out,
                               struct err *e) {
    size_t at;
    if (!text_valid_utf8(text, n_text, &at))
        return err_set(e, ERR_FORMAT, "the text is not valid UTF-8: byte %zu is 0x%02X", at,
                       (unsigned)(unsigned char)text[at]);
    struct gather g = {t, side, out, e, ERR_OK};
    enum err_code code = t->marian ? marian_tokenizer_encode(&t->pieces, side, text, n_text,
                                                             add_special, gather, &g, e)
                                   : bpe_encode(&t->bpe, text, n_text, add_special, gather, &g, e);
    return code == ERR_OK ? g.code : code;
}

/* Copies bytes as UTF-8; each broken sequence becomes one U+FFFD, as in Rust's and Python's lossy
 * decoding. */
static char *lossy_utf8(const char *s, size_t n) {
    struct text_buffer out = {0};
    while (n) {
        size_t good;
        if (text_valid_utf8(s, n, &good))
            good = n;
        text_buffer_add(&out, s, good);
        s += good;
        n -= good;
        if (!n)
            break;
        text_buffer_puts(&out, "\xEF\xBF\xBD");
        /* The longest beginning of a character that stands here counts as one. */
        unsigned char c = (unsigned char)*s;
        size_t want = c >= 0xF0 && c <= 0xF4  ? 4
                      : c >= 0xE0 && c < 0xF0 ? 3
                      : c >= 0xC2 && c < 0xE0 ? 2
                                              : 1,
               k = 1;
        while (k < want && k < n) {
            unsigned char next = (unsigned char)s[k], low = 0x80, high = 0xBF;
            if (k == 1) {
                low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
                high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
            }
            if (next < low || next > high)
                break;
            k++;
        }
        s += k;
        n -= k;
    }
    return text_buffer_take(&out);
}

enum err_code tokenizer_decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                               size_t n, bool skip_special, char **text, struct err *e) {
    *text = NULL;
    for (size_t i = 0; i < n; i++)
        if (ids[i] < 0 || ids[i] >= vocabulary_of(t)->n)
            return err_set(e, ERR_FORMAT, "token id %d is outside the vocabulary of %d", ids[i],
                           vocabulary_of(t)->n);
    if (t->marian)
        return marian_tokenizer_decode(&t->pieces, side, ids, n, skip_special, text, e);
    struct text_buffer bytes = {0};
    for (size_t i = 0; i < n; i++)
        if (!skip_special || !tokenizer_is_special(t, ids[i]))
            bytes_of(t, ids[i], &bytes);
    *text = lossy_utf8(bytes.text ? bytes.text : "", bytes.n);
    text_buffer_dispose(&bytes);
    return ERR_OK;
}

#include "backend/tokenizers/sentencepiece_encoder.h"

#include "backend/tokenizers/aligned.h"
#include "backend/tokenizers/character_map.h"
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/sentencepiece_file.h"
#include "backend/tokenizers/unigram.h"

#include <stdlib.h>
#include <string.h>

#define MARK "\xE2\x96\x81" /* U+2581 */

struct sentencepiece_encoder {
    struct sentencepiece_file file;
    unsigned char *bytes, *usable; /* [pieces.n] by the pieces' types */
    struct unigram *model;
};

static bool is_known(const struct sentencepiece_file *f) {
    if (f->algorithm != SENTENCEPIECE_UNIGRAM || f->spaces_end_word)
        return false;
    for (int32_t i = 0; i < f->pieces.n; i++)
        if (f->types[i] == PIECE_USER_DEFINED)
            return false;
    return true;
}

/* The piece of that type; −1: none. */
static int32_t find_unknown(const struct sentencepiece_file *f) {
    for (int32_t i = 0; i < f->pieces.n; i++)
        if (f->types[i] == PIECE_UNKNOWN)
            return i;
    return -1;
}

static void make_model(struct sentencepiece_encoder *x) {
    const struct sentencepiece_file *f = &x->file;
    const size_t n = (size_t)f->pieces.n;
    double *scores = mem_alloc((n + 1) * sizeof *scores);
    x->bytes = mem_alloc(n);
    x->usable = mem_alloc(n);
    for (size_t i = 0; i < n; i++) {
        scores[i] = f->scores[i];
        x->bytes[i] = f->types[i] == PIECE_BYTE;
        x->usable[i] = f->types[i] == PIECE_NORMAL;
    }
    x->model = unigram_new(&f->pieces, x->bytes, scores, f->pieces.n, x->usable);
    x->model->base.unk_id = find_unknown(f);
    x->model->byte_fallback = f->byte_fallback;
    x->model->as_sentencepiece = true;
    free(scores);
}

enum err_code sentencepiece_encoder_open(struct sentencepiece_encoder **out, const char *path,
                                         struct err *e) {
    struct sentencepiece_encoder *x = mem_alloc(sizeof *x);
    *out = NULL;
    enum err_code code = sentencepiece_file_read(&x->file, path, e);
    if (code || !is_known(&x->file) || find_unknown(&x->file) < 0) {
        sentencepiece_encoder_free(x);
        return code;
    }
    make_model(x);
    *out = x;
    return ERR_OK;
}

void sentencepiece_encoder_free(struct sentencepiece_encoder *x) {
    if (!x)
        return;
    if (x->model)
        x->model->base.ops->free(&x->model->base);
    sentencepiece_file_dispose(&x->file);
    free(x->bytes);
    free(x->usable);
    free(x);
}

/* --- normalising --- */

struct normalizing {
    const struct sentencepiece_file *f;
    const char *text;
    size_t n, at;
    struct aligned out;
    bool after_space; /* spaces are dropped here */
};

/* What stands for the next characters of the text, whose bytes are *length. */
static const char *next_part(const struct normalizing *z, size_t *length, size_t *n) {
    const struct protobuf *map = &z->f->character_map;
    const char *s = z->text + z->at, *found = NULL;
    if (map->n)
        found = character_map_find(map->data, s, z->n - z->at, true, length);
    if (!found)
        *length = character_length(s, z->n - z->at);
    *n = found ? strlen(found) : *length;
    return found ? found : s;
}

static void put_space(struct normalizing *z, struct origin origin) {
    const char *mark = z->f->marks_spaces ? MARK : " ";
    aligned_add(&z->out, mark, strlen(mark), origin);
}

static void put_part(struct normalizing *z) {
    size_t length, n, i = 0;
    const char *part = next_part(z, &length, &n);
    const struct origin origin = {(uint32_t)z->at, (uint32_t)(z->at + length)};
    while (z->after_space && i < n && part[i] == ' ')
        i++;
    for (size_t k = i; k < n; k++)
        if (part[k] == ' ')
            put_space(z, origin);
        else
            aligned_add(&z->out, part + k, 1, origin);
    if (i < n)
        z->after_space = z->f->joins_spaces && part[n - 1] == ' ';
    z->at += length;
}

static void skip_spaces(struct normalizing *z) {
    size_t length, n;
    for (; z->at < z->n; z->at += length) {
        const char *part = next_part(z, &length, &n);
        if (n != 1 || *part != ' ')
            break;
    }
}

static void drop_last_spaces(struct normalizing *z) {
    const char *mark = z->f->marks_spaces ? MARK : " ";
    const size_t n = strlen(mark);
    while (z->out.n >= n && memcmp(z->out.text + z->out.n - n, mark, n) == 0)
        z->out.n -= n;
}

static void normalize(struct normalizing *z) {
    if (z->f->joins_spaces)
        skip_spaces(z);
    if (z->at == z->n)
        return;
    if (z->f->adds_space)
        put_space(z, (struct origin){(uint32_t)z->at, (uint32_t)z->at});
    z->after_space = z->f->joins_spaces;
    while (z->at < z->n)
        put_part(z);
    if (z->f->joins_spaces)
        drop_last_spaces(z);
}

/* --- pieces --- */

struct giving {
    const struct sentencepiece_encoder *x;
    const struct aligned *text;
    sentencepiece_sink *piece;
    void *user;
};

/* A byte's token is its name; all others are the text. */
static void give(void *user, int32_t id, size_t from, size_t to) {
    const struct giving *g = user;
    const struct origin *origins = g->text->origins;
    const char *piece = g->text->text + from;
    size_t n = to - from;
    if (g->x->bytes[id])
        piece = vocabulary_piece(&g->x->file.pieces, id, &n);
    g->piece(g->user, piece, n, id, origins[from].from, origins[to - 1].to);
}

void sentencepiece_encode(const struct sentencepiece_encoder *x, const char *text, size_t n,
                          sentencepiece_sink *piece, void *user) {
    const struct token_model *model = &x->model->base;
    struct normalizing z = {.f = &x->file, .text = text, .n = n};
    normalize(&z);
    struct giving g = {x, &z.out, piece, user};
    if (z.out.n)
        model->ops->encode(model, z.out.text, z.out.n, give, &g);
    aligned_dispose(&z.out);
}

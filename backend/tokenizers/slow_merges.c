#include "backend/tokenizers/slow_merges.h"

#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/tokenizers/bpe.h"
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/moses.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MERGES (256u << 20)

struct slow_merges {
    struct token_model base;
    struct vocabulary symbols; /* pieces of the vocabulary, and what merges make beside them */
    unsigned char *own;        /* [symbols.n] */
    struct slow_style style;
    struct bpe *bpe; /* over the symbols */
    int32_t *ids;    /* [symbols.n] of the vocabulary */
};

static void free_model(struct token_model *base) {
    struct slow_merges *m = (struct slow_merges *)base;
    if (m->bpe)
        m->bpe->base.ops->free(&m->bpe->base);
    vocabulary_dispose(&m->symbols);
    free(m->own);
    free(m->ids);
    free(m);
}

struct numbering {
    const struct slow_merges *m;
    word_sink *token;
    void *user;
};

static void give(void *user, int32_t symbol, size_t from, size_t to) {
    const struct numbering *x = user;
    x->token(x->user, symbol < 0 ? x->m->base.unk_id : x->m->ids[symbol], from, to);
}

static void encode(const struct token_model *base, const char *s, size_t n, word_sink *token,
                   void *user) {
    const struct slow_merges *m = (const struct slow_merges *)base;
    struct numbering x = {m, token, user};
    m->bpe->base.ops->encode(&m->bpe->base, s, n, give, &x);
}

static const struct token_model_ops ops = {"merges of a slow class", encode, free_model};

/* --- merges.txt --- */

struct pair {
    const char *left, *right;
    size_t n_left, n_right;
};

static size_t run(const char *s, size_t n, bool white) {
    size_t at = 0, length;
    while (at < n && moses_is_white(character_at(s + at, n - at, &length)) == white)
        at += length;
    return at;
}

static const char *next_part(const char **s, size_t *n, size_t *n_part) {
    const size_t white = run(*s, *n, true);
    const char *part = *s + white;
    *n_part = run(part, *n - white, false);
    *s = part + *n_part;
    *n -= white + *n_part;
    return part;
}

/* The first two words of a line; false: it is none of a merge. */
static bool read_pair(struct pair *p, const char *line, size_t n, const struct slow_style *style) {
    size_t n_more;
    p->left = next_part(&line, &n, &p->n_left);
    p->right = next_part(&line, &n, &p->n_right);
    (void)next_part(&line, &n, &n_more);
    return p->n_right > 0 && (!style->versioned || n_more == 0);
}

static void add_symbol(struct slow_merges *m, const char *s, size_t n) {
    if (vocabulary_find(&m->symbols, s, n) < 0)
        vocabulary_append(&m->symbols, s, n);
}

static void add_symbols(struct slow_merges *m, const struct pair *p) {
    char *joined = mem_format("%.*s%.*s", (int)p->n_left, p->left, (int)p->n_right, p->right);
    add_symbol(m, p->left, p->n_left);
    add_symbol(m, p->right, p->n_right);
    add_symbol(m, joined, p->n_left + p->n_right);
    free(joined);
}

/* Calls `use` for every line that a line break ends, with its number; a line is a rank. */
static enum err_code each_pair(struct slow_merges *m, const char *text, size_t n, size_t *count,
                               enum err_code (*use)(struct slow_merges *m, const struct pair *p,
                                                    size_t rank, struct err *e),
                               struct err *e) {
    const char *end;
    enum err_code code = ERR_OK;
    *count = 0;
    for (; !code && (end = memchr(text, '\n', n)); ++*count) {
        const size_t length = (size_t)(end - text);
        struct pair p;
        const bool version = *count == 0 && m->style.versioned;
        if (!version && read_pair(&p, text, length, &m->style))
            code = use(m, &p, *count, e);
        text = end + 1;
        n -= length + 1;
    }
    return code;
}

static enum err_code take_symbols(struct slow_merges *m, const struct pair *p, size_t rank,
                                  struct err *e) {
    (void)rank, (void)e;
    add_symbols(m, p);
    return ERR_OK;
}

static enum err_code take_merge(struct slow_merges *m, const struct pair *p, size_t rank,
                                struct err *e) {
    return bpe_add_merge(m->bpe, (int32_t)rank, p->left, p->n_left, p->right, p->n_right, e);
}

static bool ends_with(const char *s, size_t n, const char *end) {
    const size_t n_end = strlen(end);
    return n >= n_end && memcmp(s + n - n_end, end, n_end) == 0;
}

/* The symbol that a piece is in merges.txt, owned by the caller. */
static char *symbol_of(const struct slow_style *style, const char *piece, size_t n) {
    if (!style->joint)
        return mem_text_n(piece, n);
    if (ends_with(piece, n, style->joint))
        return mem_text_n(piece, n - strlen(style->joint));
    return mem_format("%.*s" WORD_END, (int)n, piece);
}

/* And back. */
static char *piece_of(const struct slow_style *style, const char *symbol, size_t n) {
    if (!style->joint)
        return mem_text_n(symbol, n);
    if (ends_with(symbol, n, WORD_END))
        return mem_text_n(symbol, n - strlen(WORD_END));
    return mem_format("%.*s%s", (int)n, symbol, style->joint);
}

static void copy_pieces(struct slow_merges *m, const struct vocabulary *v) {
    vocabulary_init(&m->symbols, v->n);
    vocabulary_index(&m->symbols);
    for (int32_t id = 0; id < v->n; id++) {
        size_t n;
        const char *piece = vocabulary_piece(v, id, &n);
        char *symbol = symbol_of(&m->style, piece, n);
        add_symbol(m, symbol, strlen(symbol));
        free(symbol);
    }
}

static enum err_code read_merges(struct slow_merges *m, const char *text, size_t n, struct err *e) {
    size_t count;
    enum err_code code = each_pair(m, text, n, &count, take_symbols, e);
    if (code)
        return code;
    m->own = mem_alloc((size_t)m->symbols.n + 1);
    memset(m->own, 1, (size_t)m->symbols.n);
    m->bpe = bpe_new(&m->symbols, m->own);
    m->bpe->in_rounds = true;
    mem_replace(&m->bpe->suffix, mem_text(WORD_END));
    bpe_start_merges(m->bpe, count);
    code = each_pair(m, text, n, &count, take_merge, e);
    bpe_finish(m->bpe);
    return code;
}

/* As Python reads text: a carriage return ends a line too. */
static void mend_lines(char *text, size_t *n) {
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (text[i] == '\r' && i + 1 < *n && text[i + 1] == '\n')
            continue;
        text[kept++] = text[i];
        if (text[i] == '\r')
            text[kept - 1] = '\n';
    }
    *n = kept;
}

enum err_code slow_merges_open(struct token_model **out, const struct vocabulary *vocabulary,
                               const unsigned char *own, const char *path,
                               const struct slow_style *style, struct err *e) {
    struct slow_merges *m = mem_alloc(sizeof *m);
    char *text = NULL;
    size_t n;
    m->base = (struct token_model){.ops = &ops, .vocabulary = vocabulary, .own = own, .unk_id = -1};
    m->style = *style;
    copy_pieces(m, vocabulary);
    enum err_code code = file_read(&text, &n, path, MAX_MERGES, e);
    if (code)
        goto out;
    if (!text_valid_utf8(text, n, NULL) || memchr(text, '\0', n))
        code = err_set(e, ERR_FORMAT, "%s is not a text of merges", path);
    if (code)
        goto out;
    mend_lines(text, &n);
    code = read_merges(m, text, n, e);
out:
    free(text);
    if (code)
        free_model(&m->base);
    *out = code ? NULL : &m->base;
    return code;
}

void slow_merges_finish(struct token_model *base, int32_t unk_id) {
    struct slow_merges *m = (struct slow_merges *)base;
    base->unk_id = unk_id;
    m->ids = mem_alloc((size_t)m->symbols.n * sizeof *m->ids);
    for (int32_t i = 0; i < m->symbols.n; i++) {
        size_t n;
        const char *symbol = vocabulary_piece(&m->symbols, i, &n);
        char *piece = piece_of(&m->style, symbol, n);
        const int32_t id = *piece ? vocabulary_find(base->vocabulary, piece, strlen(piece)) : -1;
        m->ids[i] = id < 0 ? unk_id : id;
        free(piece);
    }
}

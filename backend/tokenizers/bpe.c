#include "backend/tokenizers/bpe.h"

#include "backend/base/text.h"
#include "backend/tokenizers/byte_level.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct bpe *bpe_new(const struct tokenizer_ops *kind) {
    struct bpe *b = mem_alloc(sizeof *b);
    b->base = (struct tokenizer){kind, &b->vocabulary};
    b->pre = pre_tokenizer_new();
    b->unk_id = -1;
    return b;
}

void bpe_free(struct tokenizer *t) {
    struct bpe *b = (struct bpe *)t;
    vocabulary_dispose(&b->vocabulary);
    free(b->merges);
    pre_tokenizer_free(b->pre);
    for (size_t i = 0; i < b->n_added; i++)
        free(b->added[i].text);
    free(b->added);
    free(b->added_of);
    free(b);
}

enum err_code bpe_hand_out(struct tokenizer **out, struct bpe *b, enum err_code code) {
    if (code)
        bpe_free(&b->base);
    *out = code ? NULL : &b->base;
    return code;
}

void bpe_add_token(struct bpe *b, int32_t id, bool special, const char *text, size_t n) {
    if (n == 0)
        return;
    if ((b->n_added & (b->n_added - 1)) == 0)
        b->added = mem_resize(b->added, (b->n_added ? 2 * b->n_added : 1) * sizeof *b->added);
    b->added[b->n_added++] =
        (struct added_token){.id = id, .special = special, .text = mem_text_n(text, n), .n = n};
    b->starts[(unsigned char)text[0]] = 1;
}

/* --- merges ------------------------------------------------------------------------------ */

static size_t pair_hash(int32_t left, int32_t right) {
    uint64_t h = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ (h >> 32));
}

static struct merge_slot *slot_of(const struct bpe *b, int32_t left, int32_t right) {
    size_t i = pair_hash(left, right) & (b->n_merges - 1);
    while (b->merges[i].left >= 0 && (b->merges[i].left != left || b->merges[i].right != right))
        i = (i + 1) & (b->n_merges - 1);
    return &b->merges[i];
}

void bpe_start_merges(struct bpe *b, size_t n) {
    b->n_merges = 16;
    while (b->n_merges < 2 * n)
        b->n_merges *= 2;
    b->merges = mem_alloc(b->n_merges * sizeof *b->merges);
    memset(b->merges, 0xFF, b->n_merges * sizeof *b->merges);
}

enum err_code bpe_add_merge(struct bpe *b, int32_t rank, const char *left, size_t n_left,
                            const char *right, size_t n_right, struct err *e) {
    char joined[512];
    if (n_left + n_right > sizeof joined)
        return err_set(e, ERR_FORMAT, "merge %d of the tokenizer is longer than %zu bytes", rank,
                       sizeof joined);
    memcpy(joined, left, n_left);
    memcpy(joined + n_left, right, n_right);
    int32_t l = vocabulary_find(&b->vocabulary, left, n_left),
            r = vocabulary_find(&b->vocabulary, right, n_right);
    int32_t id = vocabulary_find(&b->vocabulary, joined, n_left + n_right);
    if (l < 0 || r < 0 || id < 0)
        return err_set(e, ERR_FORMAT,
                       "merge %d of the tokenizer joins pieces that are not in its vocabulary",
                       rank);
    struct merge_slot *slot = slot_of(b, l, r);
    if (slot->left < 0)
        *slot = (struct merge_slot){l, r, rank, id};
    return ERR_OK;
}

void bpe_finish(struct bpe *b) {
    b->added_of = mem_alloc((size_t)b->vocabulary.n * sizeof *b->added_of);
    memset(b->added_of, 0xFF, (size_t)b->vocabulary.n * sizeof *b->added_of);
    for (size_t i = 0; i < b->n_added; i++)
        if (b->added[i].id >= 0 && b->added[i].id < b->vocabulary.n)
            b->added_of[b->added[i].id] = (int32_t)i;
    for (int byte = 0; byte < 256; byte++) {
        char text[3];
        size_t n = byte_level_character((unsigned char)byte, text);
        b->byte_ids[byte] = vocabulary_find(&b->vocabulary, text, n);
    }
}

/* --- one word ---------------------------------------------------------------------------- */

/* A word's symbols as a doubly linked list in an array, and a heap of the pairs that can merge,
 * best rank (then leftmost) first. Entries of the heap whose pair has changed meanwhile are
 * skipped. */
struct symbol {
    int32_t id;
    int32_t before, after;
};
struct pair {
    int32_t rank, at, left, right, id;
};

struct word {
    struct symbol *symbols;
    struct pair *heap;
    size_t n_heap;
};

static bool before(const struct pair *a, const struct pair *b) {
    return a->rank != b->rank ? a->rank < b->rank : a->at < b->at;
}

static void push(struct word *w, struct pair p) {
    size_t i = w->n_heap++;
    while (i > 0 && before(&p, &w->heap[(i - 1) / 2])) {
        w->heap[i] = w->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    w->heap[i] = p;
}

static struct pair pop(struct word *w) {
    struct pair top = w->heap[0], last = w->heap[--w->n_heap];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= w->n_heap)
            break;
        if (child + 1 < w->n_heap && before(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!before(&w->heap[child], &last))
            break;
        w->heap[i] = w->heap[child];
        i = child;
    }
    w->heap[i] = last;
    return top;
}

static void consider(const struct bpe *b, struct word *w, int32_t at) {
    int32_t next = at < 0 ? -1 : w->symbols[at].after;
    if (next < 0)
        return;
    const struct merge_slot *m = slot_of(b, w->symbols[at].id, w->symbols[next].id);
    if (m->left >= 0)
        push(w, (struct pair){m->rank, at, m->left, m->right, m->id});
}

struct sink {
    const struct bpe *b;
    token_sink *token;
    void *user;
    enum err_code code; /* of the words so far */
    struct err *e;
};

/* The token of a byte, or the unknown one. −1, and the sink has an error: there is neither, and
 * what it stands for would vanish from the text. */
static int32_t id_of_byte(struct sink *sink, unsigned char byte) {
    const struct bpe *b = sink->b;
    if (b->byte_ids[byte] >= 0)
        return b->byte_ids[byte];
    if (b->unk_id < 0)
        sink->code =
            err_set(sink->e, ERR_UNSUPPORTED,
                    "this model's vocabulary has no token for byte 0x%02X of the text, and "
                    "no unknown token: leave it out",
                    (unsigned)byte);
    return b->unk_id;
}

/* One token; `first` is the byte where it begins. */
static void give_symbol(const struct sink *sink, int32_t id, const char *first) {
    const bool unknown = id == sink->b->unk_id && sink->b->byte_ids[(unsigned char)*first] < 0;
    sink->token(sink->user, id, unknown ? first : NULL, unknown);
}

static void encode_word(void *user, const char *s, size_t n) {
    struct sink *sink = user;
    const struct bpe *b = sink->b;
    if (b->ignore_merges) {
        struct text_buffer mapped = {0};
        for (size_t i = 0; i < n; i++) {
            char text[3];
            text_buffer_add(&mapped, text, byte_level_character((unsigned char)s[i], text));
        }
        int32_t whole = vocabulary_find(&b->vocabulary, mapped.text, mapped.n);
        text_buffer_dispose(&mapped);
        if (whole >= 0) {
            sink->token(sink->user, whole, NULL, 0);
            return;
        }
    }
    /* Each merge adds at most two pairs, and there are fewer merges than bytes. */
    struct word w = {mem_alloc(n * sizeof *w.symbols), mem_alloc(3 * n * sizeof *w.heap), 0};
    int32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t id = id_of_byte(sink, (unsigned char)s[i]);
        if (id < 0)
            continue;
        w.symbols[count] = (struct symbol){id, count - 1, -1};
        if (count)
            w.symbols[count - 1].after = count;
        count++;
    }
    for (int32_t i = 0; i + 1 < count; i++)
        consider(b, &w, i);
    while (w.n_heap) {
        struct pair p = pop(&w);
        struct symbol *left = &w.symbols[p.at];
        if (left->id != p.left || left->after < 0 || w.symbols[left->after].id != p.right)
            continue; /* one of the two has been merged away */
        struct symbol *right = &w.symbols[left->after];
        left->id = p.id;
        left->after = right->after;
        if (right->after >= 0)
            w.symbols[right->after].before = p.at;
        right->id = -1;
        consider(b, &w, left->before);
        consider(b, &w, p.at);
    }
    /* A symbol stands where its first byte does. */
    for (int32_t i = count ? 0 : -1; i >= 0; i = w.symbols[i].after)
        give_symbol(sink, w.symbols[i].id, s + i);
    free(w.symbols);
    free(w.heap);
}

/* --- a text ------------------------------------------------------------------------------ */

static bool is_space_at(const char *s, size_t n) {
    utf8proc_int32_t point;
    if (utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &point) <= 0)
        return false;
    utf8proc_category_t c = utf8proc_category(point);
    return c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP ||
           (point >= 9 && point <= 13) || point == 0x85;
}

/* \w of the expressions that the tokenizers library uses. */
static bool is_word_at(const char *s, size_t n) {
    utf8proc_int32_t point;
    if (utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &point) <= 0)
        return false;
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
        return true;
    default:
        return point == 0x200C || point == 0x200D; /* joiners */
    }
}

static size_t character(const char *s, size_t n) {
    size_t length = 1;
    while (length < n && ((unsigned char)s[length] & 0xC0) == 0x80)
        length++;
    return length;
}

/* The longest added token that stands at s. */
static const struct added_token *added_at(const struct bpe *b, const char *s, size_t n) {
    const struct added_token *best = NULL;
    if (!b->starts[(unsigned char)s[0]])
        return NULL;
    for (size_t i = 0; i < b->n_added; i++) {
        const struct added_token *a = &b->added[i];
        if (a->n <= n && (!best || a->n > best->n) && memcmp(a->text, s, a->n) == 0)
            best = a;
    }
    return best;
}

/* Where the character before `at` begins; at > begin. */
static size_t character_before(const char *text, size_t begin, size_t at) {
    do
        at--;
    while (at > begin && ((unsigned char)text[at] & 0xC0) == 0x80);
    return at;
}

/* Text [from, to) of n bytes touches a letter of a word that it is not all of. */
static bool is_within_word(const char *text, size_t n, size_t from, size_t to) {
    const size_t before = from ? character_before(text, 0, from) : 0;
    return (from && is_word_at(text + before, from - before)) ||
           (to < n && is_word_at(text + to, n - to));
}

static enum err_code encode_plain(struct sink *sink, const char *s, size_t n, struct err *e) {
    const struct bpe *b = sink->b;
    if (n == 0)
        return ERR_OK;
    utf8proc_uint8_t *normal = NULL;
    if (b->normalise_nfc) {
        utf8proc_ssize_t length = utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n,
                                               &normal, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
        if (length >= 0) {
            s = (const char *)normal;
            n = (size_t)length;
        }
    }
    char *prefixed = NULL;
    if (b->add_prefix_space && !is_space_at(s, n)) {
        prefixed = mem_alloc(n + 2);
        prefixed[0] = ' ';
        memcpy(prefixed + 1, s, n);
        s = prefixed;
        n++;
    }
    enum err_code code = pre_tokenizer_run(b->pre, s, n, encode_word, sink, e);
    free(prefixed);
    free(normal);
    return code ? code : sink->code;
}

enum err_code bpe_encode(const struct tokenizer *t, enum text_side side, const char *text, size_t n,
                         bool add_special, token_sink *token, void *user, struct err *e) {
    const struct bpe *b = (const struct bpe *)t;
    (void)side;
    struct sink sink = {b, token, user, ERR_OK, e};
    enum err_code code = ERR_OK;
    for (int i = 0; add_special && i < b->n_prefix; i++)
        token(user, b->prefix[i], NULL, 0);
    size_t begin = 0, at = 0;
    while (at < n) {
        const struct added_token *a = added_at(b, text + at, n - at);
        if (!a) {
            at += character(text + at, n - at);
            continue;
        }
        size_t end = at, next = at + a->n;
        if (a->single_word && is_within_word(text, n, at, next)) {
            at = next; /* as in the library, no shorter one is looked for in it */
            continue;
        }
        for (size_t before = end; a->lstrip && end > begin; end = before) {
            before = character_before(text, begin, end);
            if (!is_space_at(text + before, end - before))
                break;
        }
        while (a->rstrip && next < n && is_space_at(text + next, n - next))
            next += character(text + next, n - next);
        code = encode_plain(&sink, text + begin, end - begin, e);
        if (code)
            return code;
        token(user, a->id, NULL, 0);
        begin = at = next;
    }
    code = encode_plain(&sink, text + begin, n - begin, e);
    if (code)
        return code;
    for (int i = 0; add_special && i < b->n_suffix; i++)
        token(user, b->suffix[i], NULL, 0);
    return code;
}

static const struct added_token *added_of(const struct bpe *b, int32_t id) {
    return b->added_of[id] >= 0 ? &b->added[b->added_of[id]] : NULL;
}

bool bpe_special(const struct tokenizer *t, int32_t id) {
    const struct added_token *a = added_of((const struct bpe *)t, id);
    return a && a->special;
}

/* Special tokens have their own name as text. */
void bpe_token(const struct tokenizer *t, int32_t id, struct text_buffer *bytes) {
    size_t n;
    const char *piece = vocabulary_piece(t->vocabulary, id, &n);
    if (added_of((const struct bpe *)t, id)) {
        text_buffer_add(bytes, piece, n);
        return;
    }
    char *plain = mem_alloc(n + 1);
    bool whole = true;
    text_buffer_add(bytes, plain, byte_level_bytes(piece, n, plain, &whole));
    free(plain);
}

enum err_code bpe_decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                         size_t n, bool skip_special, char **text, struct err *e) {
    struct text_buffer bytes = {0};
    (void)side;
    (void)e;
    for (size_t i = 0; i < n; i++)
        if (!skip_special || !bpe_special(t, ids[i]))
            bpe_token(t, ids[i], &bytes);
    *text = text_repaired(bytes.text ? bytes.text : "", bytes.n);
    text_buffer_dispose(&bytes);
    return ERR_OK;
}

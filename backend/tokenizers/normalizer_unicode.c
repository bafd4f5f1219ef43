/*
 * Unicode's normal forms (UAX 15): characters are decomposed, marks brought into order, and what
 * belongs together composed. Positions as in the crate unicode-normalization-alignments: what a
 * character is composed of counts to its first one.
 */
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <utf8proc.h>

struct part {
    int32_t c;
    int change;    /* of rewriter_put */
    int combining; /* canonical combining class; 0: a starter */
};

struct parts {
    struct part *items;
    size_t n, capacity;
};

static void add(struct parts *p, int32_t c, int change) {
    if (p->n == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 64;
        p->items = mem_resize(p->items, p->capacity * sizeof *p->items);
    }
    /* What is no mark to the library yet stands for itself. */
    const bool mark = c >= 0x300 && character_is_mark(c);
    p->items[p->n++] =
        (struct part){c, change, mark ? utf8proc_get_property(c)->combining_class : 0};
}

static void decompose(struct parts *p, int32_t c, bool compatible) {
    int32_t made[32];
    const int how = compatible ? UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT : UTF8PROC_DECOMPOSE;
    utf8proc_ssize_t n = utf8proc_decompose_char(c, made, 32, (utf8proc_option_t)how, NULL);
    if (n <= 0 || n > 32) {
        made[0] = c;
        n = 1;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        add(p, made[i], i > 0);
}

static int by_class(const void *a, const void *b) {
    const struct part *const *x = a, *const *y = b;
    const int order = (*x)->combining - (*y)->combining;
    return order ? order : (*x > *y) - (*x < *y);
}

/* Marks in a row, stably by their class. */
static void order_run(struct part *items, size_t n) {
    bool sorted = true;
    for (size_t i = 1; i < n; i++)
        sorted = sorted && items[i - 1].combining <= items[i].combining;
    if (sorted)
        return;
    const struct part **order = mem_alloc(n * sizeof *order);
    struct part *copy = mem_alloc(n * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        order[i] = &items[i];
    qsort(order, n, sizeof *order, by_class);
    for (size_t i = 0; i < n; i++)
        copy[i] = *order[i];
    for (size_t i = 0; i < n; i++)
        items[i] = copy[i];
    free(order);
    free(copy);
}

static void order_marks(struct parts *p) {
    for (size_t i = 0; i < p->n; i++) {
        size_t end = i;
        while (end < p->n && p->items[end].combining)
            end++;
        order_run(p->items + i, end - i);
        i = end;
    }
}

/* Whether a character can be the second of two that compose. */
static bool may_follow(const struct part *p) {
    if (p->c < 0x300)
        return false;
    const utf8proc_category_t k = utf8proc_category(p->c);
    return p->combining || k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_MC ||
           (p->c >= 0x1161 && p->c <= 0x1175) || (p->c >= 0x11A8 && p->c <= 0x11C2);
}

static bool compose_two(int32_t *first, int32_t second) {
    int32_t pair[2] = {*first, second};
    const int how = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    if (utf8proc_normalize_utf32(pair, 2, (utf8proc_option_t)how) != 1)
        return false;
    *first = pair[0];
    return true;
}

/* Joins to each starter the marks behind it that nothing of their class or above keeps from it. */
static void compose(struct parts *p) {
    size_t starter = SIZE_MAX, n = 0;
    int last = -1; /* the class of what stands between the starter and here; −1: nothing does */
    for (size_t i = 0; i < p->n; i++) {
        const struct part part = p->items[i];
        const bool free_way = last < part.combining;
        if (starter != SIZE_MAX && free_way && may_follow(&part) &&
            compose_two(&p->items[starter].c, part.c)) {
            p->items[starter].change += part.change - 1;
            continue;
        }
        if (part.combining == 0) {
            starter = n;
            last = -1;
        } else {
            last = part.combining;
        }
        p->items[n++] = part;
    }
    p->n = n;
}

/* Whether no form changes these bytes: they are below U+0300, or ASCII where that is asked. */
static bool is_plain(const struct aligned *text, bool composes) {
    const unsigned char most = composes ? 0xCB : 0x7F;
    for (size_t i = 0; i < text->n; i++)
        if ((unsigned char)text->text[i] > most)
            return false;
    return true;
}

static void run_form(struct aligned *text, bool composes, bool compatible) {
    struct rewriter r = {.in = text};
    struct parts p = {0};
    if (is_plain(text, composes && !compatible))
        return;
    for (size_t at = 0, length; at < text->n; at += length)
        decompose(&p, character_at(text->text + at, text->n - at, &length), compatible);
    order_marks(&p);
    if (composes)
        compose(&p);
    for (size_t i = 0; i < p.n; i++)
        rewriter_put(&r, p.items[i].c, p.items[i].change);
    rewriter_finish(&r, text);
    free(p.items);
}

static enum err_code run_nfc(const struct stage *n, struct aligned *text, struct err *e) {
    (void)n;
    (void)e;
    run_form(text, true, false);
    return ERR_OK;
}

static enum err_code run_nfd(const struct stage *n, struct aligned *text, struct err *e) {
    (void)n;
    (void)e;
    run_form(text, false, false);
    return ERR_OK;
}

static enum err_code run_nfkc(const struct stage *n, struct aligned *text, struct err *e) {
    (void)n;
    (void)e;
    run_form(text, true, true);
    return ERR_OK;
}

static enum err_code run_nfkd(const struct stage *n, struct aligned *text, struct err *e) {
    (void)n;
    (void)e;
    run_form(text, false, true);
    return ERR_OK;
}

const struct stage_ops normalizer_nfc = {.type = "NFC", .normalize = run_nfc},
                       normalizer_nfd = {.type = "NFD", .normalize = run_nfd},
                       normalizer_nfkc = {.type = "NFKC", .normalize = run_nfkc},
                       normalizer_nfkd = {.type = "NFKD", .normalize = run_nfkd};

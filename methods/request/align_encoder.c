/* Aligning by an encoder. Reference: Inseq 0.7.1, utils/alignment_utils.py; the rule itself: Dou
 * and Neubig 2021. */
#include "backend/discovery.h"
#include "backend/encoder.h"
#include "methods/request/align.h"
#include "methods/request/align_words.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THRESHOLD 1e-3
#define PHASE "aligning the texts"
#define LAYERS_PART (2.0 / 3.0) /* Inseq reads LaBSE's layer 8 of 12 */

enum err_code aligner_find(struct aligner *out, const struct alignment *a, struct err *e) {
    *out = (struct aligner){0};
    if (a->rule == ALIGN_AUTO)
        return encoder_find(&out->folder, &out->name, e);
    return ERR_OK;
}

void aligner_dispose(struct aligner *a) {
    free(a->folder);
    free(a->name);
    *a = (struct aligner){0};
}

char *aligner_notice(const struct aligner *a, const char *what) {
    struct text_buffer b = {0};
    if (a->folder && !strcasestr(a->name, "labse"))
        text_buffer_format(&b,
                           "%s is aligned by %s, which knows little but English; LaBSE, which "
                           "Inseq takes, is not on this machine.",
                           what, a->name);
    if (a->cut)
        text_buffer_format(&b,
                           "%sThe texts are longer than %s can read: what is before their last "
                           "words is aligned from the end.",
                           b.n ? " " : "", a->name);
    if (*a->notice)
        text_buffer_format(&b, "%s%s", b.n ? " " : "", a->notice);
    return b.n ? text_buffer_take(&b) : NULL;
}

/* One text's words as the encoder reads them. */
struct side {
    const struct token_list *tokens;
    struct words words;
    int32_t *pieces; /* [n_pieces] */
    size_t n_pieces;
    size_t *word_of;  /* [n_pieces] */
    int64_t first, n; /* the pieces that are read: the last ones */
    float *states;    /* [n, D] */
};

static void side_dispose(struct side *s) {
    words_dispose(&s->words);
    free(s->pieces);
    free(s->word_of);
    free(s->states);
}

static enum err_code read_side(struct side *s, struct encoder *x, const struct run_ctl *ctl,
                               struct err *e) {
    for (size_t i = 0; i < s->words.n; i++) {
        const struct word_range *word = &s->words.items[i];
        const size_t before = s->n_pieces;
        encoder_pieces(x, s->words.text + word->from, word->to - word->from, &s->pieces,
                       &s->n_pieces);
        s->word_of = mem_resize(s->word_of, (s->n_pieces + 1) * sizeof *s->word_of);
        for (size_t k = before; k < s->n_pieces; k++)
            s->word_of[k] = i;
    }
    const int64_t all = (int64_t)s->n_pieces, longest = encoder_longest(x);
    s->n = all > longest ? longest : all;
    s->first = all - s->n;
    s->states = mem_alloc((size_t)(s->n * encoder_width(x)) * sizeof *s->states);
    if (s->n == 0)
        return ERR_OK;
    return encoder_states(x, s->pieces + s->first, s->n, s->states, ctl, e);
}

/* How alike the pieces of two sides are. */
struct likeness {
    double *products;       /* [n_a, n_b] of their states */
    double *largest, *sums; /* [n_b] columns' maxima, and sums of exponentials above them */
};

static void likeness_dispose(struct likeness *l) {
    free(l->products);
    free(l->largest);
    free(l->sums);
}

static double product(const float *a, const float *b, int64_t n) {
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += (double)a[k] * b[k];
    return sum;
}

/* Of which the caller disposes also on failure. */
static enum err_code likeness_init(struct likeness *l, const struct side *a, const struct side *b,
                                   int64_t width, const struct run_ctl *ctl, struct err *e) {
    *l = (struct likeness){.products = calloc((size_t)(a->n * b->n) + 1, sizeof *l->products),
                           .largest = mem_alloc((size_t)b->n * sizeof *l->largest),
                           .sums = mem_alloc((size_t)b->n * sizeof *l->sums)};
    if (!l->products)
        return err_set(e, ERR_NOMEM, "not enough memory to align texts of %lld and %lld pieces",
                       (long long)a->n, (long long)b->n);
    for (int64_t j = 0; j < b->n; j++)
        l->largest[j] = -INFINITY;
    for (int64_t i = 0; i < a->n; i++) {
        for (int64_t j = 0; j < b->n; j++) {
            const double x = product(a->states + i * width, b->states + j * width, width);
            l->products[i * b->n + j] = x;
            l->largest[j] = fmax(l->largest[j], x);
        }
        if (run_cancelled(ctl))
            return err_set(e, ERR_CANCELLED, "cancelled");
    }
    for (int64_t i = 0; i < a->n; i++)
        for (int64_t j = 0; j < b->n; j++)
            l->sums[j] += exp(l->products[i * b->n + j] - l->largest[j]);
    return ERR_OK;
}

/* How much words of a go with words of b, together [words of a, words of b]: a piece of one chooses
 * the other's, and is chosen by it. 0: not at all. */
static enum err_code match_words(double *together, const struct side *a, const struct side *b,
                                 int64_t width, const struct run_ctl *ctl, struct err *e) {
    struct likeness l;
    enum err_code code = likeness_init(&l, a, b, width, ctl, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < a->n; i++) {
        const double *row = &l.products[i * b->n];
        double most = -INFINITY, sum = 0;
        for (int64_t j = 0; j < b->n; j++)
            most = fmax(most, row[j]);
        for (int64_t j = 0; j < b->n; j++)
            sum += exp(row[j] - most);
        for (int64_t j = 0; j < b->n; j++) {
            const double to = exp(row[j] - most) / sum,
                         fro = exp(row[j] - l.largest[j]) / l.sums[j];
            double *both =
                &together[a->word_of[a->first + i] * b->words.n + b->word_of[b->first + j]];
            if (to > THRESHOLD && fro > THRESHOLD)
                *both = fmax(*both, to * fro);
        }
    }
out:
    likeness_dispose(&l);
    return code;
}

struct links {
    struct align_link *items;
    size_t n;
};

static void add_link(struct links *l, size_t target, size_t contrast) {
    if (contrast == 0) /* nothing precedes it, so the model says nothing of it */
        return;
    if ((l->n & (l->n - 1)) == 0)
        l->items = mem_resize(l->items, (l->n ? 2 * l->n : 1) * sizeof *l->items);
    l->items[l->n++] = (struct align_link){(int64_t)target, (int64_t)contrast};
}

/* Special tokens: in order where both texts have as many, else each with the first of its kind. */
static void link_special(struct links *l, const struct token_list *a, const struct token_list *b) {
    size_t n_a = 0, n_b = 0;
    for (size_t i = 0; i < a->n; i++)
        n_a += a->items[i].special;
    for (size_t i = 0; i < b->n; i++)
        n_b += b->items[i].special;
    for (size_t i = 0, j = 0; i < a->n; i++) {
        if (!a->items[i].special)
            continue;
        for (j = n_a == n_b ? j : 0;
             j < b->n &&
             !(b->items[j].special && (n_a == n_b || b->items[j].id == a->items[i].id));)
            j++;
        if (j < b->n)
            add_link(l, i, j++);
    }
}

/* From words to the tokens of positions start … end − 1. */
static void link_tokens(struct links *l, const struct side *a, const struct side *b,
                        const double *together, size_t start, size_t end) {
    struct word_range *tokens_of =
        mem_alloc(b->words.n * sizeof *tokens_of); /* of a word of b: tokens between which, special
                                                      ones aside, all are of it */
    for (size_t j = b->tokens->n; j-- > 0;)
        for (size_t w = b->words.of_token[j].from; w < b->words.of_token[j].to; w++) {
            tokens_of[w].to = tokens_of[w].to ? tokens_of[w].to : j + 1;
            tokens_of[w].from = j;
        }
    for (size_t i = start; i < end; i++)
        for (size_t v = a->words.of_token[i].from; v < a->words.of_token[i].to; v++)
            for (size_t w = 0; w < b->words.n; w++)
                for (size_t j = tokens_of[w].from;
                     together[v * b->words.n + w] > 0 && j < tokens_of[w].to; j++)
                    if (!b->tokens->items[j].special)
                        add_link(l, i, j);
    free(tokens_of);
}

static enum err_code read_sides(struct side sides[2], struct aligner *a, struct encoder *x,
                                const struct run_ctl *ctl, struct err *e) {
    snprintf(a->notice, sizeof a->notice, "%s", encoder_notice(x));
    for (int k = 0; k < 2; k++) {
        run_progress(ctl, PHASE, k, 3);
        words_init(&sides[k].words, sides[k].tokens);
        enum err_code code = read_side(&sides[k], x, ctl, e);
        a->cut = a->cut || sides[k].first > 0;
        if (code)
            return code;
    }
    run_progress(ctl, PHASE, 2, 3);
    return ERR_OK;
}

/* match_words of two texts, [words, words]; owned by the caller. */
static enum err_code words_together(double **out, struct side sides[2], struct aligner *a,
                                    const struct run_ctl *ctl, struct err *e) {
    struct encoder *x = NULL;
    *out = NULL;
    enum err_code code = encoder_open(&x, a->folder, LAYERS_PART, ctl, e);
    if (code)
        goto out;
    code = read_sides(sides, a, x, ctl, e);
    if (code)
        goto out;
    *out = calloc(sides[0].words.n * sides[1].words.n + 1, sizeof **out);
    if (!*out) {
        code = err_set(e, ERR_NOMEM, "not enough memory to align texts of %zu and %zu words",
                       sides[0].words.n, sides[1].words.n);
        goto out;
    }
    code = match_words(*out, &sides[0], &sides[1], encoder_width(x), ctl, e);
out:
    encoder_free(x);
    return code;
}

/* Whether a word is, or has, a mark that ends a sentence. */
static bool ends_sentence(const struct words *words, size_t i) {
    static const char *const marks[] = {".", "?", "!", "…", "。", "！", "？", "؟", "।"};
    const struct word_range *word = &words->items[i];
    bool any = false;
    for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
        const char *at = strstr(words->text + word->from, marks[k]);
        any |= at && (size_t)(at - words->text) < word->to;
    }
    return any;
}

/* The words of both texts, how they go together, and which of the one's are to stand first. */
struct parting {
    const struct words *words, *others;
    const double *together; /* [words, others] */
    const bool *early;      /* [words] */
    bool at_sentences;      /* only where one ends, unless there is none */
};

/* How many of the others are best put first, not all; 0: none. */
static size_t part_words(const struct parting *p) {
    double sum = 0, best = 0;
    size_t out = 0;
    for (size_t w = 0; w + 1 < p->others->n; w++) {
        for (size_t v = 0; v < p->words->n; v++)
            sum += (p->early[v] ? 1 : -1) * p->together[v * p->others->n + w];
        if (sum <= best || (p->at_sentences && !ends_sentence(p->others, w)))
            continue;
        best = sum;
        out = w + 1;
    }
    return out;
}

/* A text of whole sentences is parted between sentences. */
static bool part_at_sentences(const struct parting *p) {
    size_t last = p->words->n;
    while (last && !p->early[last - 1])
        last--;
    return last && ends_sentence(p->words, last - 1);
}

enum err_code aligner_part(struct aligner *a, size_t *end, const char *text, size_t from, size_t to,
                           const char *other, const struct run_ctl *ctl, struct err *e) {
    struct token_list lists[2] = {{0}};
    struct side sides[2] = {{.tokens = &lists[0]}, {.tokens = &lists[1]}};
    double *together = NULL;
    bool *early = NULL;
    *end = 0;
    token_list_add(&lists[0], 0, false, text, text, strlen(text));
    token_list_add(&lists[1], 0, false, other, other, strlen(other));
    enum err_code code = words_together(&together, sides, a, ctl, e);
    if (code)
        goto out;
    const struct words *words = &sides[0].words, *others = &sides[1].words;
    early = mem_alloc((words->n + 1) * sizeof *early);
    for (size_t v = 0; v < words->n; v++)
        early[v] = words->items[v].from >= from && words->items[v].from < to;
    struct parting parting = {words, others, together, early, false};
    parting.at_sentences = part_at_sentences(&parting);
    size_t n = part_words(&parting);
    parting.at_sentences = false;
    if (!n)
        n = part_words(&parting);
    *end = n ? others->items[n - 1].to : 0;
    run_progress(ctl, PHASE, 3, 3);
out:
    free(together);
    free(early);
    for (int k = 0; k < 2; k++) {
        side_dispose(&sides[k]);
        token_list_dispose(&lists[k]);
    }
    return code;
}

enum err_code aligner_run(struct aligner *a, int64_t *alignment, const struct token_list *target,
                          const struct token_list *contrast, int64_t start, int64_t end,
                          const struct run_ctl *ctl, struct err *e) {
    struct side sides[2] = {{.tokens = target}, {.tokens = contrast}};
    struct links links = {0};
    double *together = NULL;
    enum err_code code = words_together(&together, sides, a, ctl, e);
    if (code)
        goto out;
    link_tokens(&links, &sides[0], &sides[1], together, (size_t)start, (size_t)end);
    link_special(&links, target, contrast);
    align_by_links(alignment, (int64_t)contrast->n, start, end, links.items, links.n);
    run_progress(ctl, PHASE, 3, 3);
out:
    free(links.items);
    free(together);
    side_dispose(&sides[0]);
    side_dispose(&sides[1]);
    return code;
}

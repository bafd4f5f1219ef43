#include "methods/request/own_ids.h"

#include "backend/base/mem.h"

#include <string.h>

#define PLACES_SHOWN 3
#define PIECES_SHOWN 4

enum err_code own_ids_parse(bool *own, const char *rule, struct err *e) {
    *own = rule && strcmp(rule, "own") == 0;
    if (*own || !rule || strcmp(rule, "encoded") == 0)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "generated_ids is \"%.40s\": encoded (the text is encoded again, as Inseq does) "
                   "or own (the ids that the model wrote)",
                   rule);
}

/* --- where two lists differ --- */

/* Tokens [from, to) of either list stand for the same bytes. */
struct place {
    size_t from[2], to[2];
};

static bool same_at(const struct token_list *const lists[2], const size_t at[2]) {
    const bool ended[] = {at[0] >= lists[0]->n, at[1] >= lists[1]->n};
    if (ended[0] || ended[1])
        return ended[0] && ended[1];
    return lists[0]->items[at[0]].id == lists[1]->items[at[1]].id;
}

/* The next place at or after *out's end; false: there is none. */
static bool next_place(struct place *out, const struct token_list *const lists[2]) {
    size_t at[2] = {out->to[0], out->to[1]}, bytes[2] = {0, 0};
    while (at[0] < lists[0]->n && same_at(lists, at))
        at[0]++, at[1]++;
    if (same_at(lists, at))
        return false;
    *out = (struct place){{at[0], at[1]}, {0, 0}};
    do { /* the list that is behind goes on */
        const bool behind = at[0] >= lists[0]->n || (bytes[1] < bytes[0] && at[1] < lists[1]->n);
        bytes[behind] += lists[behind]->items[at[behind]].n_bytes;
        at[behind]++;
    } while ((at[0] < lists[0]->n || at[1] < lists[1]->n) &&
             (bytes[0] != bytes[1] || !same_at(lists, at)));
    out->to[0] = at[0];
    out->to[1] = at[1];
    return true;
}

/* Takes off what both end in: texts that differ elsewhere have no bytes in common there. */
static void trim(struct place *p, const struct token_list *const lists[2]) {
    while (p->to[0] > p->from[0] && p->to[1] > p->from[1] &&
           lists[0]->items[p->to[0] - 1].id == lists[1]->items[p->to[1] - 1].id)
        p->to[0]--, p->to[1]--;
}

/* --- as words --- */

static void add_pieces(struct text_buffer *b, const struct token_list *list, size_t from,
                       size_t to) {
    for (size_t i = from; i < to && i < from + PIECES_SHOWN; i++)
        text_buffer_format(b, "%s\"%s\"", i > from ? ", " : "", list->items[i].printable);
    if (to > from + PIECES_SHOWN)
        text_buffer_puts(b, ", …");
    if (to == from)
        text_buffer_puts(b, "nothing");
}

static void add_place(struct text_buffer *b, const struct token_list *const lists[2],
                      const struct place *p, int64_t n_prompt) {
    const long long step = (long long)p->from[1] - (long long)n_prompt + 1;
    text_buffer_puts(b, b->n ? "; " : "");
    add_pieces(b, lists[1], p->from[1], p->to[1]);
    text_buffer_puts(b, " where it wrote ");
    add_pieces(b, lists[0], p->from[0], p->to[0]);
    if (step > 0)
        text_buffer_format(b, " (step %lld)", step);
    else
        text_buffer_puts(b, " (at the prompt's end)");
}

char *own_ids_notice(const struct token_list *written, const struct token_list *encoded,
                     int64_t n_prompt) {
    const struct token_list *const lists[2] = {written, encoded};
    struct text_buffer b = {0};
    struct place p = {0};
    size_t n = 0;
    for (; next_place(&p, lists); n++) {
        struct place shown = p;
        trim(&shown, lists);
        if (n < PLACES_SHOWN)
            add_place(&b, lists, &shown, n_prompt);
    }
    if (!n)
        return NULL;
    if (n > PLACES_SHOWN)
        text_buffer_format(&b, "; and %zu more", n - PLACES_SHOWN);
    char *places = text_buffer_take(&b),
         *notice =
             mem_format("The model's text, encoded again as Inseq does, has other tokens than "
                        "the model wrote: %s. Scores there are of tokens that it did not "
                        "choose; generated_ids own keeps its own.",
                        places);
    mem_replace(&places, NULL);
    return notice;
}

#include "views/widgets/gap_text.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_GAP 64

/* The text is bytes[0, gap) and, behind `room` bytes of gap, the n − gap that follow. */
struct gap_text {
    char *bytes;
    size_t n, gap, room;
};

void gap_text_free(struct gap_text *t) {
    if (!t)
        return;
    free(t->bytes);
    free(t);
}

size_t gap_text_size(const struct gap_text *t) {
    return t ? t->n : 0;
}

static void move_gap(struct gap_text *t, size_t to) {
    if (to < t->gap)
        memmove(t->bytes + to + t->room, t->bytes + to, t->gap - to);
    else if (to > t->gap)
        memmove(t->bytes + t->gap, t->bytes + t->gap + t->room, to - t->gap);
    t->gap = to;
}

/* Room for n bytes in the gap, and for a NUL behind the text; grows by doubling. */
static void make_room(struct gap_text *t, size_t n) {
    if (t->room > n)
        return;
    const size_t after = t->n - t->gap, room = n + t->n + LEAST_GAP;
    t->bytes = mem_resize(t->bytes, t->n + room);
    memmove(t->bytes + t->gap + room, t->bytes + t->gap + t->room, after);
    t->room = room;
}

void gap_text_insert(struct gap_text **out, size_t at, const char *bytes, size_t n) {
    struct gap_text *t = *out ? *out : mem_alloc(sizeof *t);
    *out = t;
    make_room(t, n);
    move_gap(t, at);
    if (n > 0)
        memcpy(t->bytes + at, bytes, n);
    t->gap += n;
    t->room -= n;
    t->n += n;
}

void gap_text_remove(struct gap_text *t, size_t from, size_t to) {
    if (from >= to)
        return;
    move_gap(t, from);
    t->room += to - from;
    t->n -= to - from;
}

const char *gap_text_piece(size_t *n, const struct gap_text *t, size_t at) {
    *n = 0;
    if (!t || at >= t->n)
        return "";
    *n = (at < t->gap ? t->gap : t->n) - at;
    return t->bytes + at + (at < t->gap ? 0 : t->room);
}

char gap_text_at(const struct gap_text *t, size_t at) {
    size_t n;
    const char *bytes = gap_text_piece(&n, t, at);
    return n > 0 ? *bytes : 0;
}

char *gap_text_copy(const struct gap_text *t, size_t from, size_t to) {
    struct text_buffer b = {0};
    while (from < to) {
        size_t n;
        const char *bytes = gap_text_piece(&n, t, from);
        n = n < to - from ? n : to - from;
        text_buffer_add(&b, bytes, n);
        from += n;
    }
    return text_buffer_take(&b);
}

const char *gap_text_whole(struct gap_text *t) {
    if (!t)
        return "";
    make_room(t, 0);
    move_gap(t, t->n);
    t->bytes[t->n] = 0;
    return t->bytes;
}

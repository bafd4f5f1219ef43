/* A line that takes its time: bytes come as long after they were sent as it says, all of them, and
 * as fast as they were sent. */
#include "harness/term_private.h"

#include "backend/base/clock.h"

#include <stdlib.h>

struct delayed {
    int64_t due_ms;
    struct text_buffer bytes;
    struct delayed *next;
};

void delay_put(struct delayed **queue, const struct term *t, const char *bytes, size_t n) {
    struct delayed *d = mem_alloc(sizeof *d);
    *d = (struct delayed){.due_ms = clock_ms() + t->delay_ms};
    text_buffer_add(&d->bytes, bytes, n);
    while (*queue)
        queue = &(*queue)->next;
    *queue = d;
}

bool delay_take(struct text_buffer *out, struct delayed **queue) {
    struct delayed *d = *queue;
    if (!d || d->due_ms > clock_ms())
        return false;
    *out = d->bytes;
    *queue = d->next;
    free(d);
    return true;
}

void delay_dispose(struct delayed **queue) {
    for (struct delayed *next; *queue; *queue = next) {
        next = (*queue)->next;
        text_buffer_dispose(&(*queue)->bytes);
        free(*queue);
    }
}

void term_delay(struct term *t, int ms) {
    t->delay_ms = ms;
}

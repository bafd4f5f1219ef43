/*
 * Keys that come together. A person's come one by one, or one and the same while it is held down;
 * different characters in one read, and what follows close upon them, are a text that was pasted
 * into a terminal that does not mark pastes: one event, no keys. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_BURST_H
#define TINSEQ_VIEWS_BURST_H

#include "views/terminal/input.h"

/* Zero-initialise to start. */
struct burst {
    struct text_buffer text; /* of the characters gathered, line ends and tabs among them */
    size_t n_keys;
    int key; /* the first */
    bool differ;
    struct input_event held; /* what came behind them */
};

/* Takes the next event, as input_next does; `no_more` ends a text, too. */
bool burst_next(struct input_event *out, struct burst *b, struct input_decoder *d, bool no_more,
                long now_ms);
/* True while what was gathered waits for more of it. */
bool burst_waits(const struct burst *b);
void burst_dispose(struct burst *b);

#endif

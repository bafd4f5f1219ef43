/*
 * Bytes on their way to a terminal that may not take them now: nothing here waits, and what is not
 * taken is kept, up to a limit. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_OUTLET_H
#define TINSEQ_VIEWS_OUTLET_H

#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>

#define OUTLET_MOST                                                                                \
    (4u << 20) /* bytes kept: more than any frame and any text for the clipboard                   \
                */

struct outlet {
    int fd;    /* written to */
    int owned; /* opened here, −1: borrowed, and a write may wait */
    struct text_buffer waiting;
    size_t sent; /* of them */
};

/* fd: the terminal, or a file, which never makes wait. Where it is a terminal it is opened once
 * more: others who share the descriptor must not find that it does not wait. */
void outlet_open(struct outlet *o, int fd);
/* Takes all of the bytes or none. False: there is no room. */
bool outlet_put(struct outlet *o, const char *bytes, size_t n);
/* Hands over what the terminal takes now. */
void outlet_flush(struct outlet *o);
/* True while some wait for it; `fd` is writable when it is time to flush. */
bool outlet_waits(const struct outlet *o);
/* Waits until all is taken, at most so long. False: the terminal does not take it; it is dropped.
 */
bool outlet_drain(struct outlet *o, int timeout_ms);
void outlet_close(struct outlet *o);

#endif

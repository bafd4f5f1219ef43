/*
 * How far the terminal is behind. Between the program and the person there may be a line that takes
 * bytes by the megabyte and hands them on slowly (ssh), so now and then the terminal is asked to
 * say something when it comes to what was just sent. While more than so much is on its way no frame
 * is sent: the next one is newer. A terminal that does not answer is given up after a while. Pure.
 * Interface thread only.
 */
#ifndef TINSEQ_VIEWS_FLOW_H
#define TINSEQ_VIEWS_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_MOST 24576    /* bytes on their way, but for the last frame */
#define FLOW_ASK 8192      /* after so many it is asked */
#define FLOW_PATIENCE 5000 /* ms for an answer */

/* Zero-initialise to start. */
struct flow {
    bool answers;       /* the terminal is known to answer questions */
    size_t sent, shown; /* bytes since the start; what of them has been seen to be shown */
    bool asked;         /* an answer is under way */
    size_t asked_at;    /* that shows so many bytes */
    int64_t asked_ms;
};

void flow_sent(struct flow *f, size_t n);
/* It is time to ask; whoever asks says so. */
bool flow_wants_asking(const struct flow *f);
void flow_asked(struct flow *f, int64_t now_ms);
void flow_answered(struct flow *f);
/* Too much is on its way for another frame. */
bool flow_is_full(const struct flow *f);
/* True when an answer did not come: all counts as shown. */
bool flow_gives_up(struct flow *f, int64_t now_ms);

#endif

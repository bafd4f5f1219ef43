#include "views/terminal/flow.h"

void flow_sent(struct flow *f, size_t n) {
    f->sent += n;
}

bool flow_wants_asking(const struct flow *f) {
    return f->answers && !f->asked && f->sent - f->shown >= FLOW_ASK;
}

void flow_asked(struct flow *f, int64_t now_ms) {
    f->asked = true;
    f->asked_at = f->sent;
    f->asked_ms = now_ms;
}

void flow_answered(struct flow *f) {
    if (f->asked)
        f->shown = f->asked_at;
    f->asked = false;
}

bool flow_is_full(const struct flow *f) {
    return f->asked && f->sent - f->shown >= FLOW_MOST;
}

bool flow_gives_up(struct flow *f, int64_t now_ms) {
    const bool late = f->asked && now_ms - f->asked_ms >= FLOW_PATIENCE;
    if (late) {
        f->asked = false;
        f->shown = f->sent;
    }
    return late;
}

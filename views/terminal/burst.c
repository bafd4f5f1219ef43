#include "views/terminal/burst.h"

#include <stdlib.h>
#include <utf8proc.h>

#define REPEATS_MOST 64 /* of a key held down that one read can bring */

static bool is_typed(const struct input_event *event) {
    return event->kind == INPUT_EVENT_KEY &&
           (input_is_text(event->key) || event->key == INPUT_ENTER || event->key == INPUT_TAB);
}

static void gather(struct burst *b, int key) {
    uint8_t bytes[4];
    int point = key;
    if (key == INPUT_ENTER)
        point = '\n';
    else if (key == INPUT_TAB)
        point = '\t';
    if (b->n_keys++ == 0)
        b->key = key;
    b->differ |= key != b->key;
    const utf8proc_ssize_t n = utf8proc_encode_char(point, bytes);
    if (b->text.n + (size_t)n <= INPUT_PASTE_MOST)
        text_buffer_add(&b->text, (const char *)bytes, (size_t)n);
}

static bool is_text(const struct burst *b) {
    return b->differ || b->n_keys > REPEATS_MOST;
}

static void forget(struct burst *b) {
    const struct input_event held = b->held;
    text_buffer_dispose(&b->text);
    *b = (struct burst){.held = held};
}

static void take_text(struct input_event *out, struct burst *b) {
    *out = (struct input_event){.kind = INPUT_EVENT_PASTE, .n_text = b->text.n};
    out->text = text_buffer_take(&b->text);
    forget(b);
}

/* One of some that are the same. */
static void take_key(struct input_event *out, struct burst *b) {
    *out = (struct input_event){.kind = INPUT_EVENT_KEY, .key = b->key};
    if (--b->n_keys == 0)
        forget(b);
}

static void take_held(struct input_event *out, struct burst *b) {
    *out = b->held;
    b->held = (struct input_event){0};
}

bool burst_next(struct input_event *out, struct burst *b, struct input_decoder *d, bool no_more,
                long now_ms) {
    struct input_event event;
    *out = (struct input_event){0};
    while (b->held.kind == INPUT_EVENT_NONE && input_next(&event, d, no_more, now_ms))
        if (is_typed(&event))
            gather(b, event.key);
        else
            b->held = event;
    const bool held = b->held.kind != INPUT_EVENT_NONE;
    if (is_text(b) && !held && !no_more)
        return false;
    if (is_text(b))
        take_text(out, b);
    else if (b->n_keys > 0)
        take_key(out, b);
    else
        take_held(out, b);
    return out->kind != INPUT_EVENT_NONE;
}

bool burst_waits(const struct burst *b) {
    return b->n_keys > 0 || b->held.kind != INPUT_EVENT_NONE;
}

void burst_dispose(struct burst *b) {
    text_buffer_dispose(&b->text);
    free(b->held.text);
    *b = (struct burst){0};
}

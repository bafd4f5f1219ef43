#include "views/export/html_contrast.h"

#include "views/export/html_details.h"

#include <stdlib.h>
#include <string.h>

static const size_t n_arrow = sizeof HTML_ARROW - 1;

static bool is_contrast(const struct token *t) {
    return t->id < 0 && strstr(t->piece, HTML_ARROW) && strstr(t->printable, HTML_ARROW);
}

/* Its own text is what stands behind the arrow. */
static void keep_own_bytes(struct token *t) {
    const char *arrow = memmem(t->bytes, t->n_bytes, HTML_ARROW, n_arrow);
    if (!arrow)
        return;
    const size_t before = (size_t)(arrow - t->bytes) + n_arrow;
    t->n_bytes -= before;
    memmove(t->bytes, t->bytes + before, t->n_bytes);
    t->bytes[t->n_bytes] = '\0';
}

static void turn(struct token *t) {
    const char *arrow = strstr(t->printable, HTML_ARROW);
    mem_replace(&t->printable, mem_format("%s" HTML_ARROW "%.*s", arrow + n_arrow,
                                          (int)(arrow - t->printable), t->printable));
    keep_own_bytes(t);
}

static bool turn_list(struct token_list *list, const struct token_list *like) {
    bool any = false;
    for (size_t i = 0; i < list->n; i++) {
        struct token *t = &list->items[i];
        const bool same = !like || (i < like->n && strcmp(like->items[i].piece, t->piece) == 0);
        if (!same || !is_contrast(t))
            continue;
        turn(t);
        any = true;
    }
    return any;
}

bool html_contrast(struct attribution_sequence *s, const struct attribution_sequence *like) {
    const bool source = turn_list(&s->source, like ? &like->source : NULL);
    return turn_list(&s->target, like ? &like->target : NULL) || source;
}

void html_contrast_name(struct text_buffer *b, const struct token *t) {
    const char *printable = t->printable;
    const char *arrow = is_contrast(t) ? strstr(printable, HTML_ARROW) : NULL;
    const size_t own = arrow ? (size_t)(arrow - printable) : strlen(printable);
    text_buffer_puts(b, "<bdi>");
    html_text(b, printable, own, false);
    text_buffer_puts(b, "</bdi>");
    if (!arrow)
        return;
    text_buffer_puts(b, "<span class=foil>" HTML_ARROW "<bdi>");
    html_text(b, arrow + n_arrow, strlen(arrow + n_arrow), false);
    text_buffer_puts(b, "</bdi></span>");
}

void html_contrast_told(struct text_buffer *b, const struct attribution_sequence *s,
                        int64_t columns) {
    for (int64_t g = 0; g < columns; g++) {
        const struct token *t = &s->target.items[s->attr_pos_start + g];
        const char *arrow = strstr(t->printable, HTML_ARROW);
        if (!is_contrast(t))
            continue;
        text_buffer_puts(b, "<p class=note>The arrow goes to a foil: why <bdi>");
        html_text(b, t->printable, (size_t)(arrow - t->printable), false);
        text_buffer_puts(b, "</bdi> rather than <bdi>");
        html_text(b, arrow + n_arrow, strlen(arrow + n_arrow), false);
        text_buffer_puts(b, "</bdi>.</p>\n");
        return;
    }
}

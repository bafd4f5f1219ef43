#include "views/terminal/screen_private.h"

#include "views/terminal/clipboard.h"

#include <string.h>

#define WORTH_MARKING 512 /* bytes of a frame: a smaller one is shown at once anyway */

static const char begins[] = "\033[?2026h", ends[] = "\033[?2026l";

static void keep_shown(struct screen *s, const struct grid *g) {
    if (s->shown.rows != g->rows || s->shown.columns != g->columns) {
        grid_dispose(&s->shown);
        grid_init(&s->shown, g->rows, g->columns);
    }
    memcpy(s->shown.cells, g->cells, (size_t)g->rows * (size_t)g->columns * sizeof *g->cells);
}

/* Whether what is shown no longer looks as it was painted. */
static bool is_other(const struct screen *s, const struct grid *g, const struct palette *palette) {
    return s->palette.theme != palette->theme || s->palette.diverging != palette->diverging ||
           s->palette.sequential != palette->sequential || s->shown.rows != g->rows ||
           s->shown.columns != g->columns;
}

static void send_frame(struct screen *s, const struct grid *g) {
    struct paint p = {.can = &s->can,
                      .palette = &s->palette,
                      .rows = s->rows,
                      .columns = s->columns,
                      .cursor_shown = s->cursor_shown};
    const size_t mark = s->synchronised ? sizeof begins - 1 : 0;
    s->frame.n = 0;
    text_buffer_add(&s->frame, begins, mark);
    paint_grid(&s->frame, &p, g, s->stale ? NULL : &s->shown);
    s->cursor_shown = p.cursor_shown;
    const bool bare = s->frame.n - mark < WORTH_MARKING;
    const size_t skip = bare ? mark : 0;
    text_buffer_add(&s->frame, ends, mark && !bare ? sizeof ends - 1 : 0);
    screen_send(s, s->frame.text + skip, s->frame.n - skip);
    flow_sent(&s->flow, s->frame.n - skip);
    if (flow_wants_asking(&s->flow))
        screen_ask_flow(s);
}

void screen_blit(struct screen *s, const struct grid *g, const struct theme *theme,
                 const struct colour_map *diverging, const struct colour_map *sequential) {
    struct palette palette = s->palette;
    palette.theme = theme;
    palette.diverging =
        colour_map_on(diverging ? diverging : colour_map_find(theme->diverging), theme->dark);
    palette.sequential =
        colour_map_on(sequential ? sequential : colour_map_find(theme->sequential), theme->dark);
    if (s->away)
        return;
    outlet_flush(&s->outlet);
    s->owed = outlet_waits(&s->outlet) || flow_is_full(&s->flow);
    if (s->owed) /* nothing is queued: a newer one comes when those before are through */
        return;
    s->stale = s->stale || is_other(s, g, &palette);
    s->palette = palette;
    send_frame(s, g);
    keep_shown(s, g);
    s->stale = false;
}

void screen_redraw(struct screen *s) {
    s->stale = true;
}

void screen_mouse(struct screen *s, bool on) {
    if (s->mouse == on)
        return;
    s->mouse = on;
    screen_send_mouse(s, on);
}

enum err_code screen_copy(const char **path, struct screen *s, const char *text, size_t n,
                          struct err *e) {
    struct text_buffer sequence = {0};
    bool understands = !s->palette.console && strncmp(s->term, "vt", 2) != 0;
    if (understands && clipboard_sequence(&sequence, text, n))
        screen_send(s, sequence.text, sequence.n);
    text_buffer_dispose(&sequence);
    return clipboard_write_file(path, text, n, e);
}

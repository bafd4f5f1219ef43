#include "app/cli/evaluate_picture.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "themes/theme.h"
#include "views/screens/faithful.h"
#include "views/terminal/look.h"
#include "views/terminal/terminal.h"

#include <string.h>

#define ROWS 15

static void write_row(struct text_buffer *b, const struct grid *g, int row,
                      const struct palette *palette) {
    struct text_buffer line = {0};
    struct look look;
    for (int column = 0; column < g->columns; column++) {
        look_of_cell(&look, grid_at(g, row, column), palette);
        text_buffer_puts(&line, look.text);
    }
    while (line.n && line.text[line.n - 1] == ' ')
        line.n--;
    text_buffer_add(b, line.text, line.n);
    text_buffer_puts(b, "\n");
    text_buffer_dispose(&line);
}

/* Without colour: shades, dots and dashes tell the lines apart. */
static void write_picture(struct text_buffer *b, const struct curves *c, int columns) {
    const struct palette palette = {
        .theme = theme_find("mono"), .depth = COLOUR_MONO, .ascii = !terminal_set_locale()};
    struct grid g;
    grid_init(&g, ROWS, columns);
    faithful_draw(&g, grid_area(&g), c);
    text_buffer_puts(b, "\n");
    for (int row = 0; row < g.rows; row++)
        write_row(b, &g, row, &palette);
    grid_dispose(&g);
}

char *evaluate_picture(const struct faithfulness *f, const char *function, int columns) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < f->n_methods; i++) {
        struct curves c = faithfulness_method_curves(f, i, function);
        write_picture(&b, &c, (int)clamped(columns, 60, 120));
        curves_dispose(&c);
    }
    return text_buffer_take(&b);
}

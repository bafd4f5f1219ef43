#include "views/paragraph.h"

#include "backend/base/mem.h"

#include <stdlib.h>

int paragraph_draw(struct grid *g, struct area a, enum style_role role, const char *utf8) {
    const char *at = utf8;
    int row = 0;
    for (; row < a.rows && *at; row++) {
        int columns = 0;
        const char *end = at, *blank = NULL, *next = at;
        char glyph[CELL_BYTES];
        for (int w; (w = grid_next_glyph(glyph, &next)) > 0 && columns + w <= a.columns; end = next) {
            columns += w;
            if (*next == ' ' || *next == 0)
                blank = next;
        }
        if (*end && blank)
            end = blank;
        if (end == at)
            break;
        char *line = mem_text_n(at, (size_t)(end - at));
        grid_put(g, a, row, 0, role, line);
        free(line);
        at = end;
        while (*at == ' ')
            at++;
    }
    return row;
}

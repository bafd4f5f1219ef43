#include "views/widgets/paragraph.h"

#include "backend/base/mem.h"

#include <stdlib.h>

/* Where the line that begins here ends: after its last word that fits; `at` itself when not even a
 * character does. */
static const char *line_end(const char *at, int most) {
    int columns = 0;
    const char *end = at, *blank = NULL, *next = at;
    char glyph[CELL_BYTES];
    for (int w; (w = grid_next_glyph(glyph, &next)) > 0 && columns + w <= most; end = next) {
        columns += w;
        if (*next == ' ' || *next == 0)
            blank = next;
    }
    return *end && blank ? blank : end;
}

static const char *skip_blanks(const char *at) {
    while (*at == ' ')
        at++;
    return at;
}

int paragraph_draw(struct grid *g, struct area a, enum style_role role, const char *utf8) {
    int row = 0;
    for (const char *at = utf8, *end; row < a.rows && *at; row++, at = skip_blanks(end)) {
        end = line_end(at, a.columns);
        if (end == at)
            break;
        char *line = mem_text_n(at, (size_t)(end - at));
        grid_put(g, a, row, 0, role, line);
        free(line);
    }
    return row;
}

int paragraph_rows(int columns, const char *utf8) {
    int rows = 0;
    for (const char *at = utf8, *end; *at; rows++, at = skip_blanks(end)) {
        end = line_end(at, columns);
        if (end == at)
            break;
    }
    return rows;
}

const char *paragraph_tail(int columns, int rows, const char *utf8) {
    for (int skip = paragraph_rows(columns, utf8) - rows; skip > 0; skip--)
        utf8 = skip_blanks(line_end(utf8, columns));
    return utf8;
}

#include "views/screens/map_geometry.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Columns of one cell at each zoom. */
static const int cell_columns[MAP_ZOOMS] = {10, 8, MAP_NUMBER_CELL, 3, 2, 1};
#define LEAST_LABEL 10
#define MOST_LABEL 26
#define MOST_HEAD 28 /* columns that a head takes before labels get theirs */

/* "> s12 " before a token: marker, side where there are two, index from 1. */
static int index_columns(const struct map *m) {
    int digits = 1;
    for (size_t n = m->n_rows; n >= 10; n /= 10)
        digits++;
    return 2 + (m->both_sides ? 1 : 0) + digits + 1;
}

#define LEAST_FOR_STRIP 40     /* columns of an area that shows the rows' overview */
#define LEAST_FOR_STRIP_ROW 16 /* and rows of one that shows the columns' */
/* Of "+ 1234 below .01"; of the same with "tokens" where the area is so wide. */
#define FOLD_COLUMNS 16
#define LONG_FOLD_COLUMNS 24
#define WIDE 90

/* Columns of a label, of its token alone, with which none is cut. */
static int widest_label(const struct map *m, int columns) {
    int widest = m->label_columns > LEAST_LABEL ? m->label_columns : LEAST_LABEL;
    for (size_t i = 0; i < m->shown->n_step_scores; i++) {
        const int n = text_columns(m->shown->step_scores[i].name) - index_columns(m) + 3;
        widest = n > widest ? n : widest;
    }
    const int fold = (columns < WIDE ? FOLD_COLUMNS : LONG_FOLD_COLUMNS) - index_columns(m) + 1;
    return m->fold_below > 0 && fold > widest ? fold : widest;
}

static int first_label(int widest, int columns) {
    const int most = columns / 3 < MOST_LABEL ? columns / 3 : MOST_LABEL;
    if (widest <= most)
        return widest;
    return most > LEAST_LABEL ? most : LEAST_LABEL;
}

/* What a head would take: of one step's columns each its foil alone, before its arrow. */
static int head_columns(const struct map *m, const struct token *t) {
    const char *arrow = m->shown->one_step ? strstr(t->printable, " → ") : NULL;
    char *foil = arrow ? mem_text_n(t->printable, (size_t)(arrow - t->printable)) : NULL;
    const int n = text_columns(foil ? foil : t->printable);
    free(foil);
    return n;
}

/* What the c-th column's head lacks. */
static int lacks(const struct map *m, const struct map_geometry *y, int c) {
    const struct token *t = map_column_token(m, m->left + c);
    const int n = t ? head_columns(m, t) + 2 : 0;
    return n - map_column_wide(y, c);
}

/* Gives `room` to heads that are cut, those that lack least first; returns what is left of it. */
static int grow(const struct map *m, struct map_geometry *y, int room, int most) {
    const int n = y->n_columns < MAP_GROWING ? y->n_columns : MAP_GROWING;
    int wanted[MAP_GROWING];
    for (int c = 0; c < n; c++)
        wanted[c] = (int)clamped(lacks(m, y, c), 0, most - map_column_wide(y, c));
    for (int lack = 1; lack <= room && lack < most; lack++)
        for (int c = 0; c < n; c++)
            if (wanted[c] == lack && lack <= room) {
                y->more[c] = (unsigned char)(y->more[c] + lack);
                room -= lack;
                wanted[c] = 0;
            }
    for (int c = 0; c < n && room > 0; c++) /* the rest to the first that is cut still */
        if (wanted[c] > 0) {
            y->more[c] = (unsigned char)(y->more[c] + room);
            room = 0;
        }
    return room;
}

/* Heads first, but not longer ones than a label may be; then labels; then heads as they like. */
static void share_out(const struct map *m, struct map_geometry *y, int room, int widest) {
    if (y->cell < MAP_NUMBER_CELL)
        return;
    room = grow(m, y, room, MOST_HEAD);
    const int label = (int)clamped(widest - (y->label - y->index - 1), 0, room);
    y->label += label;
    grow(m, y, room - label, UINT8_MAX);
}

int map_column_at(const struct map_geometry *y, int c) {
    int at = y->label + c * y->cell;
    for (int i = 0; i < c && i < MAP_GROWING; i++)
        at += y->more[i];
    return at;
}

int map_column_wide(const struct map_geometry *y, int c) {
    return y->cell + (c < MAP_GROWING ? y->more[c] : 0);
}

struct map_geometry map_measure(const struct map *m, int rows, int columns) {
    struct map_geometry y = {.cell = cell_columns[m->zoom],
                             .header = 1 + m->shown->one_step + (m->context != NULL),
                             .sum_column = -1,
                             .strip = -1,
                             .strip_row = -1};
    const int widest = widest_label(m, columns);
    y.index = index_columns(m);
    y.label = y.index + first_label(widest, columns) + 1;
    y.n_scores = (int)clamped((int64_t)m->shown->n_step_scores, 0, rows / 3);
    const bool wide = rows >= LEAST_FOR_STRIP_ROW &&
                      (columns - y.label - MAP_SUM_COLUMNS) / y.cell < m->n_columns;
    y.room = (int)clamped(rows - y.header - y.n_scores - wide, 0, rows);
    y.n_rows = (int)clamped(y.room, 0, (int64_t)m->n_lines);
    y.scores_row = y.header + y.n_rows;
    if (wide)
        y.strip_row = y.scores_row + y.n_scores;
    if ((int64_t)m->n_rows > y.room && columns >= LEAST_FOR_STRIP) {
        y.strip = columns - 1;
        columns -= 2;
    }
    int room = columns - y.label;
    const bool sum = room >= MAP_SUM_COLUMNS + 4 * y.cell && m->n_rows > 0;
    if (sum)
        room -= MAP_SUM_COLUMNS;
    y.n_columns = (int)clamped(room / y.cell, 1, m->n_columns > 0 ? m->n_columns : 1);
    share_out(m, &y, room - y.n_columns * y.cell, widest);
    if (sum)
        y.sum_column = map_column_at(&y, y.n_columns);
    return y;
}

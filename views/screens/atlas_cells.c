#include "views/screens/atlas_cells.h"

#include "backend/base/mem.h"
#include "views/screens/atlas_sinks.h"
#include "views/screens/map.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_RANKS 10 /* heads that are not dimmed where only the strongest are shown */

float atlas_heat(const struct atlas *a, int64_t layer, int64_t head) {
    float v = atlas_value(a, layer, head);
    return a->magnitude > 0 ? v / a->magnitude : v;
}

bool atlas_has_negative(const struct atlas *a) {
    for (int64_t i = 0; i < a->n_layers * a->n_heads; i++)
        if (a->values[i] < 0)
            return true;
    return false;
}

void atlas_label_draw(struct grid *g, struct area cells, int row, int64_t layer, bool here) {
    char text[32];
    snprintf(text, sizeof text, "%s%3ld", here ? "▸" : " ", (long)layer);
    grid_put(g, cells, row, 0, here ? STYLE_STRONG : STYLE_DIM, text);
}

/* Not among the strongest, where only they are to be seen. */
static bool is_dimmed(const struct atlas *a, int64_t layer, int64_t head) {
    return a->by_rank && atlas_rank(a, layer, head) > MOST_RANKS;
}

float atlas_shown_heat(const struct atlas *a, int64_t layer, int64_t head) {
    return is_dimmed(a, layer, head) ? NAN : atlas_heat(a, layer, head);
}

void atlas_cell_draw(struct grid *g, struct area cells, int row, int column, int width,
                     const struct atlas *a, int64_t layer, int64_t head, bool diverging) {
    char text[16] = "";
    const float value = atlas_value(a, layer, head), heat = atlas_shown_heat(a, layer, head);
    const bool here = layer == a->layer && head == a->head;
    if (width >= 4 && !isnan(heat)) {
        map_number(text, sizeof text, value, width - 1 - (width > 4), diverging);
        if (width > 4)
            strcat(text, " ");
    }
    if (diverging)
        grid_put_heat(g, cells, row, column, width, heat, text);
    else
        grid_put_magnitude(g, cells, row, column, width, heat, text);
    if (!here)
        return;
    if (width >= 3) { /* brackets in the cell's own colours */
        struct cell *c = grid_at(g, cells.row + row, cells.column + column);
        if (c) {
            strcpy(c->text, "[");
            c[width - 1].heat_kind = c->heat_kind = HEAT_TEXT;
            if (width != 4) /* in four columns the number needs the last */
                strcpy(c[width - 1].text, "]");
        }
        grid_mark(g, cells, row, column, width, false, false, true);
    } else {
        grid_mark(g, cells, row, column, width, true, false, false);
    }
    grid_set_cursor(g, cells, row, column + (width > 2 ? 1 : 0));
}

char *atlas_cells_title(const struct atlas *a) {
    static const char *const sinks[] = {[SINKS_KEPT] = "",
                                        [SINKS_LEFT_OUT] = ", no sinks",
                                        [SINKS_RENORMALISED] = ", no sinks, renormalised"};
    const struct atlas_side *side = &a->sides[a->i_side];
    const char *without = sinks[atlas_sinks(a) ? a->sinks_choice : SINKS_KEPT];
    if (a->metric != ATLAS_CELL)
        return mem_format("%s%s", atlas_metric_title(a->metric), without);
    return mem_format("%s → %s%s", side->row_tokens->items[a->row].printable,
                      side->column_tokens->items[side->first_column_token + a->column].printable,
                      without);
}

#include "views/screens/colours.h"

#include <stdio.h>
#include <string.h>

#define DIGITS 5

static void put_number(char *buf, size_t n, float value, bool sign) {
    char text[32];
    map_number(text, sizeof text, value, DIGITS, sign);
    snprintf(buf, n, "%s", text + strspn(text, " "));
}

struct legend colours_legend(float magnitude, bool has_signs, const char *note) {
    struct legend l = {.scale = has_signs ? HEAT_SIGNED : HEAT_UNSIGNED, .from = "0", .note = note};
    if (!(magnitude > 0))
        return l;
    put_number(l.to, sizeof l.to, magnitude, has_signs);
    if (has_signs)
        put_number(l.from, sizeof l.from, -magnitude, true);
    return l;
}

struct legend colours_of_map(const struct map *m) {
    const size_t row = map_cursor_row(m);
    float full = m->magnitude;
    const bool has_signs = m->any_negative && m->scale != MAP_MAGNITUDE;
    const char *note = NULL;
    if (m->n_columns == 0)
        return (struct legend){0};
    if (m->range == MAP_RANGE_COLUMN) {
        full = m->column_magnitude[m->column];
        note = "this column";
    } else if (m->range == MAP_RANGE_ROW && row < m->n_rows) {
        full = m->rows[row].magnitude;
        note = "this row";
    }
    struct legend l = colours_legend(full, has_signs, note);
    if (m->scale == MAP_LOG && !has_signs) /* three decades: what is less has the same colour */
        map_number(l.from, sizeof l.from, full / 1000, 5, false);
    return l;
}

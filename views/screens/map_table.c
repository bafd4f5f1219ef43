#include "views/screens/map_table.h"

#include <string.h>

float map_value(const struct map *m, size_t row, int64_t g) {
    const struct map_row *r = &m->rows[row];
    const struct scores *s =
        r->target ? &m->shown->target_attributions : &m->shown->source_attributions;
    return s->data[r->index * s->dims[1] + g];
}

bool map_column_done(const struct map *m, int64_t g) {
    return !m->shown->done || m->shown->done[g];
}

bool map_sees(const struct map *m, size_t row, int64_t g) {
    return row < m->n_rows &&
           attribution_sees(m->shown, m->rows[row].target, m->rows[row].index, g);
}

const struct token *map_row_token(const struct map *m, size_t row) {
    const struct token_list *list = m->rows[row].target ? &m->shown->target : &m->shown->source;
    return m->rows[row].index < (int64_t)list->n ? &list->items[m->rows[row].index] : NULL;
}

const struct token *map_column_token(const struct map *m, int64_t g) {
    int64_t at = m->shown->attr_pos_start + g;
    return at >= 0 && at < (int64_t)m->shown->target.n ? &m->shown->target.items[at] : NULL;
}

const char *map_own_text(const struct token *t) {
    const char *text = t->printable, *arrow;
    while (t->id < 0 && (arrow = strstr(text, "→ ")))
        text = arrow + strlen("→ ");
    return text;
}

bool map_is_signed(const struct map *m) {
    return m->any_negative && m->scale != MAP_MAGNITUDE;
}

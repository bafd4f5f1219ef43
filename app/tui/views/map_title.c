#include "app/tui/views/map_title.h"

#include "app/tui/shown.h"
#include "app/tui/sinks.h"
#include "app/tui/state.h"
#include "methods/request/request.h"

#include <stdlib.h>

/* What is left out first where the title has no room: the order of these. */
enum { NORM, FOLDED, RANGE, SCALE, UNIT, ORDER, FUNCTION, LAYER, SINKS, SIZE };

/* How columns are scaled. One of several tokens sums to how many they are. */
static const char *norm_title(const struct app *a) {
    static const char *const norms[] = {[NORM_COLUMNS] = "columns sum to 1",
                                        [NORM_NONE] = "as computed",
                                        [NORM_LARGEST] = "largest is 1"};
    const bool joined = a->reduction.norm == NORM_COLUMNS &&
                        (a->reduction.unit || app_joined(a) || app_bytes_joined(a));
    if (a->reduction.norm == NORM_COLUMNS && app_hidden_special(a))
        return "sum to 1 with hidden ones";
    if (app_leaves_out(a) && a->reduction.sinks == SINKS_LEFT_OUT &&
        a->reduction.norm == NORM_COLUMNS)
        return "columns sum to 1 with sinks";
    return joined ? "each token's sum is 1" : norms[a->reduction.norm];
}

/* "14 rows × 7 generated", and what they are where they are not tokens. */
static void add_size(struct parts *p, const struct app *a) {
    const struct unit *unit = a->reduction.unit;
    char *span = a->current ? span_description(&a->current->request.span) : NULL;
    if (unit)
        parts_add(p, UNIT, STYLE_TITLE, "%s%s", unit->title,
                  app_unit_side_name(a->reduction.unit_side));
    if (app_bytes_joined(a))
        parts_add(p, UNIT, STYLE_TITLE, "bytes joined");
    if (app_hidden_special(a))
        parts_add(p, UNIT, STYLE_TITLE, "%zu special hidden", app_hidden_special(a));
    if (app_joined(a))
        parts_add(p, UNIT, STYLE_TITLE, "joined");
    if (span)
        parts_add(p, SIZE, STYLE_TITLE, "%zu rows × span %s", a->map.n_rows, span);
    else if (a->shown.one_step && a->map.n_columns > 0)
        parts_add(p, SIZE, STYLE_TITLE, "%zu rows × %lld foils of \"%s\"", a->map.n_rows,
                  (long long)a->map.n_columns, map_own_text(map_column_token(&a->map, 0)));
    else
        parts_add(p, SIZE, STYLE_TITLE, "%zu rows × %lld generated", a->map.n_rows,
                  (long long)a->map.n_columns);
    if (app_leaves_out(a))
        parts_add(p, SINKS, STYLE_TITLE, "no sinks%s",
                  a->reduction.sinks == SINKS_RENORMALISED ? ", renormalised" : "");
    if (map_n_folded(&a->map) > 0)
        parts_add(p, FOLDED, STYLE_TITLE, "%zu folded", map_n_folded(&a->map));
    free(span);
}

static void add_layer(struct parts *p, const struct app *a) {
    const struct app_reduction *r = &a->reduction;
    const char *function = r->function ? r->function->id : NULL;
    int64_t layers, heads;
    app_layers_heads(a, &layers, &heads);
    if (layers && r->layer >= 0 && heads && r->head >= 0)
        parts_add_right(p, LAYER, STYLE_DIM, "L%lld H%lld", (long long)r->layer,
                        (long long)r->head);
    else if (layers && r->layer >= 0)
        parts_add_right(p, LAYER, STYLE_DIM, "L%lld, %s heads", (long long)r->layer,
                        function ? function : "mean of");
    else if (heads && r->head >= 0)
        parts_add_right(p, LAYER, STYLE_DIM, "H%lld, all layers", (long long)r->head);
    else if (function)
        parts_add_right(p, FUNCTION, STYLE_DIM, "%s", function);
    else if (layers)
        parts_add_right(p, FUNCTION, STYLE_DIM, "all layers");
}

#define MOST_HEAD 16 /* columns of the token that rows are sorted by */

static void add_order(struct parts *p, const struct app *a) {
    const struct map *m = &a->map;
    if (m->sorted == MAP_ORDER_SUM)
        parts_add_right(p, ORDER, STYLE_DIM, "sorted by sum");
    if (m->sorted != MAP_ORDER_COLUMN || m->sorted_column >= m->n_columns)
        return;
    char *head = map_head(m, map_column_token(m, m->sorted_column), MOST_HEAD);
    parts_add_right(p, ORDER, STYLE_DIM, "sorted by \"%s\"", head);
    free(head);
}

/* "columns sum to 1  log"; the legend tells the range. */
static void add_scale(struct parts *p, const struct app *a) {
    static const char *const scales[] = {
        [MAP_LINEAR] = "", [MAP_MAGNITUDE] = "magnitude", [MAP_LOG] = "log"};
    static const char *const ranges[] = {
        [MAP_RANGE_ALL] = "", [MAP_RANGE_COLUMN] = "by column", [MAP_RANGE_ROW] = "by row"};
    const int norm = a->reduction.norm == NORM_COLUMNS ? NORM : ORDER; /* what was chosen stays */
    parts_add_right(p, norm, STYLE_DIM, "%s", norm_title(a));
    parts_add_right(p, SCALE, STYLE_DIM, "%s", scales[a->map.scale]);
    parts_add_right(p, RANGE, STYLE_DIM, "%s", ranges[a->map.range]);
    add_order(p, a);
}

void map_title(struct parts *p, const struct app *a) {
    if (!a->has_shown) {
        parts_add(p, SIZE, STYLE_TITLE, "map");
        return;
    }
    add_size(p, a);
    add_layer(p, a);
    add_scale(p, a);
}

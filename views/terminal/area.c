#include "views/terminal/area.h"

#include "backend/base/clamp.h"

static int at_least_0(int n) {
    return n > 0 ? n : 0;
}

struct area area_inner(struct area a) {
    return (struct area){a.row + 1, a.column + 1, at_least_0(a.rows - 2),
                         at_least_0(a.columns - 2)};
}

static int within(int n, int most) {
    return (int)clamped(n, 0, most);
}

struct area area_take_top(struct area *a, int rows) {
    struct area cut = *a;
    cut.rows = within(rows, a->rows);
    a->row += cut.rows;
    a->rows -= cut.rows;
    return cut;
}

struct area area_take_bottom(struct area *a, int rows) {
    struct area cut = *a;
    cut.rows = within(rows, a->rows);
    a->rows -= cut.rows;
    cut.row = a->row + a->rows;
    return cut;
}

struct area area_take_left(struct area *a, int columns) {
    struct area cut = *a;
    cut.columns = within(columns, a->columns);
    a->column += cut.columns;
    a->columns -= cut.columns;
    return cut;
}

struct area area_take_right(struct area *a, int columns) {
    struct area cut = *a;
    cut.columns = within(columns, a->columns);
    a->columns -= cut.columns;
    cut.column = a->column + a->columns;
    return cut;
}

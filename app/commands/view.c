/* Commands that change how a result is shown. */
#include "app/commands/handlers.h"

#include "aggregators/functions.h"
#include "aggregators/unit_list.h"
#include "app/tui/front.h"
#include "app/tui/lists.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "views/widgets/palette.h"

#include <stdlib.h>
#include <string.h>

void command_view(struct app *a, int view) {
    app_go(a, (enum app_view)view);
}

void command_next_view(struct app *a, int direction) {
    const int view = a->view < VIEW_TABS ? (int)a->view : 0, tabs = app_tabs(a);
    command_view(a, (view + direction + tabs) % tabs);
}

void command_scale(struct app *a, int unused) {
    static const char *const names[] = {"scale: linear", "scale: magnitude",
                                        "scale: logarithm of the magnitude"};
    (void)unused;
    a->map.scale = (enum map_scale)((a->map.scale + 1) % MAP_SCALES);
    app_say(a, STYLE_NOTICE, "%s", names[a->map.scale]);
}

void command_compare_scale(struct app *a, int unused) {
    (void)unused;
    compare_set_scale(&a->compare, (enum compare_scale)((a->compare.scale + 1) % COMPARE_SCALES));
    compare_many_set_scale(&a->many, a->compare.scale);
    app_say(a, STYLE_NOTICE,
            a->compare.scale == COMPARE_RAW ? "scores as they are" : "shares of their column");
}

void command_norm(struct app *a, int unused) {
    static const char *const names[] = {"each column sums to 1, as Inseq shows it",
                                        "scores as computed", "the largest score is 1"};
    (void)unused;
    a->reduction.norm = (enum app_norm)((a->reduction.norm + 1) % NORM_COUNT);
    app_aggregate(a);
    app_say(a, STYLE_NOTICE, "%s", names[a->reduction.norm]);
}

void command_range(struct app *a, int unused) {
    static const char *const names[] = {"full colour: the map's largest",
                                        "full colour: each column's largest",
                                        "full colour: each row's largest"};
    (void)unused;
    a->map.range = (enum map_range)((a->map.range + 1) % MAP_RANGES);
    app_say(a, STYLE_NOTICE, "%s", names[a->map.range]);
}

void command_order(struct app *a, int unused) {
    static const char *const names[] = {"rows as in the text", "rows by this column's values",
                                        "rows by their sums"};
    (void)unused;
    map_set_order(&a->map, (enum map_order)((a->map.sorted + 1) % MAP_ORDERS));
    app_say(a, STYLE_NOTICE, "%s", names[a->map.sorted]);
}

/* --- aggregation --- */

static void chose_aggregator(struct app *a, const struct overlay_answer *answer) {
    size_t n;
    const struct aggregate_function *const *decls = aggregate_functions(&n);
    const int id = answer->id;
    a->reduction.function = id > 0 && (size_t)id <= n ? decls[id - 1] : NULL;
    app_aggregate(a);
}

void command_aggregator(struct app *a, int unused) {
    struct picker p;
    size_t n;
    const struct aggregate_function *const *decls = aggregate_functions(&n);
    int current = 0;
    (void)unused;
    picker_init(&p, "aggregation");
    picker_add(&p, 0, "as Inseq does", NULL,
               "The norm over the embedding's width, the mean over heads and layers.");
    for (size_t i = 0; i < n; i++) {
        picker_add(&p, (int)i + 1, decls[i]->title, decls[i]->id, decls[i]->formula);
        if (decls[i] == a->reduction.function)
            current = (int)i + 1;
    }
    picker_ready(&p, current);
    overlay_pick(app_overlay(a, chose_aggregator), &p);
}

/* --- units --- */

#define TOKEN_UNIT 0 /* the first: no unit at all */

static void use_unit(struct app *a, const struct unit *unit, enum app_unit_side side,
                     const char *pattern) {
    size_t n;
    const bool tokens = unit == units(&n)[TOKEN_UNIT];
    app_set_unit(a, tokens ? NULL : unit, side, pattern);
    if (a->has_shown)
        app_say(a, STYLE_NOTICE, tokens ? "%s%s" : "%s%s: their tokens' scores are summed",
                unit->title, app_unit_side_name(side));
}

static void typed_pattern(struct app *a, const struct overlay_answer *answer) {
    if (answer->text && *answer->text)
        use_unit(a, unit_find("regex"), UNIT_BOTH, answer->text);
}

static void ask_pattern(struct app *a) {
    overlay_input(app_overlay(a, typed_pattern), "regular expression",
                  "What parts the rows and columns, in the text:",
                  a->reduction.pattern ? a->reduction.pattern : "[,;.]");
}

/* An item is a unit and its sides: those of both first, in the units' order. */
static void chose_unit(struct app *a, const struct overlay_answer *answer) {
    size_t n;
    const struct unit *const *all = units(&n);
    if (answer->id < 0 || (size_t)answer->id >= n * UNIT_SIDES)
        return;
    const struct unit *unit = all[(size_t)answer->id % n];
    if (strcmp(unit->id, "regex") == 0)
        ask_pattern(a);
    else
        use_unit(a, unit, (enum app_unit_side)((size_t)answer->id / n), NULL);
}

static size_t unit_in_use(const struct app *a, const struct unit *const *all, size_t n) {
    size_t at = TOKEN_UNIT;
    for (size_t i = 0; i < n; i++)
        if (all[i] == a->reduction.unit)
            at = i;
    return at;
}

/* Of one side alone where it is neither tokens nor an expression, which is typed. */
static void add_units(struct picker *p, enum app_unit_side side) {
    size_t n;
    const struct unit *const *all = units(&n);
    for (size_t i = 0; i < n; i++) {
        if (side != UNIT_BOTH && (i == TOKEN_UNIT || strcmp(all[i]->id, "regex") == 0))
            continue;
        char *title = mem_format("%s%s", all[i]->title, app_unit_side_name(side));
        picker_add(p, (int)(i + n * side), title, all[i]->id, all[i]->summary);
        free(title);
    }
}

void command_choose_unit(struct app *a, int unused) {
    struct picker p;
    size_t n;
    const struct unit *const *all = units(&n);
    (void)unused;
    picker_init(&p, "rows and columns");
    for (int side = 0; side < UNIT_SIDES; side++)
        add_units(&p, (enum app_unit_side)side);
    picker_ready(&p, (int)(unit_in_use(a, all, n) + n * a->reduction.unit_side));
    overlay_pick(app_overlay(a, chose_unit), &p);
}

/* The expression has to be typed: the dial passes it by. */
void command_unit(struct app *a, int unused) {
    size_t n;
    const struct unit *const *all = units(&n);
    size_t next = (unit_in_use(a, all, n) + 1) % n;
    (void)unused;
    if (strcmp(all[next]->id, "regex") == 0)
        next = (next + 1) % n;
    use_unit(a, all[next], UNIT_BOTH, NULL);
}

void command_special(struct app *a, int unused) {
    (void)unused;
    app_set_special(a, !a->reduction.no_special);
    const size_t n = app_hidden_special(a);
    if (n)
        app_say(a, STYLE_NOTICE, "%zu special token%s hidden   {SPECIAL}: shown again", n,
                n == 1 ? " is" : "s are");
    else
        app_say(a, STYLE_NOTICE,
                a->reduction.no_special ? "there are no special tokens to hide"
                                        : "special tokens are shown");
}

void command_bytes(struct app *a, int unused) {
    (void)unused;
    app_set_bytes(a, !a->reduction.bytes_apart);
    if (app_bytes_joined(a))
        app_say(a, STYLE_NOTICE, "bytes of a character are joined   {BYTES}: apart");
    else
        app_say(a, STYLE_NOTICE,
                a->reduction.bytes_apart ? "bytes of a character are apart"
                                         : "no character is several tokens here");
}

/* Steps through −1 (all), 0 … n − 1. */
static int64_t step(int64_t at, int64_t n, int direction) {
    return (at + 1 + direction + n + 1) % (n + 1) - 1;
}

/* The next of n layers or heads, or all of them. */
static void choose(struct app *a, int64_t *at, int64_t n, int direction, const char *what) {
    *at = step(*at, n, direction);
    app_aggregate(a);
    if (*at < 0)
        app_say(a, STYLE_NOTICE, "all %lld %ss", (long long)n, what);
    else
        app_say(a, STYLE_NOTICE, "%s %lld of 0 to %lld", what, (long long)*at, (long long)n - 1);
}

void command_layer(struct app *a, int direction) {
    int64_t layers, heads;
    app_layers_heads(a, &layers, &heads);
    if (a->view == VIEW_ATLAS) {
        atlas_move(&a->atlas, direction, 0);
    } else if (!layers) {
        app_say(a, STYLE_NOTICE,
                "this result has no layers: methods that look inside the model have them");
    } else {
        choose(a, &a->reduction.layer, layers, direction, "layer");
    }
}

void command_head(struct app *a, int direction) {
    int64_t layers, heads;
    app_layers_heads(a, &layers, &heads);
    if (a->view == VIEW_ATLAS && !a->atlas.has_heads) {
        atlas_move_cell(&a->atlas, 0, direction);
    } else if (a->view == VIEW_ATLAS) {
        atlas_move(&a->atlas, 0, direction);
    } else if (!heads) {
        app_say(a, STYLE_NOTICE, "this result has no heads: the method Attention has them");
    } else {
        choose(a, &a->reduction.head, heads, direction, "head");
    }
}

/* --- rows --- */

void command_fold(struct app *a, int unused) {
    const bool any = map_n_folded(&a->map) > 0;
    (void)unused;
    map_set_fold(&a->map, any ? MAP_FOLD_NOTHING : MAP_FOLD_SMALL);
    const size_t folded = map_n_folded(&a->map);
    if (any)
        app_say(a, STYLE_NOTICE, "all %zu rows are shown   {FOLD} folds the small ones",
                a->map.n_rows);
    else if (folded > 0)
        app_say(a, STYLE_NOTICE,
                "%zu small rows are folded   {OPEN_DETAIL} opens some   {FOLD} all", folded);
    else
        app_say(a, STYLE_NOTICE, "no rows next to each other are small enough to be folded");
}

void command_open_line(struct app *a, int unused) {
    (void)unused;
    if (map_on_fold(&a->map))
        map_open_fold(&a->map);
    else
        command_view(a, VIEW_TEXT);
}

/* --- cells --- */

void command_zoom(struct app *a, int direction) {
    int zoom = a->map.zoom + direction;
    if (zoom >= 0 && zoom < MAP_ZOOMS)
        a->map.zoom = zoom;
}

void command_numbers(struct app *a, int unused) {
    (void)unused;
    a->map.numbers = !a->map.numbers;
}

void command_tokens(struct app *a, int unused) {
    (void)unused;
    a->map.raw_tokens = !a->map.raw_tokens;
    app_say(a, STYLE_NOTICE,
            a->map.raw_tokens ? "tokens as the vocabulary's pieces" : "tokens as text");
}

void command_detail(struct app *a, int unused) {
    (void)unused;
    a->detail = !a->detail;
}

/* --- themes --- */

static void preview_theme(struct app *a, int id) {
    size_t n;
    const struct theme *const *themes = theme_list(&n);
    if (id >= 0 && (size_t)id < n)
        app_set_theme(a, themes[id]);
}

static void chose_theme(struct app *a, const struct overlay_answer *answer) {
    preview_theme(a, answer->id);
    settings_set(&a->settings.theme, a->theme->id);
    app_keep_settings(a);
}

static void watch_theme(struct app *a, const struct overlay_answer *answer) {
    if (answer->said == OVERLAY_LEFT)
        a->theme = a->theme_before;
    else
        preview_theme(a, answer->id);
}

void command_theme(struct app *a, int unused) {
    struct picker p;
    (void)unused;
    a->theme_before = a->theme;
    palette_open_themes(&p, a->theme->id);
    overlay_pick(app_overlay_watched(a, chose_theme, watch_theme), &p);
}

static const struct colour_map **map_in_use(struct app *a) {
    return a->map.any_negative ? &a->diverging : &a->sequential;
}

static void preview_map(struct app *a, int id) {
    size_t n;
    const struct colour_map *const *maps = colour_map_list(&n);
    if (id >= 0 && (size_t)id < n)
        *(maps[id]->diverging ? &a->diverging : &a->sequential) = maps[id];
}

static void chose_map(struct app *a, const struct overlay_answer *answer) {
    preview_map(a, answer->id);
    app_keep_settings(a);
}

static void watch_map(struct app *a, const struct overlay_answer *answer) {
    if (answer->said == OVERLAY_LEFT)
        *map_in_use(a) = a->map_before;
    else
        preview_map(a, answer->id);
}

void command_colour_map(struct app *a, int unused) {
    struct picker p;
    bool diverging = a->map.any_negative;
    (void)unused;
    a->map_before = *map_in_use(a);
    const char *usual = diverging ? a->theme->diverging : a->theme->sequential;
    palette_open_colour_maps(&p, diverging, a->map_before ? a->map_before->id : usual);
    overlay_pick(app_overlay_watched(a, chose_map, watch_map), &p);
}

/* --- selection --- */

void command_select(struct app *a, int unused) {
    (void)unused;
    a->map.selecting = !a->map.selecting && a->map.n_columns > 0 && a->map.n_rows > 0;
    a->map.anchor_row = a->map.row;
    a->map.anchor_column = a->map.column;
    if (a->map.selecting)
        app_say(a, STYLE_NOTICE,
                "move to extend the range   {SPAN}: explain its steps as one target   {SELECT} or "
                "{BACK}: end");
}

void command_mark_row(struct app *a, int unused) {
    size_t row = map_cursor_row(&a->map);
    (void)unused;
    if (row < a->map.n_rows) {
        a->map.rows[row].marked = !a->map.rows[row].marked;
        map_move(&a->map, 1, 0);
    } else if (map_on_fold(&a->map)) {
        app_say(a, STYLE_NOTICE, "{OPEN_DETAIL} opens these rows: then they can be marked");
    }
}

void command_unmark(struct app *a, int unused) {
    (void)unused;
    struct row_list *l = a->view == VIEW_LIST ? app_list(a) : NULL;
    if (l)
        row_list_unmark_all(l);
    if (a->view == VIEW_RUNS)
        a->n_marks = 0;
    if (a->view != VIEW_MAP)
        return;
    for (size_t i = 0; i < a->map.n_rows; i++)
        a->map.rows[i].marked = false;
}

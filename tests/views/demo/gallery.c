/* Draws a view with sample data as an SVG picture on standard output, to look at: gallery VIEW ROWS
 * COLUMNS THEME DEPTH(0–4). */
#include "harness/term.h"
#include "tests/views/screens/samples.h"
#include "views/screens/atlas.h"
#include "views/screens/compare.h"
#include "views/screens/detail.h"
#include "views/screens/log_view.h"
#include "views/screens/map.h"
#include "views/screens/text_view.h"
#include "views/widgets/frame.h"
#include "views/widgets/help.h"
#include "views/widgets/palette.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* Where these commands work. */
enum { CONTEXT_MAP = 1, CONTEXT_RUNS = 2, CONTEXT_ALL = 3 };

static const struct command commands[] = {
    {1, "h j k l", "move the cursor", NULL, "MOVE", CONTEXT_ALL, NULL, NULL},
    {2, "Ctrl-D Ctrl-U", "half a page", NULL, "MOVE", CONTEXT_ALL, NULL, NULL},
    {3, "g G Home End", "first, last row", NULL, "MOVE", CONTEXT_ALL, NULL, NULL},
    {4, "r F5", "run", "Generates and attributes with what the form says.", "RUN", CONTEXT_ALL,
     "Run", NULL},
    {5, "x F9 Ctrl-C", "cancel the job", "Columns that are done stay.", "RUN", CONTEXT_ALL,
     "Cancel", NULL},
    {6, "m F6", "choose the method", NULL, "RUN", CONTEXT_ALL, "Method", NULL},
    {7, "c F7", "choose a contrast", NULL, "RUN", CONTEXT_ALL, "Contrast", NULL},
    {8, "T F2", "choose the theme", NULL, "VIEW", CONTEXT_ALL, "Theme", NULL},
    {9, "C", "next colour map", NULL, "VIEW", CONTEXT_MAP, NULL, NULL},
    {10, "/ F3", "search tokens", NULL, "VIEW", CONTEXT_MAP, "Search", NULL},
    {11, "y", "copy the cell", NULL, "OUTPUT", CONTEXT_MAP, NULL, NULL},
    {12, "E F8", "export HTML and JSON", NULL, "OUTPUT", CONTEXT_MAP, "Export", NULL},
    {13, ": Ctrl-P", "command palette", NULL, "APP", CONTEXT_ALL, NULL, NULL},
    {14, "? F1", "help", NULL, "APP", CONTEXT_ALL, "Help", NULL},
    {15, "Q F10", "quit", NULL, "APP", CONTEXT_ALL, "Quit", NULL},
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static void draw_atlas(struct grid *g, int64_t layers, int64_t heads) {
    struct attribution_sequence s;
    struct atlas a;
    sample_attention(&s, layers, heads, 6, 4);
    atlas_init(&a);
    a.metric = ATLAS_MAX;
    atlas_show(&a, &s);
    atlas_draw(g, grid_area(g), &a);
    atlas_dispose(&a);
    attribution_sequence_dispose(&s);
}

static void draw_picker(struct grid *g, const char *kind) {
    struct picker p;
    if (strcmp(kind, "palette") == 0) {
        palette_open(&p, commands, N_COMMANDS, CONTEXT_RUNS);
        picker_key(&p, 'c');
        picker_key(&p, 'a');
    } else if (strcmp(kind, "contrast") == 0) {
        picker_init(&p, "contrast for step 1 ·Paris");
        static const char *const words[] = {"·Paris",  "·the",    "·Rome",
                                            "·London", "·France", "·Berlin"};
        static const float share[] = {.71f, .08f, .03f, .02f, .01f, .004f};
        for (int i = 0; i < 6; i++) {
            char text[16];
            snprintf(text, sizeof text, "%.3f", (double)share[i]);
            picker_add(&p, i, words[i], text,
                       "p = 0.03, the model's third choice at this step. The column is then "
                       "attributed to the difference of the two logits.")
                ->share = share[i];
        }
        p.takes_text = true;
        picker_ready(&p, 2);
    } else
        palette_open_themes(&p, "light");
    picker_draw(g, grid_area(g), &p);
    picker_dispose(&p);
}

static void draw_map(struct grid *g, const char *view) {
    struct attribution_sequence s;
    struct map m;
    if (view[3])
        sample_translation(&s, 3);
    else
        sample_scores(&s, 4, 3);
    map_init(&m);
    map_show(&m, &s);
    map_go(&m, 4, 0);
    static const char *const tabs[] = {"1 Map", "2 Atlas", "3 Runs", "4 Text", "5 Log", "6 Models"};
    struct frame f = {.title = "Tinseq  smollm2  run 7: integrated gradients",
                      .title_right = "truecolor  dark",
                      .tabs = tabs,
                      .n_tabs = 6,
                      .i_tab = 0,
                      .job = "attributing 4/6",
                      .message = "contrast set to ·Rome",
                      .message_role = STYLE_NOTICE,
                      .progress = .62,
                      .commands = commands,
                      .n_commands = N_COMMANDS,
                      .context = CONTEXT_MAP};
    struct area body = frame_draw(g, &f), below = area_take_bottom(&body, 5);
    struct detail d = {.map = &m, .function = "contrast_logits_diff", .foil_id = -1};
    grid_box(g, body, true, "source × generated", "signed, linear, |max| .61");
    map_fit(&m, body.rows - 2, body.columns - 2);
    map_draw(g, area_inner(body), &m);
    grid_box(g, below, false, "detail", "d hide");
    detail_draw(g, area_inner(below), &d);
    map_dispose(&m);
    attribution_sequence_dispose(&s);
}

static void draw(struct grid *g, const char *view) {
    struct attribution_sequence s, t;
    if (strcmp(view, "atlas") == 0)
        draw_atlas(g, 12, 12);
    else if (strcmp(view, "atlas30") == 0)
        draw_atlas(g, 30, 9);
    else if (strcmp(view, "atlas32") == 0)
        draw_atlas(g, 32, 32);
    else if (strcmp(view, "atlas6") == 0)
        draw_atlas(g, 6, 8);
    else if (strcmp(view, "palette") == 0 || strcmp(view, "contrast") == 0 ||
             strcmp(view, "themes") == 0) {
        draw_atlas(g, 12, 12);
        draw_picker(g, view);
    } else if (strcmp(view, "help") == 0) {
        struct help h;
        help_open(&h, "map", commands, N_COMMANDS, CONTEXT_MAP);
        draw_atlas(g, 12, 12);
        help_draw(g, grid_area(g), &h);
        help_dispose(&h);
    } else if (strcmp(view, "text") == 0 || strcmp(view, "text2") == 0) {
        struct text_view v = {0};
        if (view[4])
            sample_translation(&s, 3);
        else
            sample_scores(&s, 6, 3);
        text_view_show(&v, &s);
        text_view_move(&v, view[4] ? 4 : 0, 0);
        text_view_draw(g, grid_area(g), &v);
        attribution_sequence_dispose(&s);
    } else if (strncmp(view, "map", 3) == 0) {
        draw_map(g, view);
    } else if (strcmp(view, "compare") == 0) {
        struct compare c;
        sample_scores(&s, 6, 3);
        sample_scores(&t, 6, 9);
        compare_init(&c);
        compare_show(&c, (struct compare_side){&s, "7 integrated gradients"},
                     (struct compare_side){&t, "5 saliency"});
        compare_move(&c, 4, 0);
        compare_draw(g, grid_area(g), &c);
        compare_dispose(&c);
        attribution_sequence_dispose(&s);
        attribution_sequence_dispose(&t);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "gallery VIEW ROWS COLUMNS THEME DEPTH\n");
        return 2;
    }
    setlocale(LC_ALL, "C.UTF-8");
    struct screen *screen;
    struct err e = {0};
    int rows = atoi(argv[2]), columns = atoi(argv[3]);
    const struct theme *theme = theme_find(argv[4]);
    struct term *t =
        term_screen(&screen, rows, columns, "xterm-256color", atoi(argv[5]), false, &e);
    if (!t || !theme)
        return 1;
    struct grid g;
    grid_init(&g, rows, columns);
    draw(&g, argv[1]);
    screen_blit(screen, &g, theme, NULL, NULL);
    term_sync(t);
    char *svg =
        term_svg(t, theme->dark ? 0x16181D : 0xFFFFFF, theme->dark ? 0xD0D0D0 : 0x202020, NULL);
    fputs(svg, stdout);
    free(svg);
    grid_dispose(&g);
    term_free(t);
    return 0;
}

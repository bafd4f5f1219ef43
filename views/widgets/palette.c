#include "views/widgets/palette.h"

#include "themes/theme.h"
#include "views/widgets/hint.h"

#include <stdlib.h>
#include <string.h>

/* What the palette lists in this order. */
enum kind { ACTS, MOVES, ELSEWHERE, KINDS };

static enum kind kind_of(const struct command *c, uint32_t context) {
    if (!(c->context & context))
        return ELSEWHERE;
    return c->group && strcmp(c->group, "MOVE") == 0 ? MOVES : ACTS;
}

static void add_commands(struct picker *p, const struct command *commands, size_t n,
                         uint32_t context, enum kind kind) {
    for (size_t i = 0; i < n; i++) {
        const struct command *c = &commands[i];
        if (kind_of(c, context) != kind)
            continue;
        char *help = hint_text(c->help ? c->help : c->title, commands, n, false);
        picker_add(p, c->id, c->title, c->keys, help)->disabled = kind == ELSEWHERE;
        free(help);
    }
}

void palette_open(struct picker *p, const struct command *commands, size_t n, uint32_t context) {
    picker_init(p, "commands");
    for (int kind = 0; kind < KINDS; kind++)
        add_commands(p, commands, n, context, (enum kind)kind);
    p->hint = "{CHOOSE} do it  {CLOSE} close";
    picker_ready(p, -1);
}

void palette_open_themes(struct picker *p, const char *current) {
    size_t n;
    int selected = 0;
    const struct theme *const *themes = theme_list(&n);
    picker_init(p, "theme");
    for (size_t i = 0; i < n; i++) {
        picker_add(p, (int)i, themes[i]->title, themes[i]->id, NULL);
        if (current && strcmp(themes[i]->id, current) == 0)
            selected = (int)i;
    }
    p->hint = "shown as you move  {CHOOSE} keep  {CLOSE} back";
    picker_ready(p, selected);
}

/* An earlier one is the same where lightness leads away from the background. */
static bool is_turned(const struct colour_map *const *maps, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (memcmp(colour_map_on(maps[k], true)->rgb, colour_map_on(maps[i], true)->rgb,
                   sizeof maps[i]->rgb) == 0)
            return true;
    return false;
}

void palette_open_colour_maps(struct picker *p, bool diverging, const char *current) {
    size_t n;
    int selected = -1;
    const struct colour_map *const *maps = colour_map_list(&n);
    picker_init(p, diverging ? "colours of signed scores" : "colours of unsigned scores");
    for (size_t i = 0; i < n; i++) {
        if (maps[i]->diverging != diverging || is_turned(maps, i))
            continue;
        picker_add(p, (int)i, maps[i]->title, maps[i]->id, NULL);
        if (current && strcmp(maps[i]->id, current) == 0)
            selected = (int)i;
    }
    p->hint = "shown as you move  {CHOOSE} keep  {CLOSE} back";
    picker_ready(p, selected);
}

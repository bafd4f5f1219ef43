/* Every command can be found: in the palette by its title, in the help of where it works, and its
 * keys mean it there. */
#include "app/commands/command_table.h"
#include "views/terminal/input.h"
#include "views/widgets/help.h"
#include "views/widgets/palette.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static uint32_t lowest(uint32_t contexts) {
    return contexts & (~contexts + 1);
}

Test(commands, the_palette_finds_each_by_its_title) {
    size_t n;
    const struct command *commands = app_commands(&n);
    for (size_t i = 0; i < n; i++) {
        struct picker p;
        palette_open(&p, commands, n, lowest(commands[i].context));
        picker_paste(&p, commands[i].title, strlen(commands[i].title));
        const struct picker_item *item = picker_selected(&p);
        cr_expect(item && item->id == commands[i].id && !item->disabled, "%s: %s",
                  commands[i].title, item ? item->title : "nothing");
        picker_dispose(&p);
    }
}

Test(commands, help_lists_each_where_it_works) {
    size_t n;
    const struct command *commands = app_commands(&n);
    for (size_t i = 0; i < n; i++) {
        struct grid g;
        struct help h;
        help_open(&h, "Here", commands, n, lowest(commands[i].context));
        edit_set(&h.filter, commands[i].title);
        grid_init(&g, 60, 200);
        help_draw(&g, grid_area(&g), &h);
        char *text = grid_text(&g);
        size_t shown = strlen(commands[i].title) < 24 ? strlen(commands[i].title) : 24;
        char part[32] = "";
        memcpy(part, commands[i].title, shown);
        const char *first = strstr(text, part); /* in the filter's line */
        cr_expect(first && strstr(first + 1, part), "%s\n%s", commands[i].title, text);
        free(text);
        grid_dispose(&g);
        help_dispose(&h);
    }
}

/* Keys of one context never mean two things. */
Test(commands, a_key_means_one_thing_in_each_place) {
    size_t n;
    const struct command *commands = app_commands(&n);
    for (size_t i = 0; i < n; i++)
        for (uint32_t context = 1; context < 1u << VIEW_COUNT; context <<= 1) {
            const char *keys = commands[i].keys;
            while (commands[i].context & context && *keys) {
                char name[INPUT_NAME_SIZE] = "";
                size_t length = strcspn(keys, " ");
                memcpy(name, keys, length < sizeof name - 1 ? length : sizeof name - 1);
                cr_expect_eq(app_find_command(context, input_from_name(name)), commands[i].id,
                             "%s: %s", commands[i].title, name);
                keys += length + (keys[length] == ' ');
            }
        }
}

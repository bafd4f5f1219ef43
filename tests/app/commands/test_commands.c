/* Every command can be found: in the palette by its title, in the help of where it works, and its
 * keys mean it there. */
#include "app/commands/command_table.h"
#include "app/tui/front.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "views/terminal/input.h"
#include "views/widgets/help.h"
#include "views/widgets/hint.h"
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

/* --- hints: no key is spelled by hand --- */

/* A word of a hint that is the name of a key: a command's own, or one that is no character. */
static bool is_key(const char *word) {
    size_t n;
    const struct command *commands = app_commands(&n);
    char name[INPUT_NAME_SIZE];
    int key = input_from_name(word);
    input_name(name, key);
    if (strcmp(name, word) != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (keys_have(commands[i].keys, key))
            return true;
    return !input_is_text(key) && key != INPUT_NONE;
}

/* The hint without what stands in braces; says whether all of that is known. */
static void expect_no_key(const char *hint) {
    char *rest = mem_text(hint), *keys = app_hint(hint, false);
    cr_expect_null(strchr(keys, '{'), "a name that no command has: %s", keys);
    for (char *at; (at = strchr(rest, '{'));) {
        char *end = strchr(at, '}');
        cr_assert_not_null(end, "%s", hint);
        memset(at, ' ', (size_t)(end + 1 - at));
    }
    for (char *state, *word = strtok_r(rest, " ,.:;", &state); word;
         word = strtok_r(NULL, " ,.:;", &state))
        cr_expect(!is_key(word), "\"%s\" is spelled by hand: %s", word, hint);
    free(rest);
    free(keys);
}

Test(commands, hints_take_their_keys_from_the_table) {
    for (int view = 0; view < VIEW_COUNT; view++)
        expect_no_key(view_ops((enum app_view)view)->hints);
    struct app a = {.map = {.selecting = true}};
    expect_no_key(view_ops(VIEW_MAP)->hints_now(&a));
    size_t n;
    const struct command *commands = app_commands(&n);
    for (size_t i = 0; i < n; i++)
        if (commands[i].help)
            expect_no_key(commands[i].help);
}

/* What a view's hint names works there. */
Test(commands, hints_name_what_works) {
    size_t n;
    const struct command *commands = app_commands(&n);
    for (int view = 0; view < VIEW_COUNT; view++)
        for (size_t i = 0; i < n; i++) {
            char *name = mem_format("{%s}", commands[i].name);
            if (strstr(view_ops((enum app_view)view)->hints, name))
                cr_expect(commands[i].context & 1u << view, "%s in %s", name,
                          view_ops((enum app_view)view)->title);
            free(name);
        }
}

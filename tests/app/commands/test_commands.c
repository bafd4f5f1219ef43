/* Every command can be found: in the palette by its title, in the help of where it works, and its
 * keys mean it there. */
#include "app/commands/command_table.h"
#include "app/tui/front.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
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

/* States in which a view's hint is another than usual. */
struct hint_state {
    enum app_view view;
    struct app app;
};

static size_t make_states(struct hint_state *out, struct run *failed, struct run_store *store) {
    static struct form_field fields[] = {{.kind = FORM_LINES}, {.kind = FORM_CHOICE},
                                         {.kind = FORM_FLAG},  {.kind = FORM_SET},
                                         {.kind = FORM_PICK},  {.kind = FORM_SECTION}};
    size_t n = 0;
    failed->status = RUN_FAILED;
    out[n++] = (struct hint_state){VIEW_MAP, {.map = {.selecting = true}}};
    out[n++] = (struct hint_state){VIEW_MAP, {.map = {.search = "word"}}};
    out[n++] = (struct hint_state){VIEW_MAP, {.view = 0}};
    out[n++] = (struct hint_state){VIEW_MAP, {.job = {.generation = 1}}};
    out[n++] = (struct hint_state){VIEW_MAP, {.current = failed}};
    out[n++] = (struct hint_state){VIEW_TEXT, {.view = 0}};
    out[n++] = (struct hint_state){VIEW_ATLAS, {.has_shown = true}};
    out[n++] = (struct hint_state){VIEW_RUNS, {.view = 0}};
    out[n++] = (struct hint_state){VIEW_RUNS, {.store = *store, .n_marks = 1}};
    out[n++] = (struct hint_state){VIEW_RUNS, {.store = *store, .n_marks = 2}};
    out[n++] = (struct hint_state){VIEW_RUNS, {.store = *store, .listed = {.filter = "x"}}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        out[n++] = (struct hint_state){VIEW_FORM,
                                       {.form = {.form = {.fields = &fields[i], .n_fields = 1}}}};
    return n;
}

static void expect_works(const char *hint, enum app_view view) {
    size_t n;
    const struct command *commands = app_commands(&n);
    for (size_t i = 0; i < n; i++) {
        char *name = mem_format("{%s}", commands[i].name);
        if (strstr(hint, name))
            cr_expect(commands[i].context & 1u << view, "%s in %s", name, view_ops(view)->title);
        free(name);
    }
}

Test(commands, hints_take_their_keys_from_the_table) {
    for (int view = 0; view < VIEW_COUNT; view++)
        expect_no_key(view_ops((enum app_view)view)->hints);
    size_t n;
    const struct command *commands = app_commands(&n);
    for (size_t i = 0; i < n; i++)
        if (commands[i].help)
            expect_no_key(commands[i].help);
}

/* In each state a hint of its own, which names what works there and fits a small screen. */
Test(commands, hints_name_what_matters_in_a_state) {
    static struct hint_state states[32];
    static struct run failed;
    struct run_store store = {.n = 2};
    const size_t n = make_states(states, &failed, &store);
    for (size_t i = 0; i < n; i++) {
        const struct view_ops *ops = view_ops(states[i].view);
        const char *hint = ops->hints_now(&states[i].app);
        cr_assert_not_null(hint, "state %zu: %s", i, ops->title);
        cr_expect_str_neq(hint, ops->hints);
        expect_no_key(hint);
        expect_works(hint, states[i].view);
        char *text = app_hint(hint, states[i].view == VIEW_FORM);
        cr_expect_leq(text_columns(text), 80, "state %zu: %s", i, text);
        free(text);
    }
}

/* What a view's hint names works there. */
Test(commands, hints_name_what_works) {
    for (int view = 0; view < VIEW_COUNT; view++)
        expect_works(view_ops((enum app_view)view)->hints, (enum app_view)view);
}

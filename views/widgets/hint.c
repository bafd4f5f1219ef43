#include "views/widgets/hint.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/terminal/input.h"

#include <stdlib.h>
#include <string.h>

#define WHILE_TYPING " while typing"

static const struct {
    const char *name, *keys;
} widgets[WIDGET_KEYS] = {
#define X(NAME, keys_) {#NAME, keys_},
#include "views/widgets/keys.def"
#undef X
};

/* Takes the first name of a key off a list; false: there is none. */
static bool next_key(char name[INPUT_NAME_SIZE], const char **keys) {
    size_t n = strcspn(*keys, " ");
    if (n == 0 || n >= INPUT_NAME_SIZE)
        return false;
    memcpy(name, *keys, n);
    name[n] = 0;
    *keys += n + ((*keys)[n] == ' ');
    return true;
}

bool keys_have(const char *keys, int key) {
    char name[INPUT_NAME_SIZE];
    while (next_key(name, &keys))
        if (input_from_name(name) == key)
            return true;
    return false;
}

bool widget_key(enum widget_key what, int key) {
    return keys_have(widgets[what].keys, key);
}

/* The first key; while typing, the first that is no character, if there is one. False: no keys. */
static bool first_key(char name[INPUT_NAME_SIZE], const char *keys, bool typing) {
    for (const char *at = keys; typing && next_key(name, &at);)
        if (!input_is_text(input_from_name(name)))
            return true;
    return next_key(name, &keys);
}

static bool is_name(const char *name, const char *text, size_t n) {
    return strncmp(name, text, n) == 0 && name[n] == 0;
}

/* *command: its id, −1 where a widget has the name. */
static const char *keys_of(int *command, const char *name, size_t n_name,
                           const struct command *commands, size_t n) {
    *command = -1;
    for (size_t i = 0; i < n; i++)
        if (commands[i].name && is_name(commands[i].name, name, n_name)) {
            *command = commands[i].id;
            return commands[i].keys;
        }
    for (size_t i = 0; i < WIDGET_KEYS; i++)
        if (is_name(widgets[i].name, name, n_name))
            return widgets[i].keys;
    return NULL;
}

/* What a name in braces stands for, and what a press on it does, as a mark says it. False: nothing
 * that is known. */
static bool resolve(char key[INPUT_NAME_SIZE], int *press, const char *name, size_t n_name,
                    const struct command *commands, size_t n, bool typing) {
    const size_t n_while = strlen(WHILE_TYPING);
    if (n_name > n_while && strncmp(name + n_name - n_while, WHILE_TYPING, n_while) == 0) {
        n_name -= n_while;
        typing = true;
    }
    const char *keys = keys_of(press, name, n_name, commands, n);
    if (!keys || !first_key(key, keys, typing))
        return false;
    if (*press < 0)
        *press = -input_from_name(key);
    return true;
}

enum form { PLAIN, FORMAT = 1, MARKED = 2 }; /* both together, too */

static void add_key(struct text_buffer *b, const char *key, int press, enum form form) {
    if (form & MARKED)
        text_buffer_format(b, TEXT_MARK, press);
    text_buffer_puts(b, form & FORMAT && strcmp(key, "%") == 0 ? "%%" : key);
}

static char *expand(const char *hint, const struct command *commands, size_t n, bool typing,
                    enum form form) {
    struct text_buffer b = {0};
    char key[INPUT_NAME_SIZE];
    int press;
    for (const char *at = hint, *open; *at;) {
        size_t before = strcspn(at, "{"), name;
        text_buffer_add(&b, at, before);
        open = at += before;
        if (!*open)
            break;
        name = strcspn(open + 1, "}");
        if (open[1 + name] && resolve(key, &press, open + 1, name, commands, n, typing)) {
            add_key(&b, key, press, form);
            at = open + 1 + name + 1;
        } else {
            text_buffer_puts(&b, "{");
            at = open + 1;
        }
    }
    return text_buffer_take(&b);
}

char *hint_text(const char *hint, const struct command *commands, size_t n, bool typing) {
    return expand(hint, commands, n, typing, PLAIN);
}

char *hint_marked(const char *hint, const struct command *commands, size_t n, bool typing) {
    return expand(hint, commands, n, typing, MARKED);
}

char *hint_format(const char *format, const struct command *commands, size_t n, bool typing,
                  bool marks) {
    return expand(format, commands, n, typing, marks ? FORMAT | MARKED : FORMAT);
}

char *widget_hint(const char *hint) {
    return expand(hint, NULL, 0, false, MARKED);
}

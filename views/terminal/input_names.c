/* Names of keys, both ways. */
#include "views/terminal/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

static const struct {
    int key;
    const char *name;
} names[] = {
    {INPUT_UP, "Up"},         {INPUT_DOWN, "Down"},           {INPUT_LEFT, "Left"},
    {INPUT_RIGHT, "Right"},   {INPUT_HOME, "Home"},           {INPUT_END, "End"},
    {INPUT_PAGE_UP, "PgUp"},  {INPUT_PAGE_DOWN, "PgDn"},      {INPUT_INSERT, "Insert"},
    {INPUT_DELETE, "Delete"}, {INPUT_BACKSPACE, "Backspace"}, {INPUT_TAB, "Tab"},
    {INPUT_ENTER, "Enter"},   {INPUT_ESCAPE, "Esc"},          {' ', "Space"},
};

static const struct {
    int bit;
    const char *name;
} prefixes[] = {{INPUT_CTRL, "Ctrl-"}, {INPUT_ALT, "Alt-"}, {INPUT_SHIFT, "Shift-"}};

#define N_NAMES (sizeof names / sizeof *names)
#define N_PREFIXES (sizeof prefixes / sizeof *prefixes)

void input_name(char name[INPUT_NAME_SIZE], int key) {
    size_t n = 0;
    for (size_t i = 0; i < N_PREFIXES; i++)
        if (key & prefixes[i].bit)
            n += (size_t)snprintf(name + n, INPUT_NAME_SIZE - n, "%s", prefixes[i].name);
    int base = key & INPUT_KEY_MASK;
    for (size_t i = 0; i < N_NAMES; i++)
        if (names[i].key == base) {
            snprintf(name + n, INPUT_NAME_SIZE - n, "%s", names[i].name);
            return;
        }
    if (base >= INPUT_F1 && base <= INPUT_F12) {
        snprintf(name + n, INPUT_NAME_SIZE - n, "F%d", base - INPUT_F1 + 1);
        return;
    }
    utf8proc_uint8_t utf8[5] = {0};
    if (base < 0x20 || base > 0x10FFFF || utf8proc_encode_char(base, utf8) <= 0)
        snprintf(name + n, INPUT_NAME_SIZE - n, "?");
    else
        snprintf(name + n, INPUT_NAME_SIZE - n, "%s", (const char *)utf8);
}

int input_from_name(const char *name) {
    int with = 0;
    for (size_t i = 0; i < N_PREFIXES; i++) {
        size_t n = strlen(prefixes[i].name);
        if (strncasecmp(name, prefixes[i].name, n) == 0 && name[n]) {
            with |= prefixes[i].bit;
            name += n;
            i = (size_t)-1; /* prefixes in any order */
        }
    }
    for (size_t i = 0; i < N_NAMES; i++)
        if (strcasecmp(name, names[i].name) == 0)
            return names[i].key | with;
    if ((name[0] == 'F' || name[0] == 'f') && name[1]) {
        char *end;
        long number = strtol(name + 1, &end, 10);
        return *end == '\0' && number >= 1 && number <= 12 ? (INPUT_F1 + (int)number - 1) | with
                                                           : INPUT_NONE;
    }
    utf8proc_int32_t c;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)name, -1, &c);
    if (!name[0] || n < 1 || name[n] || c < 0x20)
        return INPUT_NONE;
    if (with & INPUT_CTRL && c >= 'a' && c <= 'z')
        c += 'A' - 'a';
    return c | with;
}

bool input_is_text(int key) {
    return key >= 0x20 && key <= 0x10FFFF;
}

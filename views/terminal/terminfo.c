#include "views/terminal/terminfo.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_MOST 32768
#define MAGIC_16 0432  /* numbers of 16 bits */
#define MAGIC_32 01036 /* numbers of 32 bits */

/* Places in the predefined arrays (term.h's order). */
enum { NUMBER_COLOURS = 13, STRING_CUP = 10 };

/* One half of an entry: the predefined capabilities, or the extended ones (whose strings are
 * followed by the names). Numbers are widened.
 */
struct section {
    size_t n_bools, n_numbers, n_strings, n_names, n_table;
    const char *bools, *table;
    const unsigned char *numbers, *offsets;
};

struct entry {
    bool wide;
    const char *names;
    size_t n_names;
    struct section own, extended; /* extended.n_names: all three kinds */
};

static int read_16(const unsigned char *p) {
    return (int16_t)(p[0] | p[1] << 8);
}
static int64_t read_number(const unsigned char *p, bool wide) {
    return wide ? (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                            (uint32_t)p[3] << 24)
                : read_16(p);
}

/* Lays a section over `s` from *at on, which is moved past it. */
static bool parse_section(struct section *out, size_t *at, const char *s, size_t n, bool wide) {
    size_t start = *at;
    out->bools = s + start;
    start += out->n_bools;
    start += start & 1;
    out->numbers = (const unsigned char *)s + start;
    start += out->n_numbers * (wide ? 4 : 2);
    out->offsets = (const unsigned char *)s + start;
    start += (out->n_strings + out->n_names) * 2;
    out->table = s + start;
    start += out->n_table;
    *at = start;
    return start <= n;
}

static bool parse_entry(struct entry *out, const char *s, size_t n) {
    const unsigned char *u = (const unsigned char *)s;
    *out = (struct entry){0};
    if (n < 12 || n > ENTRY_MOST || (read_16(u) != MAGIC_16 && read_16(u) != MAGIC_32))
        return false;
    out->wide = read_16(u) == MAGIC_32;
    for (int i = 1; i < 6; i++)
        if (read_16(u + 2 * i) < 0)
            return false;
    out->names = s + 12;
    out->n_names = (size_t)read_16(u + 2);
    out->own = (struct section){.n_bools = (size_t)read_16(u + 4),
                                .n_numbers = (size_t)read_16(u + 6),
                                .n_strings = (size_t)read_16(u + 8),
                                .n_table = (size_t)read_16(u + 10)};
    size_t at = 12 + out->n_names;
    if (at > n || !parse_section(&out->own, &at, s, n, out->wide))
        return false;
    at += at & 1;
    if (at + 10 > n)
        return true; /* nothing extended */
    for (int i = 0; i < 5; i++)
        if (read_16(u + at + 2 * (size_t)i) < 0)
            return false;
    struct section *x = &out->extended;
    x->n_bools = (size_t)read_16(u + at);
    x->n_numbers = (size_t)read_16(u + at + 2);
    x->n_strings = (size_t)read_16(u + at + 4);
    x->n_names = x->n_bools + x->n_numbers + x->n_strings;
    x->n_table = (size_t)read_16(u + at + 8);
    at += 10;
    return parse_section(x, &at, s, n, out->wide);
}

/* A string of a section, NULL when it has none. NUL-terminated within the table. */
static const char *section_string(const struct section *s, size_t i, size_t base) {
    if (i >= s->n_strings + s->n_names)
        return NULL;
    int offset = read_16(s->offsets + 2 * i);
    if (offset < 0 || base + (size_t)offset >= s->n_table ||
        !memchr(s->table + base + offset, '\0', s->n_table - base - (size_t)offset))
        return NULL;
    return s->table + base + offset;
}

/* Where the names start in the extended table: behind the last string value. */
static size_t names_base(const struct section *x) {
    size_t base = 0;
    for (size_t i = 0; i < x->n_strings; i++) {
        const char *value = section_string(x, i, 0);
        size_t end = value ? (size_t)(value - x->table) + strlen(value) + 1 : 0;
        base = end > base ? end : base;
    }
    return base;
}

static bool has_rgb(const struct entry *entry) {
    const struct section *x = &entry->extended;
    size_t base = names_base(x);
    for (size_t i = 0; i < x->n_names; i++) {
        const char *name = section_string(x, x->n_strings + i, base);
        if (!name || strcmp(name, "RGB") != 0)
            continue;
        return i >= x->n_bools || x->bools[i] == 1;
    }
    return false;
}

static enum err_code malformed(struct err *e) {
    return err_set(e, ERR_FORMAT, "the terminal's terminfo entry is malformed");
}

/* −1: the entry does not say. */
static int64_t number_of(const struct section *s, size_t i, bool wide) {
    const size_t n_bytes = wide ? 4 : 2;
    return i < s->n_numbers ? read_number(s->numbers + i * n_bytes, wide) : -1;
}

enum err_code terminfo_facts(struct terminfo_facts *out, const char *s, size_t n, struct err *e) {
    struct entry entry;
    *out = (struct terminfo_facts){0};
    if (!parse_entry(&entry, s, n))
        return malformed(e);
    const struct section *own = &entry.own;
    int64_t colours = number_of(own, NUMBER_COLOURS, entry.wide);
    out->colours = colours > 0 ? (int)colours : 0;
    out->moves_cursor = section_string(own, STRING_CUP, 0) && own->n_strings > STRING_CUP;
    out->rgb = has_rgb(&entry);
    return ERR_OK;
}

static enum err_code read_from(char **entry, size_t *n, const char *folder, size_t n_folder,
                               const char *term, struct err *e) {
    enum err_code code = ERR_IO;
    for (int i = 0; i < 2 && code && n_folder > 0; i++) {
        /* A letter, or its code on file systems that ignore case. */
        char *path =
            i == 0 ? mem_format("%.*s/%c/%s", (int)n_folder, folder, term[0], term)
                   : mem_format("%.*s/%x/%s", (int)n_folder, folder, (unsigned char)term[0], term);
        code = file_read(entry, n, path, ENTRY_MOST, e);
        free(path);
    }
    return code;
}

enum err_code terminfo_read(char **entry, size_t *n, const char *term, struct err *e) {
    *entry = NULL;
    *n = 0;
    if (!term || !*term || strchr(term, '/') || term[0] == '.' || strlen(term) > 100)
        return err_set(e, ERR_IO, "no terminfo entry has such a name");
    const char *own = getenv("TERMINFO"), *list = getenv("TERMINFO_DIRS");
    char *home = file_home(".terminfo");
    char *folders =
        mem_format("%s:%s:%s:/etc/terminfo:/lib/terminfo:/usr/share/terminfo:/usr/lib/terminfo",
                   own && own[0] == '/' ? own : "", home, list ? list : "");
    enum err_code code = ERR_IO;
    for (const char *at = folders; code && at;) {
        const char *end = strchr(at, ':');
        code = read_from(entry, n, at, end ? (size_t)(end - at) : strlen(at), term, e);
        at = end ? end + 1 : NULL;
    }
    free(folders);
    free(home);
    if (code)
        return err_set(e, ERR_IO, "no terminfo entry found");
    return ERR_OK;
}

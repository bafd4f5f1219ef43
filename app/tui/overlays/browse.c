/* Files to choose: folders to walk through, or a path that is typed, with completion. What can be
 * opened comes first, the newest on top; the rest is shown on a key. */
#include "app/tui/overlays/overlay.h"

#include "backend/base/file.h"
#include "backend/base/folder.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_ENTRIES 5000
#define LEAST_COLUMNS 76 /* the box stays where it is from folder to folder */
#define LEAST_ROWS 21
#define PARENT (-2) /* the item's id; others are indices of entries */

struct browse {
    char *folder;          /* where typed paths begin; absolute, without a slash at its end */
    char *listed;          /* the folder that is listed */
    struct folder entries; /* of it */
    char *problem;         /* why there are none; NULL: there is nothing wrong */
    bool (*opens)(const char *name);
    bool all;      /* hidden ones, and files that cannot be opened */
    char **marked; /* [n_marked] paths */
    size_t n_marked;
};

/* --- paths --- */

/* Bytes of what is typed that name a folder. */
static size_t typed_folder(const char *typed) {
    const char *slash = strrchr(typed, '/');
    return slash ? (size_t)(slash - typed) + 1 : 0;
}

/* A path that a person typed, owned by the caller. */
static char *path_of(const struct browse *b, const char *typed) {
    if (typed[0] == '~' && typed[1] == '/')
        return file_home(typed + 2);
    return *typed == '/' ? mem_text(typed) : file_join(b->folder, typed);
}

/* "~/results" of a path below the home, owned by the caller. */
static char *short_path(const char *path) {
    char *home = file_home(""), *shown;
    const size_t n = strlen(home) - (home[0] && home[strlen(home) - 1] == '/');
    if (n > 1 && strncmp(path, home, n) == 0 && (path[n] == '/' || !path[n]))
        shown = mem_format("~%s", path + n);
    else
        shown = mem_text(path);
    free(home);
    char *clean = text_clean(shown);
    free(shown);
    return clean;
}

static char *entry_path(const struct browse *b, const struct folder_entry *entry) {
    return file_join(b->listed, entry->name);
}

/* --- marks --- */

static size_t find_mark(const struct browse *b, const char *path) {
    size_t i = 0;
    while (i < b->n_marked && strcmp(b->marked[i], path) != 0)
        i++;
    return i;
}

static void toggle_mark(struct browse *b, const struct folder_entry *entry) {
    char *path = entry_path(b, entry);
    const size_t at = find_mark(b, path);
    if (at == b->n_marked) {
        b->marked = mem_resize(b->marked, (at + 1) * sizeof *b->marked);
        b->marked[b->n_marked++] = path;
        return;
    }
    free(path);
    free(b->marked[at]);
    memmove(&b->marked[at], &b->marked[at + 1], (--b->n_marked - at) * sizeof *b->marked);
}

/* --- the list --- */

/* "12.3 MB". */
static void write_size(char buf[16], int64_t size) {
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double n = (double)size;
    size_t unit = 0;
    for (; n >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        n /= 1000;
    snprintf(buf, 16, unit && n < 99.95 ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

static void add_entry(struct picker *p, const struct browse *b, size_t i) {
    const struct folder_entry *entry = &b->entries.items[i];
    char size[16] = "folder", date[24] = "", *name = text_clean(entry->name),
         *path = entry_path(b, entry);
    const time_t when = (time_t)entry->modified;
    struct tm tm;
    if (!entry->folder)
        write_size(size, entry->size);
    if (localtime_r(&when, &tm))
        strftime(date, sizeof date, "%Y-%m-%d %H:%M", &tm);
    const bool mark = find_mark(b, path) < b->n_marked;
    char *title = mem_format("%s%s%s", mark ? "✓ " : "", name, entry->folder ? "/" : ""),
         *right = mem_format("%8s  %s", size, date);
    picker_add(p, (int)i, title, right, NULL)->disabled =
        !entry->folder && !(entry->file && b->opens(entry->name));
    free(title);
    free(right);
    free(name);
    free(path);
}

/* What of the entries: those to open, folders, and the rest. */
enum pass { TO_OPEN, FOLDERS, REST };

static enum pass pass_of(const struct browse *b, const struct folder_entry *entry) {
    if (entry->folder)
        return FOLDERS;
    return entry->file && b->opens(entry->name) ? TO_OPEN : REST;
}

/* The newest file first; folders behind them, by name. */
static int by_worth(const void *a, const void *b) {
    const struct folder_entry *x = a, *y = b;
    if (x->folder != y->folder)
        return x->folder ? 1 : -1;
    if (!x->folder && x->modified != y->modified)
        return x->modified < y->modified ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void add_entries(struct picker *p, const struct browse *b, enum pass pass, bool hidden) {
    for (size_t i = 0; i < b->entries.n; i++) {
        const struct folder_entry *entry = &b->entries.items[i];
        if (pass_of(b, entry) == pass && (hidden || entry->name[0] != '.'))
            add_entry(p, b, i);
    }
}

static void name_list(struct picker *p, const struct browse *b) {
    char *path = short_path(b->listed);
    struct text_buffer title = {0};
    text_buffer_format(&title, "open  %s", path);
    if (b->problem)
        text_buffer_format(&title, " (%s)", b->problem);
    if (b->entries.more)
        text_buffer_format(&title, " (the first %d)", MOST_ENTRIES);
    if (b->n_marked)
        text_buffer_format(&title, "  %zu marked", b->n_marked);
    mem_replace(&p->title, text_buffer_take(&title));
    free(path);
}

static void fill_list(struct overlay *o) {
    struct browse *b = o->browse;
    struct picker *p = &o->picker;
    const char *leaf = picker_typed(p) + typed_folder(picker_typed(p));
    const bool hidden = b->all || *leaf == '.';
    const struct picker_item *selected = picker_selected(p);
    const int id = selected ? selected->id : -1;
    picker_clear(p);
    add_entries(p, b, TO_OPEN, hidden);
    add_entries(p, b, FOLDERS, hidden);
    if (strcmp(b->listed, "/") != 0)
        picker_add(p, PARENT, "../", "the folder above", NULL);
    if (b->all)
        add_entries(p, b, REST, true);
    p->skip = typed_folder(picker_typed(p));
    name_list(p, b);
    picker_ready(p, id);
}

/* The entries of the folder that is typed, where it is another one than before. */
static void list(struct overlay *o) {
    struct browse *b = o->browse;
    char *typed = mem_text_n(picker_typed(&o->picker), typed_folder(picker_typed(&o->picker)));
    char *path = *typed ? path_of(b, typed) : mem_text(b->folder), *real = realpath(path, NULL);
    struct err e;
    if (real)
        mem_replace(&path, real);
    if (!b->listed || strcmp(b->listed, path) != 0) {
        mem_replace(&b->listed, path);
        path = NULL;
        folder_dispose(&b->entries);
        const bool failed = folder_read(&b->entries, b->listed, MOST_ENTRIES, &e) != ERR_OK;
        mem_replace(&b->problem, failed ? mem_text(e.message) : NULL);
        if (b->entries.n)
            qsort(b->entries.items, b->entries.n, sizeof *b->entries.items, by_worth);
        o->picker.cursor = o->picker.n_shown; /* nothing is selected there yet */
    }
    free(path);
    free(typed);
    fill_list(o);
}

/* Another folder, with nothing typed. */
static void go_to(struct overlay *o, char *taken) {
    mem_replace(&o->browse->folder, taken);
    edit_set(&o->picker.filter, NULL);
    list(o);
}

static void go_up(struct overlay *o) {
    go_to(o, file_folder(o->browse->listed));
}

/* --- keys --- */

static const struct folder_entry *selected_entry(const struct overlay *o) {
    const struct picker_item *item = picker_selected(&o->picker);
    return item && item->id >= 0 ? &o->browse->entries.items[item->id] : NULL;
}

/* Paths, a NUL behind each, an empty one last. */
static void answer_paths(struct overlay_answer *out, struct overlay *o, const char *path) {
    const struct browse *b = o->browse;
    struct text_buffer text = {0};
    for (size_t i = 0; i < b->n_marked; i++)
        text_buffer_add(&text, b->marked[i], strlen(b->marked[i]) + 1);
    if (!b->n_marked)
        text_buffer_add(&text, path, strlen(path) + 1);
    overlay_say(out, o, OVERLAY_CHOSEN, -1, text_buffer_take(&text));
}

static void choose(struct overlay_answer *out, struct overlay *o) {
    const struct picker_item *item = picker_selected(&o->picker);
    const struct folder_entry *entry = selected_entry(o);
    char *path =
        entry ? entry_path(o->browse, entry) : path_of(o->browse, picker_typed(&o->picker));
    if (entry && entry->folder)
        go_to(o, mem_text(path));
    else if (item && !entry)
        go_up(o);
    else if (o->browse->n_marked || (item ? !item->disabled : *picker_typed(&o->picker)))
        answer_paths(out, o, path);
    free(path);
}

static void mark(struct overlay *o) {
    const struct picker_item *item = picker_selected(&o->picker);
    const struct folder_entry *entry = selected_entry(o);
    if (!entry || entry->folder || item->disabled)
        return;
    toggle_mark(o->browse, entry);
    fill_list(o);
    picker_move(&o->picker, 1);
}

/* How many bytes of a name go on as another does. */
static size_t common(const char *a, const char *b, size_t n) {
    size_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    while (i > 0 && ((unsigned char)a[i] & 0xC0) == 0x80)
        i--; /* whole characters */
    return i;
}

/* As a shell does: as far as the names that begin so are the same, else the selected name. */
static void complete(struct overlay *o) {
    const struct browse *b = o->browse;
    const char *typed = picker_typed(&o->picker);
    const size_t from = typed_folder(typed), n = strlen(typed + from);
    const struct folder_entry *found = NULL;
    size_t same = 0, matches = 0;
    for (size_t i = 0; i < b->entries.n; i++) {
        const struct folder_entry *entry = &b->entries.items[i];
        const bool offered = b->all || pass_of(b, entry) != REST;
        if (!offered || strncmp(entry->name, typed + from, n) != 0 ||
            (entry->name[0] == '.' && n == 0))
            continue;
        same = found ? common(found->name, entry->name, same) : strlen(entry->name);
        found = entry;
        matches++;
    }
    if (!found || (matches > 1 && same == n)) {
        found = selected_entry(o);
        same = found ? strlen(found->name) : 0;
        matches = 1;
    }
    if (!found)
        return;
    char *text = mem_format("%.*s%.*s%s", (int)from, typed, (int)same, found->name,
                            matches == 1 && found->folder ? "/" : "");
    edit_replace(&o->picker.filter, text);
    free(text);
    o->picker.cursor = o->picker.n_shown;
    list(o);
}

static void key_browse(struct overlay_answer *out, struct overlay *o, int key) {
    if (widget_key(WIDGET_COMPLETE, key)) {
        complete(o);
    } else if (widget_key(WIDGET_MARK, key) && o->picker.n_shown) { /* else it is a letter */
        mark(o);
    } else if (widget_key(WIDGET_HIDDEN, key)) {
        o->browse->all = !o->browse->all;
        fill_list(o);
    } else if (key == INPUT_BACKSPACE && edit_is_empty(&o->picker.filter)) {
        go_up(o);
    } else {
        const unsigned before = o->picker.filter.changes;
        const enum picker_result result = picker_key(&o->picker, key);
        if (result == PICKER_CHOSEN || widget_key(WIDGET_CHOOSE, key))
            choose(out, o);
        else if (result == PICKER_CLOSED)
            overlay_say(out, o, OVERLAY_LEFT, -1, NULL);
        else if (o->picker.filter.changes != before)
            list(o);
    }
}

static bool paste_browse(struct overlay_answer *out, struct overlay *o, const char *text,
                         size_t n) {
    (void)out;
    const bool taken = picker_paste(&o->picker, text, n);
    list(o);
    return taken;
}

static void mouse_browse(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                         const struct input_mouse *m) {
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN)
        picker_move(&o->picker, m->kind == MOUSE_WHEEL_UP ? -3 : 3);
    else if ((m->kind == MOUSE_PRESS || m->kind == MOUSE_DOUBLE) && picker_press(&o->picker, hit) &&
             m->kind == MOUSE_DOUBLE)
        choose(out, o);
}

static void draw_browse(struct grid *g, struct overlay *o) {
    picker_draw(g, grid_area(g), &o->picker);
}

static void dispose_browse(struct overlay *o) {
    struct browse *b = o->browse;
    for (size_t i = 0; i < b->n_marked; i++)
        free(b->marked[i]);
    free(b->marked);
    free(b->folder);
    free(b->listed);
    free(b->problem);
    folder_dispose(&b->entries);
    free(b);
    picker_dispose(&o->picker);
}

static const struct overlay_ops browse = {.key = key_browse,
                                          .paste = paste_browse,
                                          .mouse = mouse_browse,
                                          .draw = draw_browse,
                                          .dispose = dispose_browse};

void overlay_browse(struct overlay *o, const char *folder, const char *typed,
                    bool (*opens)(const char *name)) {
    char *real = realpath(folder, NULL);
    overlay_open(o, &browse);
    o->browse = mem_alloc(sizeof *o->browse);
    *o->browse = (struct browse){.folder = mem_text(real ? real : "/"), .opens = opens};
    free(real);
    picker_init(&o->picker, "open");
    o->typed = &o->picker.filter;
    o->picker.hint = "{CHOOSE} open  {MARK} mark  {COMPLETE} complete  {HIDDEN} all  {CLOSE} close";
    o->picker.least_columns = LEAST_COLUMNS;
    o->picker.least_rows = LEAST_ROWS;
    o->picker.prompt = "type a name or a path";
    edit_set(&o->picker.filter, typed);
    list(o);
}

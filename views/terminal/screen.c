#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "views/terminal/screen_private.h"

#include "backend/base/mem.h"
#include "views/terminal/clipboard.h"
#include "views/terminal/rescue.h"
#include "views/terminal/terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

static struct screen *open_screen; /* for the hook of exhausted memory only */

void screen_take_size(struct screen *s) {
    struct winsize size;
    if (!s->test && ioctl(s->fd_out, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resize_term(size.ws_row, size.ws_col);
    s->rows = getmaxy(stdscr);
    s->columns = getmaxx(stdscr);
}

/* ---- opening ---- */

/* newterm with the entry as patched for `direct` in the TERMINFO variable, which is put back
 * afterwards: child processes must not inherit it. */
static SCREEN *start_curses(const struct screen *s, const char *entry, size_t n_entry,
                            bool direct) {
    struct err ignored;
    char *patched = NULL;
    size_t n = 0;
    if (!entry || terminfo_patch(&patched, &n, entry, n_entry, direct, &ignored) != ERR_OK)
        return direct ? NULL : newterm(s->term, s->out, s->in);
    char *variable = terminfo_variable(patched, n), *before = mem_text(getenv("TERMINFO"));
    setenv("TERMINFO", variable, 1);
    SCREEN *curses = newterm(s->term, s->out, s->in);
    if (before)
        setenv("TERMINFO", before, 1);
    else
        unsetenv("TERMINFO");
    free(before);
    free(variable);
    free(patched);
    return curses || direct ? curses : newterm(s->term, s->out, s->in);
}

/* What a crash must send: attributes, colours, cursor, keypad and the ordinary screen back, then
 * the modes above off. */
static void arm_rescue(struct screen *s, const struct termios *modes) {
    static const char *const names[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
    struct text_buffer b = {0};
    text_buffer_puts(&b, screen_modes_off());
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *value = tigetstr((char *)names[i]);
        if (value && value != (char *)-1)
            text_buffer_puts(&b, value);
    }
    static const char last_words[] =
        "\r\ntinseq has crashed; the terminal was restored, and finished runs are on disk\r\n";
    text_buffer_puts(&b, last_words);
    s->fd_signals = rescue_start(s->fd_out, s->fd_error, modes, b.text, b.n);
    text_buffer_dispose(&b);
}

static void close_on_exhausted(void) {
    screen_close(open_screen);
}

static void set_up_curses(struct screen *s, const struct screen_options *options) {
    raw();
    noecho();
    nonl();
    typeahead(-1); /* ncurses must not look at the input: it is read here */
    if (has_colors() && s->palette.depth != COLOUR_MONO && start_color() == OK &&
        use_default_colors() == OK) {
        enum colour_depth most = COLORS > 256 ? COLOUR_DIRECT : terminal_depth_of(COLORS);
        s->palette.depth =
            s->palette.depth < most || s->palette.depth == COLOUR_DIRECT ? s->palette.depth : most;
        if (s->palette.depth == COLOUR_DIRECT && most != COLOUR_DIRECT)
            s->palette.depth = most;
        s->pairs_most = COLOR_PAIRS - 1 < PAIRS_MOST ? COLOR_PAIRS - 1 : PAIRS_MOST;
    } else {
        /* Never ask for pairs without colours: ncurses 6.4 crashes. */
        s->palette.depth = COLOUR_MONO;
    }
    char *keypad_on = tigetstr((char *)"smkx");
    /* keypad() makes ncurses send this and the opposite. */
    if (keypad_on && keypad_on != (char *)-1)
        keypad(stdscr, TRUE);
    if (options->rows > 0 && options->columns > 0)
        resize_term(options->rows, options->columns);
}

static enum err_code unknown_terminal(const struct screen *s, struct err *e) {
    return err_set(e, ERR_USAGE,
                   "the terminal \"%.60s\" is not known here or cannot show screens; set TERM (for "
                   "example TERM=xterm-256color)",
                   s->term);
}

enum err_code screen_open(struct screen **out, const struct screen_options *options,
                          struct err *e) {
    *out = NULL;
    struct terminal_environment env = terminal_environment_now();
    if (options->term)
        env.term = options->term;
    enum err_code code = terminal_check(&env, e);
    if (code)
        return code;
    struct screen *s = mem_alloc(sizeof *s);
    *s = (struct screen){.fd_error = -1,
                         .fd_signals = -1,
                         .stale = true,
                         .mouse = !options->no_mouse,
                         .light = terminal_background_is_light(&env)};
    s->term = mem_text(env.term);
    char *entry = NULL;
    size_t n_entry = 0;
    struct terminfo_facts facts = {.moves_cursor = true, .colours = 256};
    if ((code = screen_choose_streams(s, options, e)) != ERR_OK)
        goto out;
    s->palette.ascii = !terminal_set_locale() || options->ascii;
    s->palette.console = strncmp(s->term, "linux", 5) == 0;
    struct err none;
    if (terminfo_read(&entry, &n_entry, s->term, &none) != ERR_OK) {
        code = unknown_terminal(s, e);
        goto out;
    }
    (void)!terminfo_facts(&facts, entry, n_entry, &none);
    s->palette.depth =
        options->depth < 0 ? terminal_depth(&env, &facts) : (enum colour_depth)options->depth;
    struct termios modes;
    bool has_modes = tcgetattr(s->fd_out, &modes) == 0;
    if (s->palette.depth == COLOUR_DIRECT && facts.colours <= 256)
        s->curses = start_curses(s, entry, n_entry, true);
    if (!s->curses)
        s->curses = start_curses(s, entry, n_entry, false);
    if (!s->curses || !facts.moves_cursor) {
        if (s->curses) {
            endwin();
            delscreen(s->curses);
            s->curses = NULL;
        }
        code = err_set(e, ERR_USAGE,
                       "the terminal \"%s\" is not known here or cannot show screens; set TERM "
                       "(for example TERM=xterm-256color)",
                       s->term);
        goto out;
    }
    set_up_curses(s, options);
    screen_quiet_stderr(s, options->log_path);
    arm_rescue(s, has_modes ? &modes : NULL);
    open_screen = s;
    mem_on_exhausted(close_on_exhausted);
    screen_take_size(s);
    screen_send_modes(s, true);
    screen_ask(s);
    *out = s;
    s = NULL;
out:
    free(entry);
    if (s) {
        if (s->tty)
            fclose(s->tty);
        free(s->term);
        free(s);
    }
    return code;
}

void screen_close(struct screen *s) {
    if (!s || s != open_screen)
        return;
    open_screen = NULL;
    mem_on_exhausted(NULL);
    if (!s->away) {
        screen_await_answer(s);
        screen_send_modes(s, false);
        curs_set(1);
        endwin();
    }
    rescue_end();
    screen_loud_stderr(s);
    delscreen(s->curses);
    if (s->tty)
        fclose(s->tty);
    grid_dispose(&s->shown);
    input_dispose(&s->decoder);
    burst_dispose(&s->burst);
    free(s->term);
    free(s);
}

void screen_size(int *rows, int *columns, const struct screen *s) {
    *rows = s->rows;
    *columns = s->columns;
}

enum colour_depth screen_depth(const struct screen *s) {
    return s->palette.depth;
}
bool screen_is_ascii(const struct screen *s) {
    return s->palette.ascii;
}

const char *screen_suggest_theme(const struct screen *s) {
    if (s->palette.depth == COLOUR_MONO)
        return "mono";
    return s->light ? "light" : "dark";
}

/* ---- showing ---- */

static void forget_pairs(struct screen *s) {
    memset(s->slots, 0, sizeof s->slots);
    s->n_pairs = 0;
}

/* The pair of two colours, made when new. −1 when there are no more. */
static int pair_of(struct screen *s, int fg, int bg) {
    if (s->palette.depth == COLOUR_MONO || (fg < 0 && bg < 0))
        return 0;
    uint32_t hash = ((uint32_t)fg * 2654435761u) ^ ((uint32_t)bg * 2246822519u);
    for (uint32_t i = hash >> 16;; i++) {
        struct pair_slot *slot = &s->slots[i % SLOTS];
        if (slot->pair && slot->fg == fg && slot->bg == bg)
            return slot->pair;
        if (slot->pair)
            continue;
        if (s->n_pairs >= s->pairs_most || init_extended_pair(s->n_pairs + 1, fg, bg) == ERR)
            return -1;
        *slot = (struct pair_slot){fg, bg, ++s->n_pairs};
        return slot->pair;
    }
}

static attr_t attributes_of(const struct look *l) {
    attr_t all = 0;
    if (l->bold)
        all |= A_BOLD;
    if (l->dim)
        all |= A_DIM;
    if (l->underline)
        all |= A_UNDERLINE;
    if (l->reverse)
        all |= A_REVERSE;
    return all;
}

/* False when there were no pairs left for the cell. */
static bool put_cell(struct screen *s, int row, int column, const struct cell *c) {
    struct look look;
    wchar_t wide[8];
    size_t n = 0;
    look_of_cell(&look, c, &s->palette);
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)look.text;
    while (*at && n < 6) {
        utf8proc_int32_t code_point;
        utf8proc_ssize_t used = utf8proc_iterate(at, -1, &code_point);
        if (used < 1)
            break;
        wide[n++] = (wchar_t)code_point;
        at += used;
    }
    wide[n] = L'\0';
    const attr_t attributes = attributes_of(&look);
    int pair = pair_of(s, look.fg, look.bg), shown_pair = pair < 0 ? 0 : pair;
    cchar_t cc;
    if (s->palette.ascii && n == 2) { /* "??" for a wide character */
        wchar_t second[2] = {wide[1], L'\0'};
        if (setcchar(&cc, second, attributes, 0, &shown_pair) == OK)
            mvadd_wch(row, column + 1, &cc);
        wide[1] = L'\0';
    }
    if (setcchar(&cc, wide, attributes, 0, &shown_pair) == OK)
        mvadd_wch(row, column,
                  &cc); /* ERR in the last column of the last row, where it works all the same */
    return pair >= 0;
}

static bool same_number(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_cell(const struct cell *a, const struct cell *b) {
    return a->width == b->width && a->role == b->role && a->reverse == b->reverse &&
           a->underline == b->underline && a->bold == b->bold && strcmp(a->text, b->text) == 0 &&
           (a->role != STYLE_HEAT ||
            (a->scale == b->scale && a->heat_kind == b->heat_kind &&
             same_number(a->heat, b->heat) && same_number(a->lower, b->lower)));
}

/* False when pairs ran out on the way. */
static bool put_grid(struct screen *s, const struct grid *g) {
    bool enough = true;
    for (int row = 0; row < g->rows && row < s->rows; row++)
        for (int column = 0; column < g->columns && column < s->columns; column++) {
            const struct cell *c = grid_at(g, row, column),
                              *old = s->stale ? NULL : grid_at(&s->shown, row, column);
            if (c->width > 0 && !(old && same_cell(c, old)))
                enough = put_cell(s, row, column, c) && enough;
        }
    return enough;
}

void screen_blit(struct screen *s, const struct grid *g, const struct theme *theme,
                 const struct colour_map *diverging, const struct colour_map *sequential) {
    struct palette old = s->palette;
    s->palette.theme = theme;
    s->palette.diverging =
        colour_map_on(diverging ? diverging : colour_map_find(theme->diverging), theme->dark);
    s->palette.sequential =
        colour_map_on(sequential ? sequential : colour_map_find(theme->sequential), theme->dark);
    if (s->away)
        return;
    if (old.theme != theme || old.diverging != s->palette.diverging ||
        old.sequential != s->palette.sequential || s->shown.rows != g->rows ||
        s->shown.columns != g->columns)
        s->stale = true;
    if (s->stale)
        erase();
    if (!put_grid(s,
                  g)) { /* start over with an empty table: everything on the screen is set again */
        forget_pairs(s);
        s->stale = true;
        (void)put_grid(s, g);
    }
    if (s->shown.rows != g->rows || s->shown.columns != g->columns) {
        grid_dispose(&s->shown);
        grid_init(&s->shown, g->rows, g->columns);
    }
    memcpy(s->shown.cells, g->cells, (size_t)g->rows * (size_t)g->columns * sizeof *g->cells);
    s->stale = false;
    bool visible = g->cursor_row >= 0 && g->cursor_row < s->rows && g->cursor_column < s->columns;
    curs_set(visible);
    if (visible)
        move(g->cursor_row, g->cursor_column);
    refresh();
}

void screen_redraw(struct screen *s) {
    s->stale = true;
    clearok(curscr, TRUE);
}

void screen_mouse(struct screen *s, bool on) {
    if (s->mouse == on)
        return;
    s->mouse = on;
    screen_send_mouse(s, on);
}

void screen_leave(struct screen *s) {
    if (s->away)
        return;
    screen_send_modes(s, false);
    curs_set(1);
    endwin();
    s->away = true;
}

void screen_return(struct screen *s) {
    s->away = false;
    screen_take_size(s);
    screen_redraw(s);
    refresh(); /* leaves endwin's state: modes, keypad and the alternate screen are back */
    screen_send_modes(s, true);
    s->resized = true;
}

enum err_code screen_copy(const char **path, struct screen *s, const char *text, size_t n,
                          struct err *e) {
    struct text_buffer sequence = {0};
    bool understands = !s->palette.console && strncmp(s->term, "vt", 2) != 0;
    if (understands && clipboard_sequence(&sequence, text, n))
        screen_send(s, sequence.text, sequence.n);
    text_buffer_dispose(&sequence);
    return clipboard_write_file(path, text, n, e);
}

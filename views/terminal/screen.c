#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "views/terminal/screen_private.h"

#include "backend/base/mem.h"
#include "views/terminal/rescue.h"
#include "views/terminal/terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAIN_MS 1000 /* for a terminal to take what is on its way, before others write to it */

static struct screen *open_screen; /* for the hook of exhausted memory only */

void screen_take_size(struct screen *s) {
    struct winsize size;
    if (!s->test && ioctl(s->fd_out, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resize_term(size.ws_row, size.ws_col);
    s->rows = getmaxy(stdscr);
    s->columns = getmaxx(stdscr);
}

/* ---- what the terminal can do ---- */

/* A capability without its delays ("$<5>"), owned by the caller; NULL: it has none. */
static char *capability(const char *name) {
    const char *at = tigetstr((char *)name);
    struct text_buffer b = {0};
    if (!at || at == (const char *)-1)
        return NULL;
    while (*at) {
        const size_t n = strcspn(at, "$"), delay = strcspn(at + n, ">");
        text_buffer_add(&b, at, n);
        at += n;
        if (at[0] == '$' && at[1] == '<' && at[delay] == '>')
            at += delay + 1;
        else if (*at)
            text_buffer_add(&b, at++, 1);
    }
    return text_buffer_take(&b);
}

/* Many entries also leave a character set in it that is never entered here. */
static char *normal_capability(void) {
    char *normal = capability("sgr0");
    if (normal && strstr(normal, "\033[m"))
        mem_replace(&normal, mem_text("\033[m"));
    return normal;
}

/* n: of colours; above 256 they are no palette's, but every such terminal has that, too. */
static void take_colours(struct capabilities *can, int n) {
    static const char *const names[] = {"setaf", "setab"};
    for (int which = 0; which < 2; which++) {
        char *setter = n > 256 ? NULL : capability(names[which]);
        for (int i = 0; i < n && i < 256; i++) {
            char *made = setter ? tparm(setter, i, 0, 0, 0, 0, 0, 0, 0, 0) : NULL;
            can->colours[which][i] = made ? mem_text(made) : NULL;
            if (n > 256)
                can->colours[which][i] = mem_format("\033[%d;5;%dm", which == 0 ? 38 : 48, i);
        }
        free(setter);
    }
}

static const char *go_by_entry(int row, int column) {
    static char *cup;
    if (!cup)
        cup = capability("cup");
    return cup ? tparm(cup, row, column, 0, 0, 0, 0, 0, 0, 0) : "";
}

static void take_capabilities(struct capabilities *can, int n_colours) {
    char *go = capability("cup"), *own = capability("op"), *leave = capability("rmcup");
    *can = (struct capabilities){.normal = normal_capability(),
                                 .bold = capability("bold"),
                                 .dim = capability("dim"),
                                 .underline = capability("smul"),
                                 .reverse = capability("rev"),
                                 .clear = capability("clear"),
                                 .clear_line = capability("el"),
                                 .show_cursor = capability("cnorm"),
                                 .hide_cursor = capability("civis"),
                                 .scrolls_away = leave == NULL};
    const int bits = tigetnum((char *)"ncv");
    can->not_with_colours = bits > 0 ? bits : 0;
    can->keeps_last = tigetflag((char *)"am") <= 0 || tigetflag((char *)"xenl") > 0;
    if (go && strcmp(go, "\033[%i%p1%d;%p2%dH") != 0)
        can->go = go_by_entry;
    if (own && strcmp(own, "\033[39;49m") == 0) {
        can->own_ink = mem_text("\033[39m");
        can->own_paper = mem_text("\033[49m");
    }
    take_colours(can, n_colours);
    free(leave);
    free(own);
    free(go);
}

static void drop_capabilities(struct capabilities *can) {
    char *all[] = {can->normal,     can->bold,        can->dim,        can->underline,
                   can->reverse,    can->own_ink,     can->own_paper,  can->clear,
                   can->clear_line, can->show_cursor, can->hide_cursor};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    for (int i = 0; i < 512; i++)
        free(can->colours[i / 256][i % 256]);
    *can = (struct capabilities){0};
}

/* ---- opening ---- */

/* newterm; with an entry of the program's own in the TERMINFO variable, which is put back
 * afterwards: child processes must not inherit it. */
static SCREEN *start_curses(const struct screen *s, const struct terminal_entry *entry) {
    const char *set = getenv("TERMINFO");
    char *before = set ? mem_text(set) : NULL;
    if (entry->own)
        setenv("TERMINFO", entry->own, 1);
    SCREEN *curses = newterm(entry->name, s->out, s->in);
    if (before)
        setenv("TERMINFO", before, 1);
    else
        unsetenv("TERMINFO");
    free(before);
    return curses;
}

/* What a crash must send: attributes, colours, cursor, keypad and the ordinary screen back, then
 * the modes above off. */
static void arm_rescue(struct screen *s, const struct termios *modes) {
    static const char *const names[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
    struct text_buffer b = {0};
    text_buffer_puts(&b, screen_modes_off());
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *value = capability(names[i]);
        text_buffer_puts(&b, value ? value : "");
        free(value);
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

/* The rung that was asked for, or found, as far as the terminal has colours for it. */
static enum colour_depth depth_of(enum colour_depth wanted, int n_colours) {
    if (n_colours < 8)
        return COLOUR_MONO;
    const enum colour_depth most = terminal_depth_of(n_colours);
    return wanted == COLOUR_DIRECT || wanted < most ? wanted : most;
}

static void set_up_curses(const struct screen_options *options) {
    raw();
    noecho();
    nonl();
    typeahead(-1); /* ncurses must not look at the input: it is read here */
    char *keypad_on = capability("smkx");
    /* keypad() makes ncurses send this and the opposite. */
    if (keypad_on)
        keypad(stdscr, TRUE);
    free(keypad_on);
    if (options->rows > 0 && options->columns > 0)
        resize_term(options->rows, options->columns);
    refresh(); /* the other screen, where there is one, and an empty one */
}

static void free_screen(struct screen *s) {
    drop_capabilities(&s->can);
    outlet_close(&s->outlet);
    if (s->tty)
        fclose(s->tty);
    grid_dispose(&s->shown);
    text_buffer_dispose(&s->frame);
    input_dispose(&s->decoder);
    burst_dispose(&s->burst);
    free(s->term);
    free(s);
}

/* Everything that the terminal itself is opened by; the screen is usable afterwards. */
static enum err_code open_terminal(struct screen *s, const struct screen_options *options,
                                   const struct terminal_environment *env, struct err *e) {
    struct terminal_entry entry;
    struct termios modes;
    const bool has_modes = tcgetattr(s->fd_out, &modes) == 0;
    terminal_find_entry(&entry, s->term);
    if (entry.facts.moves_cursor)
        s->curses = start_curses(s, &entry);
    if (!s->curses)
        return err_set(e, ERR_USAGE,
                       "the terminal \"%.60s\" cannot show screens; set TERM (for example "
                       "TERM=xterm-256color)",
                       s->term);
    s->palette.depth = depth_of(options->depth < 0 ? terminal_depth(env, &entry.facts)
                                                   : (enum colour_depth)options->depth,
                                entry.facts.colours);
    s->stand_in = entry.stands_in ? entry.name : NULL;
    set_up_curses(options);
    take_capabilities(&s->can, entry.facts.colours);
    outlet_open(&s->outlet, s->fd_out);
    screen_quiet_stderr(s, options->log_path);
    arm_rescue(s, has_modes ? &modes : NULL);
    return ERR_OK;
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
                         .outlet = {.fd = -1, .owned = -1},
                         .cursor_shown = -1,
                         .stale = true,
                         .mouse = !options->no_mouse,
                         .light = terminal_background_is_light(&env)};
    s->term = mem_text(env.term);
    if ((code = screen_choose_streams(s, options, e)) != ERR_OK)
        goto out;
    s->palette.ascii = !terminal_set_locale() || options->ascii;
    s->palette.console = strncmp(s->term, "linux", 5) == 0;
    if ((code = open_terminal(s, options, &env, e)) != ERR_OK)
        goto out;
    open_screen = s;
    mem_on_exhausted(close_on_exhausted);
    screen_take_size(s);
    screen_send_modes(s, true);
    screen_ask(s);
    *out = s;
    s = NULL;
out:
    if (s)
        free_screen(s);
    return code;
}

/* Back to what was before; ncurses writes here itself. What the terminal has not taken until then
 * it will not take. */
static void end_curses(struct screen *s) {
    screen_await_answers(s);
    screen_send_modes(s, false);
    if (s->can.show_cursor)
        screen_send(s, s->can.show_cursor, strlen(s->can.show_cursor));
    s->cursor_shown = 1;
    if (!outlet_drain(&s->outlet, DRAIN_MS))
        (void)tcflush(s->fd_out, TCOFLUSH);
    endwin();
    if (s->can.scrolls_away) /* what comes next begins below the last frame */
        (void)!write(s->fd_out, "\r\n", 2);
}

void screen_close(struct screen *s) {
    if (!s || s != open_screen)
        return;
    open_screen = NULL;
    mem_on_exhausted(NULL);
    if (!s->away) {
        end_curses(s);
    }
    rescue_end();
    screen_loud_stderr(s);
    delscreen(s->curses);
    free_screen(s);
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

const char *screen_stand_in(const struct screen *s) {
    return s->stand_in;
}

const char *screen_suggest_theme(const struct screen *s) {
    if (s->palette.depth == COLOUR_MONO)
        return "mono";
    return s->light ? "light" : "dark";
}

void screen_leave(struct screen *s) {
    if (s->away)
        return;
    end_curses(s);
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

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "views/screen.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "views/clipboard.h"
#include "views/look.h"
#include "views/rescue.h"
#include "views/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <utf8proc.h>

#define PAIRS_MOST 4096
#define SLOTS 8192 /* of the pair table: a power of two, at most half full */
#define PASTE_WAIT_MS 1000

/* Modes that terminfo does not know: mouse (press, drag, wide coordinates), bracketed paste, no reordering of right-to-left text (it would
 * swap the map's columns). A terminal that knows none of them ignores them. */
static const char modes_on[] = "\033[?2004h\033[8l", modes_off[] = "\033[?2004l\033[8h";
static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h", mouse_off[] = "\033[?1006l\033[?1002l\033[?1000l";

struct pair_slot {
    int fg, bg, pair; /* pair 0: free */
};

struct screen {
    SCREEN *curses;
    FILE *in, *out, *tty; /* tty: opened here, or NULL */
    int fd_in, fd_out, fd_signals;
    int fd_error; /* what standard error was */
    struct palette palette;
    bool mouse, away, light, test, stale; /* stale: what is shown is unknown */
    char *term;
    struct grid shown;
    struct pair_slot slots[SLOTS];
    int n_pairs, pairs_most;
    struct input_decoder decoder;
    long decoder_deadline;
    bool resized;
    int rows, columns;
};

static struct screen *open_screen; /* for the hook of exhausted memory only */

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void send(const struct screen *s, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t put = write(s->fd_out, bytes, n);
        if (put < 0 && errno != EINTR)
            return; /* the terminal is gone; reading will say so */
        if (put > 0) {
            bytes += put;
            n -= (size_t)put;
        }
    }
}

static void send_modes(const struct screen *s, bool on) {
    send(s, on ? modes_on : modes_off, strlen(on ? modes_on : modes_off));
    if (s->mouse)
        send(s, on ? mouse_on : mouse_off, strlen(on ? mouse_on : mouse_off));
}

static void take_size(struct screen *s) {
    struct winsize size;
    if (!s->test && ioctl(s->fd_out, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resize_term(size.ws_row, size.ws_col);
    s->rows = getmaxy(stdscr);
    s->columns = getmaxx(stdscr);
}

/* ---- opening ---- */

static void quiet_stderr(struct screen *s, const char *path) {
    int fd = -1;
    if (path) {
        struct err ignored;
        char *folder = mem_text(path), *slash = strrchr(folder, '/');
        if (slash && slash != folder) {
            *slash = '\0';
            (void)!file_make_folders(folder, &ignored);
        }
        free(folder);
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (fd < 0)
        fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    s->fd_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd >= 0) {
        fflush(stderr);
        (void)dup2(fd, STDERR_FILENO);
        close(fd);
    }
}

static void loud_stderr(struct screen *s) {
    if (s->fd_error < 0)
        return;
    fflush(stderr);
    (void)dup2(s->fd_error, STDERR_FILENO);
    close(s->fd_error);
    s->fd_error = -1;
}

/* newterm with the entry as patched for `direct` in the TERMINFO variable, which is put back afterwards: child processes must not inherit
 * it. */
static SCREEN *start_curses(const struct screen *s, const char *entry, size_t n_entry, bool direct) {
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
    return curses ? curses : direct ? NULL : newterm(s->term, s->out, s->in);
}

static enum err_code choose_streams(struct screen *s, const struct screen_options *options, struct err *e) {
    s->in = options->in ? options->in : stdin;
    s->out = options->out ? options->out : stdout;
    s->test = options->out != NULL;
    if (!s->test && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
        s->tty = fopen("/dev/tty", "r+e");
        if (!s->tty)
            return err_set(e, ERR_USAGE, "there is no terminal; use `tinseq attribute`, which prints plain text, JSON or HTML");
        s->in = isatty(STDIN_FILENO) ? stdin : s->tty;
        s->out = isatty(STDOUT_FILENO) ? stdout : s->tty;
    }
    s->fd_in = fileno(s->in);
    s->fd_out = fileno(s->out);
    return ERR_OK;
}

/* What a crash must send: attributes, colours, cursor, keypad and the ordinary screen back, then the modes above off. */
static void arm_rescue(struct screen *s, const struct termios *modes) {
    static const char *const names[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
    struct text_buffer b = {0};
    text_buffer_puts(&b, modes_off);
    text_buffer_puts(&b, mouse_off);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *value = tigetstr((char *)names[i]);
        if (value && value != (char *)-1)
            text_buffer_puts(&b, value);
    }
    static const char last_words[] = "\r\ntinseq has crashed; the terminal was restored, and finished runs are on disk\r\n";
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
    if (has_colors() && s->palette.depth != COLOUR_MONO && start_color() == OK && use_default_colors() == OK) {
        enum colour_depth most = COLORS > 256 ? COLOUR_DIRECT : COLORS >= 256 ? COLOUR_256 : COLORS >= 16 ? COLOUR_16 : COLOUR_8;
        s->palette.depth = s->palette.depth < most || s->palette.depth == COLOUR_DIRECT ? s->palette.depth : most;
        if (s->palette.depth == COLOUR_DIRECT && most != COLOUR_DIRECT)
            s->palette.depth = most;
        s->pairs_most = COLOR_PAIRS - 1 < PAIRS_MOST ? COLOR_PAIRS - 1 : PAIRS_MOST;
    } else {
        s->palette.depth = COLOUR_MONO; /* never ask for pairs without colours: ncurses 6.4 crashes */
    }
    char *keypad_on = tigetstr((char *)"smkx");
    if (keypad_on && keypad_on != (char *)-1) /* keypad() makes ncurses send this and the opposite */
        keypad(stdscr, TRUE);
    if (options->rows > 0 && options->columns > 0)
        resize_term(options->rows, options->columns);
}

enum err_code screen_open(struct screen **out, const struct screen_options *options, struct err *e) {
    *out = NULL;
    struct terminal_environment env = terminal_environment_now();
    if (options->term)
        env.term = options->term;
    enum err_code code = terminal_check(&env, e);
    if (code != ERR_OK)
        return code;
    struct screen *s = mem_alloc(sizeof *s);
    *s = (struct screen){
        .fd_error = -1, .fd_signals = -1, .stale = true, .mouse = !options->no_mouse, .light = terminal_background_is_light(&env)};
    s->term = mem_text(env.term);
    char *entry = NULL;
    size_t n_entry = 0;
    struct terminfo_facts facts = {.moves_cursor = true, .colours = 256};
    if ((code = choose_streams(s, options, e)) != ERR_OK)
        goto out;
    s->palette.ascii = !terminal_set_locale() || options->ascii;
    s->palette.console = strncmp(s->term, "linux", 5) == 0;
    struct err none;
    if (terminfo_read(&entry, &n_entry, s->term, &none) == ERR_OK)
        (void)!terminfo_facts(&facts, entry, n_entry, &none);
    s->palette.depth = options->depth < 0 ? terminal_depth(&env, &facts) : (enum colour_depth)options->depth;
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
                       "the terminal \"%s\" is not known here or cannot show screens; set TERM (for example TERM=xterm-256color)", s->term);
        goto out;
    }
    set_up_curses(s, options);
    quiet_stderr(s, options->log_path);
    arm_rescue(s, has_modes ? &modes : NULL);
    open_screen = s;
    mem_on_exhausted(close_on_exhausted);
    take_size(s);
    send_modes(s, true);
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
        send_modes(s, false);
        curs_set(1);
        endwin();
    }
    rescue_end();
    loud_stderr(s);
    delscreen(s->curses);
    if (s->tty)
        fclose(s->tty);
    grid_dispose(&s->shown);
    input_dispose(&s->decoder);
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
    return s->palette.depth == COLOUR_MONO ? "mono" : s->light ? "light" : "dark";
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
    attr_t attributes =
        (look.bold ? A_BOLD : 0) | (look.dim ? A_DIM : 0) | (look.underline ? A_UNDERLINE : 0) | (look.reverse ? A_REVERSE : 0);
    int pair = pair_of(s, look.fg, look.bg), shown_pair = pair < 0 ? 0 : pair;
    cchar_t cc;
    if (s->palette.ascii && n == 2) { /* "??" for a wide character */
        wchar_t second[2] = {wide[1], L'\0'};
        if (setcchar(&cc, second, attributes, 0, &shown_pair) == OK)
            mvadd_wch(row, column + 1, &cc);
        wide[1] = L'\0';
    }
    if (setcchar(&cc, wide, attributes, 0, &shown_pair) == OK)
        mvadd_wch(row, column, &cc); /* ERR in the last column of the last row, where it works all the same */
    return pair >= 0;
}

static bool same_number(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_cell(const struct cell *a, const struct cell *b) {
    return a->width == b->width && a->role == b->role && a->reverse == b->reverse && a->underline == b->underline && a->bold == b->bold &&
           strcmp(a->text, b->text) == 0 &&
           (a->role != STYLE_HEAT ||
            (a->scale == b->scale && a->heat_kind == b->heat_kind && same_number(a->heat, b->heat) && same_number(a->lower, b->lower)));
}

/* False when pairs ran out on the way. */
static bool put_grid(struct screen *s, const struct grid *g) {
    bool enough = true;
    for (int row = 0; row < g->rows && row < s->rows; row++)
        for (int column = 0; column < g->columns && column < s->columns; column++) {
            const struct cell *c = grid_at(g, row, column), *old = s->stale ? NULL : grid_at(&s->shown, row, column);
            if (c->width > 0 && !(old && same_cell(c, old)))
                enough = put_cell(s, row, column, c) && enough;
        }
    return enough;
}

void screen_blit(struct screen *s, const struct grid *g, const struct theme *theme, const struct colour_map *diverging,
                 const struct colour_map *sequential) {
    struct palette old = s->palette;
    s->palette.theme = theme;
    s->palette.diverging = diverging ? diverging : colour_map_find(theme->diverging);
    s->palette.sequential = sequential ? sequential : colour_map_find(theme->sequential);
    if (s->away)
        return;
    if (old.theme != theme || old.diverging != s->palette.diverging || old.sequential != s->palette.sequential ||
        s->shown.rows != g->rows || s->shown.columns != g->columns)
        s->stale = true;
    if (s->stale)
        erase();
    if (!put_grid(s, g)) { /* start over with an empty table: everything on the screen is set again */
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
    send(s, on ? mouse_on : mouse_off, strlen(on ? mouse_on : mouse_off));
}

void screen_leave(struct screen *s) {
    if (s->away)
        return;
    send_modes(s, false);
    curs_set(1);
    endwin();
    s->away = true;
}

void screen_return(struct screen *s) {
    s->away = false;
    take_size(s);
    screen_redraw(s);
    refresh(); /* leaves endwin's state: modes, keypad and the alternate screen are back */
    send_modes(s, true);
    s->resized = true;
}

enum err_code screen_copy(const char **path, struct screen *s, const char *text, size_t n, struct err *e) {
    struct text_buffer sequence = {0};
    bool understands = !s->palette.console && strncmp(s->term, "vt", 2) != 0;
    if (understands && clipboard_sequence(&sequence, text, n))
        send(s, sequence.text, sequence.n);
    text_buffer_dispose(&sequence);
    return clipboard_write_file(path, text, n, e);
}

/* ---- waiting ---- */

/* Handles waiting signals; true when one of them is an event. */
static bool take_signal(struct input_event *out, struct screen *s) {
    for (int number; (number = rescue_next()) != 0;) {
        switch (number) {
        case SIGTERM:
        case SIGHUP:
            *out = (struct input_event){.kind = INPUT_EVENT_QUIT, .signal = number};
            return true;
        case SIGINT:
            *out = (struct input_event){.kind = INPUT_EVENT_KEY, .key = INPUT_CTRL | 'C'};
            return true;
        case SIGTSTP:
            screen_leave(s);
            rescue_stop_process();
            screen_return(s);
            break;
        case SIGCONT: /* stopped from outside (SIGSTOP): the shell has used the terminal since */
            screen_leave(s);
            screen_return(s);
            break;
        default:
            take_size(s);
            s->resized = true;
        }
    }
    return false;
}

/* An event that needs no waiting. */
static bool take_event(struct input_event *out, struct screen *s, bool no_more) {
    while (input_next(out, &s->decoder, no_more, now_ms())) {
        if (out->kind != INPUT_EVENT_KEY || out->key != (INPUT_CTRL | 'Z'))
            return true;
        screen_leave(s);
        rescue_stop_process();
        while (rescue_next() != 0) /* the SIGCONT of this very stop */
            ;
        screen_return(s);
        no_more = false;
    }
    if (!s->resized)
        return false;
    s->resized = false;
    *out = (struct input_event){.kind = INPUT_EVENT_RESIZE};
    return true;
}

/* False when the terminal is gone. */
static bool read_terminal(struct screen *s) {
    char bytes[4096];
    ssize_t n = read(s->fd_in, bytes, sizeof bytes);
    if (n > 0) {
        input_feed(&s->decoder, bytes, (size_t)n);
        s->decoder_deadline = now_ms() + (s->decoder.pasting ? PASTE_WAIT_MS : getenv("SSH_CONNECTION") ? 100 : 25);
    }
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static int wait_ms(const struct screen *s, long deadline, int timeout_ms) {
    long now = now_ms(), left = timeout_ms < 0 ? -1 : deadline > now ? deadline - now : 0;
    if (input_waits(&s->decoder)) {
        long decoder = s->decoder_deadline > now ? s->decoder_deadline - now : 0;
        left = left < 0 || decoder < left ? decoder : left;
    }
    return (int)left;
}

#define FDS_MOST 8

void screen_poll(struct input_event *out, struct screen *s, const int *fds, size_t n_fds, int timeout_ms) {
    long deadline = now_ms() + (timeout_ms > 0 ? timeout_ms : 0);
    struct pollfd waiting[2 + FDS_MOST];
    n_fds = n_fds < FDS_MOST ? n_fds : FDS_MOST;
    for (;;) {
        *out = (struct input_event){0};
        if (take_signal(out, s) || take_event(out, s, false))
            return;
        waiting[0] = (struct pollfd){.fd = s->fd_in, .events = POLLIN};
        waiting[1] = (struct pollfd){.fd = s->fd_signals, .events = POLLIN};
        for (size_t i = 0; i < n_fds; i++)
            waiting[2 + i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
        int ready = poll(waiting, 2 + n_fds, wait_ms(s, deadline, timeout_ms));
        if (ready < 0)
            continue; /* a signal: it is in the pipe */
        if (waiting[0].revents && !read_terminal(s)) {
            *out = (struct input_event){.kind = INPUT_EVENT_QUIT};
            return;
        }
        if (waiting[0].revents || waiting[1].revents)
            continue;
        for (size_t i = 0; i < n_fds; i++)
            if (waiting[2 + i].revents) {
                *out = (struct input_event){.kind = INPUT_EVENT_WAKE, .i_fd = i};
                return;
            }
        if (input_waits(&s->decoder) && now_ms() >= s->decoder_deadline && take_event(out, s, true))
            return;
        if (timeout_ms >= 0 && now_ms() >= deadline)
            return;
    }
}

#include "harness/term_private.h"

#include "backend/base/clock.h"
#include "backend/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
/* ncurses keeps what it knows of terminals until the end, and forgets some of it when TERMINFO
 * changes between two screens of one process.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libtinfo\n";
}
#endif

/* ---- the emulated terminal ---- */

static int on_property(VTermProp property, VTermValue *value, void *user) {
    struct term *t = user;
    if (property == VTERM_PROP_ALTSCREEN)
        t->modes.alternate = value->boolean;
    else if (property == VTERM_PROP_CURSORVISIBLE)
        t->modes.cursor_visible = value->boolean;
    else if (property == VTERM_PROP_MOUSE)
        t->modes.mouse = value->number;
    return 1;
}

static int on_move(VTermPos at, VTermPos from, int visible, void *user) {
    struct term *t = user;
    (void)from;
    (void)visible;
    t->modes.cursor_row = at.row;
    t->modes.cursor_column = at.col;
    return 1;
}

/* Replies of the terminal and encoded keys. */
static void on_output(const char *bytes, size_t n, void *user) {
    term_send(user, bytes, n);
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property, .movecursor = on_move};

static struct term *new_term(int rows, int columns) {
    struct term *t = mem_alloc(sizeof *t);
    t->rows = rows;
    t->columns = columns;
    t->master = t->keys = t->status = -1;
    t->modes.cursor_visible = true;
    t->vterm = vterm_new(rows, columns);
    vterm_set_utf8(t->vterm, 1);
    t->screen = vterm_obtain_screen(t->vterm);
    vterm_screen_set_callbacks(t->screen, &callbacks, t);
    vterm_screen_enable_altscreen(t->screen, 1);
    vterm_screen_reset(t->screen, 1);
    return t;
}

static void feed(struct term *t, const char *bytes, size_t n) {
    text_buffer_add(&t->raw, bytes, n);
    vterm_input_write(t->vterm, bytes, n);
}

/* ---- a program behind a pseudo-terminal ---- */

static void set_variable(char ***list, size_t *n, const char *entry) {
    size_t name = strcspn(entry, "=");
    for (size_t i = 0; i < *n; i++)
        if (strncmp((*list)[i], entry, name) == 0 && (*list)[i][name] == '=') {
            free((*list)[i]);
            (*list)[i] = (*list)[--*n];
            break;
        }
    *list = mem_resize(*list, (*n + 2) * sizeof **list);
    if (entry[name])
        (*list)[(*n)++] = mem_text(entry);
    (*list)[*n] = NULL;
}

static char **clean_environment(const char *const *env) {
    static const char *const fixed[] = {
        "TERM=xterm-256color",    "LC_ALL=C.UTF-8",     "TZ=UTC",
        "HOME=/nonexistent",      "PATH=/usr/bin:/bin", "OMP_NUM_THREADS=2",
        "OPENBLAS_NUM_THREADS=2", "SHELL=/bin/sh"};
    extern char **environ;
    char **list = NULL;
    size_t n = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        set_variable(&list, &n, fixed[i]);
    for (char **at = environ; *at; at++)
        if (strncmp(*at, "TINSEQ_", 7) == 0 || strncmp(*at, "ASAN_", 5) == 0 ||
            strncmp(*at, "LSAN_", 5) == 0 || strncmp(*at, "TSAN_", 5) == 0)
            set_variable(&list, &n, *at);
    for (; env && *env; env++)
        set_variable(&list, &n, *env);
    return list;
}

struct term *term_spawn(int rows, int columns, const char *const *argv, const char *const *env) {
    struct term *t = new_term(rows, columns);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    char **environment = clean_environment(env);
    vterm_output_set_callback(t->vterm, on_output, t);
    t->child = forkpty(&t->master, NULL, NULL, &size);
    if (t->child == 0) { /* nothing but exec: the parent may have threads */
        execve(argv[0], (char *const *)argv, environment);
        _exit(127);
    }
    for (char **at = environment; *at; at++)
        free(*at);
    free(environment);
    if (t->child < 0) {
        term_free(t);
        return NULL;
    }
    (void)fcntl(t->master, F_SETFL, O_NONBLOCK);
    (void)fcntl(t->master, F_SETFD, FD_CLOEXEC);
    return t;
}

/* ---- the screen of this process ---- */

struct term *term_screen(struct screen **out, int rows, int columns, const char *term_name,
                         int depth, bool ascii, struct err *e) {
    struct term *t = new_term(rows, columns);
    int pipe_ends[2] = {-1, -1};
    int memory = memfd_create("screen", MFD_CLOEXEC);
    if (memory < 0 || pipe2(pipe_ends, O_CLOEXEC) != 0)
        abort();
    t->out = fdopen(memory, "w+");
    t->in = fdopen(pipe_ends[0], "r");
    t->keys = pipe_ends[1];
    struct screen_options options = {.depth = depth,
                                     .ascii = ascii,
                                     .term = term_name ? term_name : "xterm-256color",
                                     .in = t->in,
                                     .out = t->out,
                                     .rows = rows,
                                     .columns = columns};
    if (screen_open(out, &options, e) != ERR_OK) {
        term_free(t);
        return NULL;
    }
    t->own = *out;
    return t;
}

void term_free(struct term *t) {
    if (!t)
        return;
    if (t->child > 0 && t->status < 0) {
        (void)kill(t->child, SIGKILL);
        (void)waitpid(t->child, NULL, 0);
    }
    if (t->master >= 0)
        close(t->master);
    screen_close(t->own);
    if (t->in)
        fclose(t->in);
    if (t->out)
        fclose(t->out);
    if (t->keys >= 0)
        close(t->keys);
    delay_dispose(&t->to);
    delay_dispose(&t->from);
    text_buffer_dispose(&t->raw);
    vterm_free(t->vterm);
    free(t);
}

/* ---- input ---- */

static void send_now(struct term *t, const char *bytes, size_t n) {
    int fd = t->master >= 0 ? t->master : t->keys;
    for (int tries = 0; n > 0 && tries < 1000;) {
        ssize_t put = write(fd, bytes, n);
        if (put > 0) {
            bytes += put;
            n -= (size_t)put;
            t->n_sent += put;
        } else if (put < 0 &&
                   errno ==
                       EAGAIN) { /* the program is busy printing: read on, or both wait for ever */
            struct pollfd wait = {.fd = fd, .events = POLLOUT | POLLIN};
            (void)poll(&wait, 1, 10);
            term_sync(t);
            tries++;
        } else if (put < 0 && errno != EINTR) {
            return;
        }
    }
}

void term_send(struct term *t, const char *bytes, size_t n) {
    if (t->delay_ms > 0)
        delay_put(&t->to, t, bytes, n);
    else
        send_now(t, bytes, n);
}

/* Bytes that the program's first thread has read of anything so far; 0: not known. */
static long bytes_read(const struct term *t) {
    char path[64], line[64];
    long n = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/io", (int)t->child, (int)t->child);
    FILE *f = t->child > 0 ? fopen(path, "re") : NULL;
    if (!f)
        return 0;
    if (!fgets(line, sizeof line, f) || sscanf(line, "rchar: %ld", &n) != 1)
        n = 0;
    fclose(f);
    return n;
}

/* Bytes that lie in the terminal for the program to read. */
static int bytes_unread(const struct term *t) {
    const char *name = ptsname(t->master);
    int fd = name ? open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1, n = 0;
    if (fd < 0)
        return 0;
    if (ioctl(fd, FIONREAD, &n) != 0)
        n = 0;
    close(fd);
    return n;
}

/* A person's key: waits until the program has read it. What else it reads are the terminal's
 * answers, an event's eight bytes, mostly; a file now and then. */
static void type_bytes(struct term *t, const char *bytes, size_t n) {
    const long before = bytes_read(t), sent = t->n_sent - bytes_unread(t);
    const int64_t began = clock_ms();
    term_send(t, bytes, n);
    for (int64_t passed = 0; before > 0 && passed < 2000 && !t->ended;
         passed = clock_ms() - began) {
        struct pollfd wait = {.fd = t->master, .events = POLLIN};
        (void)poll(&wait, 1, 1); /* it may be busy printing */
        term_sync(t);
        const long more = bytes_read(t) - before - (t->n_sent - sent);
        if (more >= 0 && (more % 8 == 0 || passed > 200) && bytes_unread(t) == 0)
            break;
    }
}

void term_type(struct term *t, const char *utf8) {
    for (size_t n; *utf8; utf8 += n) {
        n = text_character_bytes((unsigned char)*utf8);
        n = n > 0 ? n : 1;
        type_bytes(t, utf8, n);
    }
}

void term_key(struct term *t, const char *name) {
    static const struct {
        int key;
        const char *bytes;
    } sequences[] = {{INPUT_UP, "\033OA"},
                     {INPUT_DOWN, "\033OB"},
                     {INPUT_RIGHT, "\033OC"},
                     {INPUT_LEFT, "\033OD"},
                     {INPUT_HOME, "\033OH"},
                     {INPUT_END, "\033OF"},
                     {INPUT_PAGE_UP, "\033[5~"},
                     {INPUT_PAGE_DOWN, "\033[6~"},
                     {INPUT_INSERT, "\033[2~"},
                     {INPUT_DELETE, "\033[3~"},
                     {INPUT_BACKSPACE, "\x7f"},
                     {INPUT_TAB, "\t"},
                     {INPUT_TAB | INPUT_SHIFT, "\033[Z"},
                     {INPUT_ENTER, "\r"},
                     {INPUT_ESCAPE, "\033"},
                     {INPUT_F1, "\033OP"},
                     {INPUT_F1 + 1, "\033OQ"},
                     {INPUT_F1 + 2, "\033OR"},
                     {INPUT_F1 + 3, "\033OS"},
                     {INPUT_F1 + 4, "\033[15~"},
                     {INPUT_F1 + 5, "\033[17~"},
                     {INPUT_F1 + 6, "\033[18~"},
                     {INPUT_F1 + 7, "\033[19~"},
                     {INPUT_F1 + 8, "\033[20~"},
                     {INPUT_F1 + 9, "\033[21~"},
                     {INPUT_F1 + 10, "\033[23~"},
                     {INPUT_F1 + 11, "\033[24~"},
                     {INPUT_UP | INPUT_SHIFT, "\033[1;2A"},
                     {INPUT_DOWN | INPUT_SHIFT, "\033[1;2B"},
                     {INPUT_RIGHT | INPUT_SHIFT, "\033[1;2C"},
                     {INPUT_LEFT | INPUT_SHIFT, "\033[1;2D"},
                     {INPUT_UP | INPUT_CTRL, "\033[1;5A"},
                     {INPUT_DOWN | INPUT_CTRL, "\033[1;5B"},
                     {INPUT_RIGHT | INPUT_CTRL, "\033[1;5C"},
                     {INPUT_LEFT | INPUT_CTRL, "\033[1;5D"},
                     {INPUT_HOME | INPUT_CTRL, "\033[1;5H"},
                     {INPUT_END | INPUT_CTRL, "\033[1;5F"},
                     {' ' | INPUT_CTRL, ""}};
    int key = input_from_name(name);
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (sequences[i].key == key) {
            type_bytes(t, sequences[i].bytes,
                       key == (' ' | INPUT_CTRL) ? 1 : strlen(sequences[i].bytes));
            return;
        }
    int base = key & INPUT_KEY_MASK;
    if (key & INPUT_ALT)
        term_send(t, "\033", 1);
    if (key & INPUT_CTRL && base >= '@' && base < 0x80)
        type_bytes(t, &(char){(char)(base & 0x1F)}, 1);
    else if (base > 0x20 && base < 0x110000)
        term_type(t, name + (key & INPUT_ALT ? 4 : 0));
    else if (base == ' ')
        type_bytes(t, " ", 1);
    else
        fprintf(stderr, "term_key: no key is called \"%s\"\n", name);
}

void term_keys(struct term *t, const char *names) {
    char *copy = mem_text(names), *rest = NULL;
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        term_key(t, name);
    free(copy);
}

void term_paste(struct term *t, const char *utf8) {
    bool bracketed = t->raw.n && strstr(t->raw.text, "\033[?2004h");
    if (bracketed)
        term_send(t, "\033[200~", 6);
    term_send(t, utf8, strlen(utf8));
    if (bracketed)
        term_send(t, "\033[201~", 6);
}

void term_mouse(struct term *t, enum input_mouse_kind kind, int button, int row, int column) {
    char report[64];
    int code = (button - 1) | (kind == MOUSE_DRAG ? 32 : 0);
    if (kind == MOUSE_WHEEL_UP || kind == MOUSE_WHEEL_DOWN)
        code = kind == MOUSE_WHEEL_UP ? 64 : 65;
    int n = snprintf(report, sizeof report, "\033[<%d;%d;%d%c", code, column + 1, row + 1,
                     kind == MOUSE_RELEASE ? 'm' : 'M');
    term_send(t, report, (size_t)n);
    if (kind == MOUSE_DOUBLE) {
        term_mouse(t, MOUSE_RELEASE, button, row, column);
        term_send(t, report, (size_t)n);
    }
}

void term_resize(struct term *t, int rows, int columns) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    t->rows = rows;
    t->columns = columns;
    vterm_set_size(t->vterm, rows, columns);
    if (t->master >= 0)
        (void)ioctl(t->master, TIOCSWINSZ, &size);
}

void term_spoil(struct term *t) {
    /* DECALN between saving and restoring the cursor. */
    static const char noise[] = "\0337\033#8\0338";
    vterm_input_write(t->vterm, noise, sizeof noise - 1);
}

void term_signal(struct term *t, int number) {
    if (t->child > 0)
        (void)kill(t->child, number);
}

static bool control_flow(struct term *t, int action) {
    const char *name = t->master >= 0 ? ptsname(t->master) : NULL;
    const int fd = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    const bool done = tcflow(fd, action) == 0;
    close(fd);
    return done;
}

bool term_stop_output(struct term *t) {
    return control_flow(t, TCOOFF);
}

bool term_go_on(struct term *t) {
    return control_flow(t, TCOON);
}

/* ---- output ---- */

static void take_delayed(struct term *t) {
    struct text_buffer b;
    while (delay_take(&b, &t->to)) {
        send_now(t, b.text, b.n);
        text_buffer_dispose(&b);
    }
    while (delay_take(&b, &t->from)) {
        feed(t, b.text, b.n);
        text_buffer_dispose(&b);
    }
}

void term_sync(struct term *t) {
    char bytes[16384];
    ssize_t n;
    take_delayed(t);
    if (t->own) {
        fflush(t->out);
        while ((n = pread(fileno(t->out), bytes, sizeof bytes, t->read_to)) > 0) {
            t->read_to += n;
            feed(t, bytes, (size_t)n);
        }
    }
    while (t->master >= 0 && !t->ended) {
        n = read(t->master, bytes, sizeof bytes);
        if (n > 0 && t->delay_ms > 0)
            delay_put(&t->from, t, bytes, (size_t)n);
        else if (n > 0)
            feed(t, bytes, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            t->ended = true; /* EIO: the last one on the other side has gone */
        else if (errno == EAGAIN)
            break;
    }
    vterm_screen_flush_damage(t->screen);
}

int term_wait_exit(struct term *t) {
    for (int waited = 0; t->status < 0 && waited < 3000; waited++) {
        term_sync(t);
        int status;
        if (waitpid(t->child, &status, WNOHANG) == t->child) {
            t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            term_sync(t);
            break;
        }
        struct pollfd wait = {.fd = t->ended ? -1 : t->master, .events = POLLIN};
        (void)poll(&wait, 1, 10);
    }
    if (t->status < 0) {
        fprintf(stderr, "the program has not ended; its screen:\n");
        term_print(t);
    }
    return t->status;
}

size_t term_bytes(const struct term *t) {
    return t->raw.n;
}
const char *term_raw(const struct term *t) {
    return t->raw.text ? t->raw.text : "";
}

struct term_modes term_modes(struct term *t) {
    term_sync(t);
    const char *raw = term_raw(t), *on = NULL, *off = NULL;
    for (const char *at = raw; (at = strstr(at, "\033[?2004")); at++)
        *(at[7] == 'h' ? &on : &off) = at;
    t->modes.bracketed_paste = on && (!off || on > off);
    return t->modes;
}

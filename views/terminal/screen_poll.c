#include "views/terminal/screen_private.h"

#include "backend/base/clock.h"
#include "views/terminal/rescue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYNCHRONISED 2026 /* the DEC private mode of frames that are shown at once */
#define PASTE_WAIT_MS 1000
#define WAIT_MS 25      /* for the rest of a key's bytes */
#define FAR_WAIT_MS 100 /* the same over a network */
#define TEXT_WAIT_MS 10 /* for more of a text that comes unmarked: people type more slowly */
#define FAR_TEXT_WAIT_MS 40

static void suspend(struct screen *s) {
    screen_leave(s);
    s->stopped = rescue_stop_process();
    screen_return(s);
}

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
            suspend(s);
            break;
        case SIGCONT:
            if (!s->stopped) { /* stopped from outside (SIGSTOP): the shell has used the terminal
                                  since */
                screen_leave(s);
                screen_return(s);
            }
            s->stopped = false;
            break;
        default:
            screen_take_size(s);
            screen_redraw(s); /* terminals cut, move or wrap what they show, each in its own way */
            s->resized = true;
        }
    }
    return false;
}

static void ask(struct screen *s, const char *question) {
    s->n_asked++;
    s->asked_ms = clock_ms();
    screen_send(s, question, strlen(question));
}

/* Terminals that call themselves a VT100 may print what they do not know; tmux calls itself one and
 * does not. */
static bool knows_questions(int class) {
    const char *tmux = getenv("TMUX");
    return class > 1 || (tmux && *tmux);
}

void screen_ask_flow(struct screen *s) {
    ask(s, "\033[5n");
    flow_asked(&s->flow, clock_ms());
}

static bool is_answer(const struct input_event *event) {
    return event->kind == INPUT_EVENT_ATTRIBUTES || event->kind == INPUT_EVENT_MODE ||
           event->kind == INPUT_EVENT_SHOWN;
}

static void take_answer(struct screen *s, const struct input_event *answer) {
    s->n_asked -= s->n_asked > 0;
    if (answer->kind == INPUT_EVENT_SHOWN) {
        flow_answered(&s->flow);
    } else if (answer->kind == INPUT_EVENT_MODE) {
        s->synchronised = answer->key == SYNCHRONISED && answer->signal != 0 && answer->signal != 4;
    } else {
        s->flow.answers = true;
        if (knows_questions(answer->key))
            ask(s, "\033[?2026$p");
    }
}

/* A frame was left out, and there is room for it now. */
static bool can_draw(struct screen *s) {
    return s->owed && !outlet_waits(&s->outlet) &&
           (!flow_is_full(&s->flow) || flow_gives_up(&s->flow, clock_ms()));
}

/* An event that needs no waiting. */
static bool take_event(struct input_event *out, struct screen *s, bool no_more) {
    while (burst_next(out, &s->burst, &s->decoder, no_more, clock_ms())) {
        if (out->kind == INPUT_EVENT_BACKGROUND)
            s->light = colour_wants_dark_text((uint32_t)out->key);
        if (is_answer(out)) {
            take_answer(s, out);
            continue;
        }
        if (out->kind != INPUT_EVENT_KEY || out->key != (INPUT_CTRL | 'Z'))
            return true;
        suspend(s);
        no_more = false;
    }
    enum input_kind kind = s->resized ? INPUT_EVENT_RESIZE : INPUT_EVENT_NONE;
    if (!s->resized && can_draw(s))
        kind = INPUT_EVENT_DRAW;
    s->resized = false;
    s->owed = s->owed && kind != INPUT_EVENT_DRAW;
    *out = (struct input_event){.kind = kind};
    return kind != INPUT_EVENT_NONE;
}

/* False when the terminal is gone. */
static bool read_terminal(struct screen *s) {
    char bytes[4096];
    ssize_t n = read(s->fd_in, bytes, sizeof bytes);
    if (n > 0) {
        input_feed(&s->decoder, bytes, (size_t)n);
        s->read_ms = clock_ms();
    }
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Something that came is not an event yet. */
static bool is_waiting(const struct screen *s) {
    return input_waits(&s->decoder) || burst_waits(&s->burst);
}

/* When what waits is taken for all of it. */
static int64_t patience_ends(const struct screen *s) {
    const bool far = getenv("SSH_CONNECTION") != NULL;
    if (s->decoder.pasting)
        return s->read_ms + PASTE_WAIT_MS;
    if (input_waits(&s->decoder))
        return s->read_ms + (far ? FAR_WAIT_MS : WAIT_MS);
    return s->read_ms + (far ? FAR_TEXT_WAIT_MS : TEXT_WAIT_MS);
}

static int wait_ms(const struct screen *s, int64_t deadline, int timeout_ms) {
    int64_t now = clock_ms(), left = deadline > now ? deadline - now : 0;
    if (timeout_ms < 0)
        left = -1;
    if (is_waiting(s)) {
        const int64_t ends = patience_ends(s), patience = ends > now ? ends - now : 0;
        left = left < 0 || patience < left ? patience : left;
    }
    if (s->owed && (left < 0 || left > FLOW_PATIENCE)) /* then the flow is given up */
        left = FLOW_PATIENCE;
    return (int)left;
}

#define FDS_MOST 8

void screen_poll(struct input_event *out, struct screen *s, const int *fds, size_t n_fds,
                 int timeout_ms) {
    int64_t deadline = clock_ms() + (timeout_ms > 0 ? timeout_ms : 0);
    struct pollfd waiting[3 + FDS_MOST];
    n_fds = n_fds < FDS_MOST ? n_fds : FDS_MOST;
    for (;;) {
        *out = (struct input_event){0};
        if (take_signal(out, s) || take_event(out, s, false))
            return;
        waiting[0] = (struct pollfd){.fd = s->fd_in, .events = POLLIN};
        waiting[1] = (struct pollfd){.fd = s->fd_signals, .events = POLLIN};
        waiting[2] =
            (struct pollfd){.fd = outlet_waits(&s->outlet) ? s->outlet.fd : -1, .events = POLLOUT};
        for (size_t i = 0; i < n_fds; i++)
            waiting[3 + i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
        int ready = poll(waiting, 3 + n_fds, wait_ms(s, deadline, timeout_ms));
        if (ready < 0)
            continue; /* a signal: it is in the pipe */
        if (waiting[0].revents && !read_terminal(s)) {
            *out = (struct input_event){.kind = INPUT_EVENT_QUIT};
            return;
        }
        if (waiting[2].revents)
            outlet_flush(&s->outlet);
        if (waiting[0].revents || waiting[1].revents || waiting[2].revents)
            continue;
        for (size_t i = 0; i < n_fds; i++)
            if (waiting[3 + i].revents) {
                *out = (struct input_event){.kind = INPUT_EVENT_WAKE, .i_fd = i};
                return;
            }
        if (is_waiting(s) && clock_ms() >= patience_ends(s) && take_event(out, s, true))
            return;
        if (timeout_ms >= 0 && clock_ms() >= deadline)
            return;
    }
}

/* Primary device attributes are asked for as well: every terminal answers that, so that silence on
 * the other is no reason to wait. What else there is to ask waits for that answer. */
void screen_ask(struct screen *s) {
    if (s->test || s->palette.console || s->palette.depth < COLOUR_16 ||
        strncmp(s->term, "vt", 2) == 0)
        return;
    ask(s, "\033]11;?\033\\\033[c");
}

void screen_await_answers(struct screen *s) {
    struct input_event event;
    for (int64_t end = s->asked_ms + 1000, most = clock_ms() + 200;
         s->n_asked > 0 && clock_ms() < end && clock_ms() < most;) {
        struct pollfd wait = {.fd = s->fd_in, .events = POLLIN};
        if (poll(&wait, 1, 20) > 0 && !read_terminal(s))
            break;
        while (input_next(&event, &s->decoder, false, clock_ms())) {
            s->n_asked -= is_answer(&event);
            free(event.text);
        }
    }
    s->n_asked = 0;
    flow_answered(&s->flow);
}

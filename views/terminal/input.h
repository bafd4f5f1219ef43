/*
 * Keys, pastes and mouse events out of the bytes that a terminal sends. A decoder without clock or
 * file descriptors: the caller feeds bytes, says what time it is and when nothing more is coming.
 * Knows the sequences of xterm, VTE, kitty, tmux, screen, rxvt, the Linux console and the VT100,
 * whatever TERM says; unknown sequences are swallowed whole. Input is untrusted. Interface thread
 * only.
 */
#ifndef TINSEQ_VIEWS_INPUT_H
#define TINSEQ_VIEWS_INPUT_H

#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>

/* A key is one int: a character is its code point (upper and lower case differ), the others are
 * below; modifiers are added as bits. Ctrl with a letter has the letter in upper case (INPUT_CTRL |
 * 'D'); Shift is used with keys that are no characters only. */
enum input_key {
    INPUT_NONE,
    INPUT_UP = 0x110000,
    INPUT_DOWN,
    INPUT_LEFT,
    INPUT_RIGHT,
    INPUT_HOME,
    INPUT_END,
    INPUT_PAGE_UP,
    INPUT_PAGE_DOWN,
    INPUT_INSERT,
    INPUT_DELETE,
    INPUT_BACKSPACE, /* also Ctrl-H */
    INPUT_TAB,       /* also Ctrl-I */
    INPUT_ENTER,     /* also Ctrl-M and Ctrl-J */
    INPUT_ESCAPE,
    INPUT_F1, /* INPUT_F1 + 11 is F12 */
    INPUT_F12 = INPUT_F1 + 11,
    INPUT_KEY_MASK = 0x1FFFFF,
    INPUT_SHIFT = 1 << 24,
    INPUT_ALT = 1 << 25,
    INPUT_CTRL = 1 << 26
};

#define INPUT_NAME_SIZE 40
#define INPUT_PASTE_MOST (4u << 20) /* more than this of one paste is not kept */

/* "Ctrl-D", "Alt-x", "Shift-Tab", "F5", "PgDn", "Space", "é". */
void input_name(char name[INPUT_NAME_SIZE], int key);
/* The key of such a name (letter case of modifiers and key names does not matter), INPUT_NONE for
 * no key's name. */
int input_from_name(const char *name);
/* True when `key` is a character without modifiers: what a text field takes in. */
bool input_is_text(int key);

enum input_kind {
    INPUT_EVENT_NONE,   /* the time given to wait is over */
    INPUT_EVENT_KEY,    /* key */
    INPUT_EVENT_PASTE,  /* text: what was pasted, at once; any bytes, NUL-terminated beyond n_text;
                           the receiver frees it */
    INPUT_EVENT_MOUSE,  /* mouse */
    INPUT_EVENT_RESIZE, /* the terminal's size has changed, or its content is lost: draw again */
    INPUT_EVENT_WAKE,   /* one of the other file descriptors is readable: i_fd */
    INPUT_EVENT_BACKGROUND, /* the terminal has said what its background is: key is its colour,
                               0xRRGGBB; screen_suggest_theme knows now */
    INPUT_EVENT_ATTRIBUTES, /* the terminal has said what it is, after anything else it was asked:
                               key is its class; screen_poll keeps this to itself */
    INPUT_EVENT_MODE,  /* it has said how its mode `key` is set: signal, 0 when it does not know
                          it; screen_poll keeps this to itself */
    INPUT_EVENT_SHOWN, /* it has come to where it was asked to say so; screen_poll keeps this
                          to itself */
    INPUT_EVENT_DRAW,  /* the terminal takes output again: what was not shown is to be drawn */
    INPUT_EVENT_QUIT   /* asked to end from outside (SIGTERM, SIGHUP, or the terminal is gone):
                          signal, 0 when gone */
};

enum input_mouse_kind {
    MOUSE_PRESS,
    MOUSE_DOUBLE,
    MOUSE_DRAG,
    MOUSE_RELEASE,
    MOUSE_WHEEL_UP,
    MOUSE_WHEEL_DOWN
};

struct input_mouse {
    enum input_mouse_kind kind;
    int button; /* 1 left, 2 middle, 3 right; wheel: 0 */
    int row, column;
    bool shift, alt, ctrl;
};

struct input_event {
    enum input_kind kind;
    int key;
    char *text;
    size_t n_text;
    struct input_mouse mouse;
    size_t i_fd;
    int signal;
};

/* Zero-initialise to start. */
struct input_decoder {
    struct text_buffer waiting; /* bytes: the first `taken` are decoded */
    size_t taken;
    struct text_buffer paste;
    bool pasting;
    int button; /* held down, as the last mouse report said */
    struct input_mouse last_press;
    long last_press_ms;
};

void input_feed(struct input_decoder *d, const char *bytes, size_t n);
/* Takes the next event out of what was fed; false when there is none yet. `no_more`: nothing came
 * for a while, so a lone Esc is the Esc key and an open paste ends. `now_ms`: a monotonic clock,
 * for double clicks. */
bool input_next(struct input_event *out, struct input_decoder *d, bool no_more, long now_ms);
/* True while something undecoded waits for more bytes. */
bool input_waits(const struct input_decoder *d);
void input_dispose(struct input_decoder *d);

#endif

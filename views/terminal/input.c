#include "views/terminal/input.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define SEQUENCE_MOST 128 /* a sequence longer than this is no key: its start is dropped */
#define DOUBLE_CLICK_MS 400

/* What was found at the start of the waiting bytes. */
enum found { FOUND_MORE_NEEDED, FOUND_NOTHING, FOUND_EVENT };

/* The bytes that are not decoded yet. */
static const char *rest(const struct input_decoder *d) {
    return d->waiting.text + d->taken;
}

static size_t n_rest(const struct input_decoder *d) {
    return d->waiting.n - d->taken;
}

static void drop(struct input_decoder *d, size_t n) {
    d->taken += n;
}

void input_feed(struct input_decoder *d, const char *bytes, size_t n) {
    const size_t left = n_rest(d);
    if (left > 0)
        memmove(d->waiting.text, rest(d), left);
    d->waiting.n = left;
    d->taken = 0;
    text_buffer_add(&d->waiting, bytes, n);
}

bool input_waits(const struct input_decoder *d) {
    return n_rest(d) > 0 || d->pasting;
}

void input_dispose(struct input_decoder *d) {
    text_buffer_dispose(&d->waiting);
    text_buffer_dispose(&d->paste);
    *d = (struct input_decoder){0};
}

static enum found found_key(struct input_event *out, int key) {
    if (key == INPUT_NONE)
        return FOUND_NOTHING;
    *out = (struct input_event){.kind = INPUT_EVENT_KEY, .key = key};
    return FOUND_EVENT;
}

/* xterm's modifier parameter: 1 plus a bit each for Shift, Alt, Ctrl. */
static int modifiers(int parameter) {
    static const int of_bits[] = {INPUT_SHIFT, INPUT_ALT, INPUT_CTRL};
    int bits = parameter > 1 ? parameter - 1 : 0, all = 0;
    for (int i = 0; i < 3; i++)
        if (bits & 1 << i)
            all |= of_bits[i];
    return all;
}

/* A character reported with modifiers (CSI u, modifyOtherKeys) in the form that a plain byte would
 * have given. */
static int character_key(int c, int with) {
    static const struct {
        int c, key;
    } named[] = {{9, INPUT_TAB},     {13, INPUT_ENTER},      {10, INPUT_ENTER},
                 {27, INPUT_ESCAPE}, {127, INPUT_BACKSPACE}, {8, INPUT_BACKSPACE}};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].c == c)
            return named[i].key | with;
    if (c < 0x20 || c > 0x10FFFF)
        return INPUT_NONE;
    if (with & INPUT_CTRL && c >= 'a' && c <= 'z')
        c += 'A' - 'a';
    return c | (with & ~INPUT_SHIFT);
}

static int letter_key(char final) {
    switch (final) {
    case 'A':
        return INPUT_UP;
    case 'B':
        return INPUT_DOWN;
    case 'C':
        return INPUT_RIGHT;
    case 'D':
        return INPUT_LEFT;
    case 'H':
        return INPUT_HOME;
    case 'F':
        return INPUT_END;
    case 'P':
        return INPUT_F1;
    case 'Q':
        return INPUT_F1 + 1;
    case 'R':
        return INPUT_F1 + 2;
    case 'S':
        return INPUT_F1 + 3;
    default:
        return INPUT_NONE;
    }
}

/* CSI number ~ */
static int number_key(int number) {
    static const int keys[] = {
        [1] = INPUT_HOME,    [2] = INPUT_INSERT,    [3] = INPUT_DELETE,   [4] = INPUT_END,
        [5] = INPUT_PAGE_UP, [6] = INPUT_PAGE_DOWN, [7] = INPUT_HOME,     [8] = INPUT_END,
        [11] = INPUT_F1,     [12] = INPUT_F1 + 1,   [13] = INPUT_F1 + 2,  [14] = INPUT_F1 + 3,
        [15] = INPUT_F1 + 4, [17] = INPUT_F1 + 5,   [18] = INPUT_F1 + 6,  [19] = INPUT_F1 + 7,
        [20] = INPUT_F1 + 8, [21] = INPUT_F1 + 9,   [23] = INPUT_F1 + 10, [24] = INPUT_F1 + 11,
    };
    return number >= 0 && number < (int)(sizeof keys / sizeof *keys) ? keys[number] : INPUT_NONE;
}

/* SS3: the application keypad and F1–F4. */
static int keypad_key(char final) {
    if (final >= 'p' && final <= 'y')
        return '0' + (final - 'p');
    if (final >= 'j' && final <= 'o')
        return "*+,-./"[final - 'j'];
    switch (final) {
    case 'M':
        return INPUT_ENTER;
    case 'X':
        return '=';
    case 'I':
        return INPUT_TAB;
    default:
        return letter_key(final);
    }
}

/* A mouse report's button byte (xterm, ctlseqs "Mouse Tracking"): low bits the button, 4 Shift, 8
 * Alt, 16 Ctrl, 32 motion, 64 wheel. */
static enum found found_mouse(struct input_event *out, struct input_decoder *d, int code,
                              int column, int row, bool release, long now_ms) {
    struct input_mouse m = {
        .row = row, .column = column, .shift = code & 4, .alt = code & 8, .ctrl = code & 16};
    int low = code & 3;
    if (row < 0 || column < 0 || code & 128)
        return FOUND_NOTHING;
    if (code & 64) {
        if (low > 1)
            return FOUND_NOTHING; /* horizontal wheels */
        m.kind = low ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
    } else if (release || (low == 3 && !(code & 32))) {
        m.kind = MOUSE_RELEASE;
        m.button = release ? low + 1 : d->button;
        d->button = 0;
    } else if (code & 32) {
        if (low == 3 || !d->button)
            return FOUND_NOTHING; /* moving with no button down */
        m.kind = MOUSE_DRAG;
        m.button = low + 1;
    } else {
        const struct input_mouse *last = &d->last_press;
        m.button = d->button = low + 1;
        bool again = d->last_press_ms > 0 && now_ms - d->last_press_ms <= DOUBLE_CLICK_MS &&
                     last->row == row && last->column == column && last->button == m.button;
        m.kind = again ? MOUSE_DOUBLE : MOUSE_PRESS;
        d->last_press = m;
        d->last_press_ms = again ? 0 : now_ms;
    }
    *out = (struct input_event){.kind = INPUT_EVENT_MOUSE, .mouse = m};
    return FOUND_EVENT;
}

/* The decimal parameters of a CSI sequence; what stands after a colon (sub-parameters) is skipped.
 * Returns how many. */
static int read_parameters(int *values, int most, const char *s, size_t n) {
    int count = 0;
    bool skip = false;
    for (size_t i = 0; i <= n && count < most; i++) {
        if (i == 0)
            values[count] = 0;
        if (i == n || s[i] == ';') {
            if (++count < most)
                values[count] = 0;
            skip = false;
        } else if (s[i] == ':') {
            skip = true;
        } else if (s[i] >= '0' && s[i] <= '9' && !skip && values[count] < 1000000) {
            values[count] = values[count] * 10 + (s[i] - '0');
        }
    }
    return count;
}

static enum found found_csi(struct input_event *out, struct input_decoder *d,
                            const char *parameters, size_t n, char final, long now_ms) {
    int p[8] = {0};
    if (n > 0 && parameters[0] == '<') { /* SGR mouse */
        int count = read_parameters(p, 8, parameters + 1, n - 1);
        return (final == 'M' || final == 'm') && count == 3
                   ? found_mouse(out, d, p[0], p[1] - 1, p[2] - 1, final == 'm', now_ms)
                   : FOUND_NOTHING;
    }
    if (n > 0 && parameters[0] == '?' && final == 'c') {
        read_parameters(p, 8, parameters + 1, n - 1);
        *out = (struct input_event){.kind = INPUT_EVENT_ATTRIBUTES, .key = p[0]};
        return FOUND_EVENT;
    }
    if (n > 1 && parameters[0] == '?' && parameters[n - 1] == '$' && final == 'y') {
        read_parameters(p, 8, parameters + 1, n - 2);
        *out = (struct input_event){.kind = INPUT_EVENT_MODE, .key = p[0], .signal = p[1]};
        return FOUND_EVENT;
    }
    if (n > 0 && parameters[0] > ';')
        return FOUND_NOTHING; /* private: another reply of the terminal */
    int count = read_parameters(p, 8, parameters, n);
    int with = count > 1 ? modifiers(p[1]) : 0, key = INPUT_NONE;
    if (final == 'Z')
        key = INPUT_TAB | INPUT_SHIFT;
    else if (final == 'u')
        key = character_key(p[0], with);
    else if (final == '~' && p[0] == 27 && count == 3)
        key = character_key(p[2], with);
    else if (final == 'n' && count == 1 && p[0] == 0) {
        *out = (struct input_event){.kind = INPUT_EVENT_SHOWN};
        return FOUND_EVENT;
    } else if (final == '~' && p[0] == 200) {
        d->pasting = true;
        return FOUND_NOTHING;
    } else if (final == '~' || final == '^' ||
               final == '$') { /* rxvt ends with ^ for Ctrl and $ for Shift */
        key = number_key(p[0]);
        if (final != '~')
            with |= final == '^' ? INPUT_CTRL : INPUT_SHIFT;
        key = key ? key | with : INPUT_NONE;
    } else if (final >= 'a' && final <= 'd')
        key = letter_key((char)(final - 'a' + 'A')) | INPUT_SHIFT;
    else if ((key = letter_key(final)))
        key |= with;
    return found_key(out, key);
}

/* CSI at the start (two bytes long). *used is how many bytes it takes. */
static enum found decode_csi(struct input_event *out, size_t *used, struct input_decoder *d,
                             long now_ms) {
    const char *s = rest(d);
    size_t n = n_rest(d), i = 2;
    if (n < 3)
        return FOUND_MORE_NEEDED;
    if (s[2] == 'M') { /* X10 mouse: three bytes, each 32 more than its value */
        if (n < 6)
            return FOUND_MORE_NEEDED;
        *used = 6;
        return found_mouse(out, d, (unsigned char)s[3] - 32, (unsigned char)s[4] - 33,
                           (unsigned char)s[5] - 33, false, now_ms);
    }
    if (s[2] == '[') { /* the Linux console's F1–F5 */
        if (n < 4)
            return FOUND_MORE_NEEDED;
        *used = 4;
        return found_key(out, s[3] >= 'A' && s[3] <= 'E' ? INPUT_F1 + (s[3] - 'A') : INPUT_NONE);
    }
    /* A reply; rxvt's keys end with $, which is no final byte elsewhere. */
    bool private = s[2] == '?';
    while (i < n && s[i] >= 0x20 && s[i] < 0x40 && i < SEQUENCE_MOST && (s[i] != '$' || private))
        i++;
    if (i == n)
        return FOUND_MORE_NEEDED;
    bool whole = (s[i] >= 0x40 && s[i] < 0x7F) || s[i] == '$';
    *used = whole ? i + 1 : i;
    if (!whole)
        return FOUND_NOTHING; /* broken off by a control character, which stands for itself */
    return found_csi(out, d, s + 2, i - 2, s[i], now_ms);
}

/* One hexadecimal part of "rgb:RRRR/GGGG/BBBB" (one to four digits), scaled to 0–255; −1 if
 * there is none. */
static int colour_part(const char **at, const char *end) {
    static const char digits[] = "0123456789abcdefABCDEF";
    int value = 0, most = 0;
    for (; *at < end && most < 0xFFFF; (*at)++) {
        char c = **at;
        if (!strchr(digits, c) || c == 0)
            break;
        int digit = (int)(strchr(digits, c) - digits);
        value = value * 16 + (digit < 16 ? digit : digit - 6); /* a to f stand twice */
        most = most * 16 + 15;
    }
    return most ? value * 255 / most : -1;
}

/* The reply to "what is the background?" (OSC 11); other replies mean nothing here. */
static enum found found_reply(struct input_event *out, const char *s, size_t n) {
    static const char start[] = "]11;rgb:";
    const char *at = s + sizeof start - 1, *end = s + n;
    int rgb = 0;
    if (n < sizeof start || memcmp(s, start, sizeof start - 1) != 0)
        return FOUND_NOTHING;
    for (int i = 0; i < 3; i++, at++) {
        int part = colour_part(&at, end);
        if (part < 0 || (i < 2 && (at >= end || *at != '/')))
            return FOUND_NOTHING;
        rgb = rgb << 8 | part;
    }
    *out = (struct input_event){.kind = INPUT_EVENT_BACKGROUND, .key = rgb};
    return FOUND_EVENT;
}

/* OSC, DCS, APC, PM, SOS at the start: a terminal's reply, up to BEL or ST. */
static enum found decode_string(struct input_event *out, size_t *used,
                                const struct input_decoder *d) {
    const char *s = rest(d);
    for (size_t i = 2, n = n_rest(d); i < n; i++) {
        if (s[i] == '\a' || i > 4096)
            return *used = i + 1, found_reply(out, s + 1, i - 1);
        if (s[i] == '\x1b' && i + 1 < n)
            return *used = s[i + 1] == '\\' ? i + 2 : i, found_reply(out, s + 1, i - 1);
    }
    return FOUND_MORE_NEEDED;
}

/* Bytes of a character that begins with this one, 1 where none does. */
static size_t utf8_length(unsigned char first) {
    if (first >= 0xF0 && first < 0xF5)
        return 4;
    if (first >= 0xE0)
        return 3;
    return first >= 0xC2 ? 2 : 1;
}

/* One character, control or not, at offset `at`. */
static enum found decode_character(struct input_event *out, size_t *used,
                                   const struct input_decoder *d, size_t at, int with,
                                   bool no_more) {
    const unsigned char *s = (const unsigned char *)rest(d) + at;
    size_t n = n_rest(d) - at;
    *used = at + 1;
    if (*s == 0)
        return found_key(out, ' ' | INPUT_CTRL | with);
    if (*s < 0x20 && !strchr("\t\r\n\b\x1b", *s))
        return found_key(out, (*s + 0x40) | INPUT_CTRL | with);
    if (*s < 0x20 || *s == 0x7F)
        return found_key(out, character_key(*s, with));
    if (*s < 0x80)
        return found_key(out, *s | with);
    size_t length = utf8_length(*s), have = 1;
    while (have < length && have < n && (s[have] & 0xC0) == 0x80)
        have++;
    if (have == n && have < length && !no_more)
        return FOUND_MORE_NEEDED;
    utf8proc_int32_t c;
    if (length == 1 || have < length || utf8proc_iterate(s, (utf8proc_ssize_t)length, &c) < 0) {
        *used = at + have;
        return found_key(out, 0xFFFD);
    }
    *used = at + length;
    return found_key(out, (c >= 0x80 && c < 0xA0 ? 0xFFFD : c) | with);
}

static enum found decode_escape(struct input_event *out, size_t *used, struct input_decoder *d,
                                bool no_more, long now_ms) {
    const char *s = rest(d);
    const size_t n = n_rest(d);
    if (n == 1 || s[1] == '\x1b') {
        if (n == 1 && !no_more)
            return FOUND_MORE_NEEDED;
        *used = 1;
        return found_key(out, INPUT_ESCAPE);
    }
    enum found found;
    if (s[1] == '[')
        found = decode_csi(out, used, d, now_ms);
    else if (s[1] == 'O') {
        found = n < 3 ? FOUND_MORE_NEEDED : found_key(out, keypad_key(s[2]));
        *used = 3;
    } else if (strchr("]P_^X", s[1]) && (n > 2 || !no_more))
        found = decode_string(out, used, d);
    else
        found = decode_character(out, used, d, 1, INPUT_ALT, no_more);
    /* Alt with [ or O, or a sequence that was never finished. */
    if (found == FOUND_MORE_NEEDED && no_more)
        return *used = n > 2 ? n : 2,
               n > 2 ? FOUND_NOTHING : found_key(out, (unsigned char)s[1] | INPUT_ALT);
    return found;
}

/* Moves pasted bytes over; the event comes with the closing marker, or when nothing more does. */
static bool take_paste(struct input_event *out, struct input_decoder *d, bool no_more) {
    static const char end[] = "\x1b[201~";
    const size_t n_end = sizeof end - 1;
    const char *at = n_rest(d) ? memmem(rest(d), n_rest(d), end, n_end) : NULL;
    size_t n = at ? (size_t)(at - rest(d)) : n_rest(d);
    if (!at && !no_more) { /* the marker's start may be at the end */
        size_t keep = n < n_end - 1 ? n : n_end - 1;
        while (keep > 0 && memcmp(rest(d) + n - keep, end, keep) != 0)
            keep--;
        n -= keep;
    }
    size_t room = INPUT_PASTE_MOST - d->paste.n;
    if (n > 0) {
        text_buffer_add(&d->paste, rest(d), n < room ? n : room);
        drop(d, n);
    }
    if (!at && !no_more)
        return false;
    if (at)
        drop(d, n_end);
    d->pasting = false;
    *out = (struct input_event){.kind = INPUT_EVENT_PASTE, .n_text = d->paste.n};
    out->text = text_buffer_take(&d->paste);
    return true;
}

bool input_next(struct input_event *out, struct input_decoder *d, bool no_more, long now_ms) {
    *out = (struct input_event){0};
    for (;;) {
        if (d->pasting)
            return take_paste(out, d, no_more);
        if (n_rest(d) == 0)
            return false;
        size_t used = 0;
        enum found found = *rest(d) == '\x1b' ? decode_escape(out, &used, d, no_more, now_ms)
                                              : decode_character(out, &used, d, 0, 0, no_more);
        if (found == FOUND_MORE_NEEDED)
            return false;
        drop(d, used);
        if (found == FOUND_EVENT)
            return true;
    }
}

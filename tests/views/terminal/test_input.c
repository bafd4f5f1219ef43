#include "views/terminal/input.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Decodes all of `bytes` and writes the events as text: key names, "paste(…)", "press 1 @
 * 3,4". */
static char *decode(const char *bytes, size_t n, size_t piece) {
    struct input_decoder d = {0};
    struct text_buffer b = {0};
    struct input_event event;
    long now = 1000;
    for (size_t at = 0; at <= n; at += piece) {
        bool last = at + piece > n;
        size_t part = n - at < piece ? n - at : piece;
        input_feed(&d, bytes + at, part);
        while (input_next(&event, &d, false, now) || (last && input_next(&event, &d, true, now))) {
            char name[INPUT_NAME_SIZE];
            static const char *const kinds[] = {"press",   "double",   "drag",
                                                "release", "wheel-up", "wheel-down"};
            if (b.n)
                text_buffer_puts(&b, " ");
            if (event.kind == INPUT_EVENT_KEY) {
                input_name(name, event.key);
                text_buffer_puts(&b, name);
            } else if (event.kind == INPUT_EVENT_PASTE) {
                text_buffer_format(&b, "paste(%s)", event.text);
                free(event.text);
            } else if (event.kind == INPUT_EVENT_BACKGROUND) {
                text_buffer_format(&b, "background(%06x)", (unsigned)event.key);
            } else if (event.kind == INPUT_EVENT_ATTRIBUTES) {
                text_buffer_format(&b, "attributes(%d)", event.key);
            } else if (event.kind == INPUT_EVENT_SHOWN) {
                text_buffer_puts(&b, "shown");
            } else if (event.kind == INPUT_EVENT_MODE) {
                text_buffer_format(&b, "mode(%d is %d)", event.key, event.signal);
            } else {
                text_buffer_format(&b, "%s%s%d@%d,%d", event.mouse.shift ? "shift-" : "",
                                   kinds[event.mouse.kind], event.mouse.button, event.mouse.row,
                                   event.mouse.column);
            }
        }
        if (part < piece)
            break;
    }
    cr_expect(!input_waits(&d));
    input_dispose(&d);
    return text_buffer_take(&b);
}

static void expect_events(const char *bytes, const char *want) {
    static const size_t pieces[] = {1000, 1, 2, 3};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *got = decode(bytes, strlen(bytes), pieces[i]);
        cr_expect_str_eq(got, want, "in pieces of %zu: \"%s\", not \"%s\"", pieces[i], got, want);
        free(got);
    }
}

Test(input, characters_and_control_keys) {
    expect_events("aZé漢😀 ~", "a Z é 漢 😀 Space ~");
    expect_events("\x04\x1a\r\n\t\x7f\b\x1f",
                  "Ctrl-D Ctrl-Z Enter Enter Tab Backspace Backspace Ctrl-_");
    char *zero = decode("\0", 1, 10);
    cr_expect_str_eq(zero, "Ctrl-Space");
    free(zero);
}

Test(input, cursor_and_function_keys_of_every_family) {
    expect_events("\x1b[A\x1bOB\x1b[C\x1bOD\x1b[H\x1b[F\x1bOH", "Up Down Right Left Home End Home");
    expect_events("\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[5~\x1b[6~\x1b[2~\x1b[3~",
                  "Home End Home End PgUp PgDn Insert Delete");
    expect_events("\x1bOP\x1bOS\x1b[11~\x1b[[A\x1b[[E\x1b[15~\x1b[17~\x1b[24~",
                  "F1 F4 F1 F1 F5 F5 F6 F12");
    expect_events("\x1b[Z\x1b[1;5A\x1b[1;2B\x1b[3;5~\x1b[15;2~\x1b[5^",
                  "Shift-Tab Ctrl-Up Shift-Down Ctrl-Delete Shift-F5 Ctrl-PgUp");
    expect_events("\x1bOM\x1bOq\x1bOk", "Enter 1 +");
}

Test(input, modified_characters_of_newer_protocols) {
    expect_events("\x1b[100;5u\x1b[27;5;100~\x1b[13;2u\x1b[97;3u\x1b[9;2u\x1b[27u",
                  "Ctrl-D Ctrl-D Shift-Enter Alt-a Shift-Tab Esc");
}

Test(input, escape_alone_is_the_key_and_with_a_character_is_alt) {
    expect_events("\x1b", "Esc");
    expect_events("\x1b\x1b", "Esc Esc");
    expect_events("\x1bx", "Alt-x");
    expect_events("\x1b[", "Alt-[");
    expect_events("\x1b\x04", "Ctrl-Alt-D");
}

Test(input, lone_escape_waits_until_nothing_more_comes) {
    struct input_decoder d = {0};
    struct input_event event;
    input_feed(&d, "\x1b", 1);
    cr_expect(!input_next(&event, &d, false, 0));
    cr_expect(input_waits(&d));
    cr_expect(input_next(&event, &d, true, 0));
    cr_expect_eq(event.key, INPUT_ESCAPE);
    input_dispose(&d);
}

Test(input, paste_comes_whole_and_its_bytes_are_no_commands) {
    expect_events("a\x1b[200~q\nx\x1b[A\x1b[20\x1b[201~b", "a paste(q\nx\x1b[A\x1b[20) b");
    expect_events("\x1b[200~never closed", "paste(never closed)");
    expect_events("\x1b[200~\x1b[201~", "paste()");
}

Test(input, mouse_in_both_encodings) {
    expect_events("\x1b[<0;5;3M\x1b[<32;6;3M\x1b[<0;6;3m", "press1@2,4 drag1@2,5 release1@2,5");
    expect_events("\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<69;1;1M",
                  "wheel-up0@0,0 wheel-down0@0,0 shift-wheel-down0@0,0");
    expect_events("\x1b[M\x20\x25\x23\x1b[M\x23\x25\x23", "press1@2,4 release1@2,4");
    expect_events("\x1b[<2;300;1M", "press3@0,299");
}

Test(input, second_press_on_the_same_cell_is_a_double_click) {
    expect_events("\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<0;5;3M",
                  "press1@2,4 release1@2,4 double1@2,4 release1@2,4 press1@2,4");
    expect_events("\x1b[<0;5;3M\x1b[<0;5;3m\x1b[<0;6;3M", "press1@2,4 release1@2,4 press1@2,5");
    struct input_decoder d = {0};
    struct input_event event;
    input_feed(&d, "\x1b[<0;5;3M", 9);
    cr_expect(input_next(&event, &d, false, 1000));
    input_feed(&d, "\x1b[<0;5;3M", 9);
    cr_expect(input_next(&event, &d, false, 1500));
    cr_expect_eq(event.mouse.kind, MOUSE_PRESS, "half a second later is another click");
    input_dispose(&d);
}

Test(input, replies_and_unknown_sequences_are_swallowed_whole) {
    expect_events("\x1b]11;rgb:ffff/8080/0000\x1b\\\x1b[?1;2c", "background(ff8000) attributes(1)");
    expect_events("\x1b]11;rgb:f/8/0\x07\x1b]11;rgb:zz\x07\x1b]11;\x07\x1b]11;rgb:1/2\x07q",
                  "background(ff8800) q");
    expect_events(
        "\x1b[?2026;2$yx\x1b]52;c;\x07y\x1bP1$r0m\x1b\\z\x1b[99~\x1b[1;2;3;4;5;6;7;8;9;10xw\x1b[I",
        "mode(2026 is 2) x y z w");
    expect_events("\x1b[0n\x1b[3n\x1b[0;1nq", "shown q");
    expect_events("\x1b[?64;1;2c\x1b[?c\x1b[?2026;0$y\x1b[?$yq",
                  "attributes(64) attributes(0) mode(2026 is 0) mode(0 is 0) q");
}

Test(input, bytes_that_are_no_text_become_replacement_characters) {
    expect_events("\xff\xc3(\xe6\xbc"
                  "a\xc0\x80",
                  "\xEF\xBF\xBD \xEF\xBF\xBD ( \xEF\xBF\xBD a \xEF\xBF\xBD \xEF\xBF\xBD");
    expect_events("\xc2\x9b", "\xEF\xBF\xBD"); /* C1: as CSI it could steer a terminal */
}

Test(input, random_bytes_never_hang_or_crash) {
    unsigned seed = 1;
    char bytes[512];
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1103515245u + 12345u;
            unsigned pick = seed >> 16;
            static const char some[] = "\x1b[<0;15MmO~\x9b\xe6u$M?P]\\a";
            bytes[i] = some[pick % (sizeof some - 1)];
            if (pick % 7 == 0)
                bytes[i] = (char)(pick >> 8);
        }
        free(decode(bytes, sizeof bytes, 1 + (size_t)round % 9));
    }
}

Test(input, names_go_both_ways) {
    static const char *const list[] = {
        "a",   "Q",    "?", "Space", "Ctrl-D",          "Alt-x", "Shift-Tab", "F1",
        "F12", "PgDn", "é", "漢",    "Ctrl-Alt-Delete", "-",     "Ctrl--"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        char name[INPUT_NAME_SIZE];
        int key = input_from_name(list[i]);
        cr_assert_neq(key, INPUT_NONE, "%s", list[i]);
        input_name(name, key);
        cr_expect_str_eq(name, list[i]);
    }
    cr_expect_eq(input_from_name("ctrl-d"), INPUT_CTRL | 'D');
    cr_expect_eq(input_from_name("F13"), INPUT_NONE);
    cr_expect_eq(input_from_name("Nokey"), INPUT_NONE);
    cr_expect_eq(input_from_name(""), INPUT_NONE);
    cr_expect(input_is_text(0xE9) && !input_is_text(INPUT_F1) && !input_is_text(INPUT_CTRL | 'D'));
}

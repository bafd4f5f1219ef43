#include "app/cli/print.h"

#include "backend/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 88

enum err_code cli_print(const char *text, size_t n, struct err *e) {
    errno = 0;
    bool good = fwrite(text ? text : "", 1, n, stdout) == n;
    if (fflush(stdout) == 0 && good && !ferror(stdout))
        return ERR_OK;
    char reason[128];
    return err_set(e, ERR_IO, "standard output: %s",
                   strerror_r(errno ? errno : EIO, reason, sizeof reason));
}

static void say(const char *before, const char *text) {
    char *shown = text_sanitise(text, strlen(text), false);
    fprintf(stderr, "tinseq: %s%s\n", before, shown);
    free(shown);
}

void cli_note(const char *text) {
    say("note: ", text);
}

void cli_say(const char *text) {
    say("", text);
}

int cli_exit(enum err_code code, const struct err *e) {
    if (code == ERR_OK)
        return 0;
    say("", code == ERR_CANCELLED ? "cancelled" : e->message);
    switch (code) {
    case ERR_USAGE:
        return 2;
    case ERR_CANCELLED:
        return 130;
    default:
        return 1;
    }
}

enum err_code cli_unknown(const char *what, const char *word, const char *const *names, size_t n,
                          const char *otherwise, struct err *e) {
    const char *near = text_nearest(word, names, n);
    char *shown = text_sanitise(word, strlen(word), false);
    if (near)
        (void)err_set(e, ERR_USAGE, "%s \"%.100s\"; did you mean %s?", what, shown, near);
    else
        (void)err_set(e, ERR_USAGE, "%s \"%.100s\"; %s", what, shown, otherwise);
    free(shown);
    return ERR_USAGE;
}

static void pad_to(struct text_buffer *b, size_t start, int column) {
    for (int used = text_columns(b->text + start); used < column; used++)
        text_buffer_puts(b, " ");
}

void cli_write_row(struct text_buffer *b, const char *name, int column, const char *text) {
    size_t start = b->n;
    text_buffer_puts(b, name);
    if (text && column > 0 && text_columns(name) >= column) {
        text_buffer_puts(b, "\n");
        start = b->n;
    }
    for (const char *word = text ? text : ""; *word;) {
        size_t n = strcspn(word, " ");
        char *piece = mem_text_n(word, n);
        bool first = text_columns(b->text + start) <= column && word == text;
        if (first) {
            pad_to(b, start, column);
        } else if (text_columns(b->text + start) + 1 + text_columns(piece) > WIDTH) {
            text_buffer_puts(b, "\n");
            start = b->n;
            pad_to(b, start, column);
        } else {
            text_buffer_puts(b, " ");
        }
        text_buffer_puts(b, piece);
        free(piece);
        word += n + (word[n] == ' ');
    }
    text_buffer_puts(b, "\n");
}

/* The log: what happened in this session, newest last. Interface thread only. */
#ifndef TINSEQ_VIEWS_LOG_VIEW_H
#define TINSEQ_VIEWS_LOG_VIEW_H

#include "views/terminal/grid.h"

#include <stddef.h>

#define LOG_MOST 2000 /* lines kept */

struct log_line {
    char *time, *text;
    enum style_role role;
};

struct log_view {
    struct log_line *lines; /* ring of LOG_MOST */
    size_t first, n;
    size_t back; /* lines scrolled back from the newest */
};

void log_view_init(struct log_view *v);
void log_view_dispose(struct log_view *v);
/* Texts are copied; `text` is sanitised here. */
void log_view_add(struct log_view *v, const char *time, enum style_role role, const char *text);
void log_view_move(struct log_view *v, long lines); /* negative: back in time */
/* Long lines wrap. */
void log_view_draw(struct grid *g, struct area a, struct log_view *v);

#endif

/*
 * What a picture is drawn with: shapes and texts as SVG, in the colours of a light or a dark page.
 * Fills stand at the shapes, so that a viewer without style sheets has them, and in classes, so
 * that a picture can be dark where its viewer is. Whole numbers of pixels at 96 to the inch.
 * Internal to the pictures. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_INK_H
#define TINSEQ_VIEWS_EXPORT_INK_H

#include "backend/base/mem.h"
#include "themes/theme.h"

#include <stdbool.h>
#include <stdint.h>

/* Roles of what is no score. */
enum ink_role { INK_PAGE, INK_TEXT, INK_DIM, INK_LINE, INK_COUNT };

/* How texts are set. */
enum ink_face { INK_TITLE, INK_LABEL, INK_SMALL, INK_NUMBER, INK_FACES };

struct ink {
    struct text_buffer *b;
    const struct theme *theme;    /* of the fills */
    const struct colour_map *map; /* a person's own; NULL: the theme's */
    bool used[2];                 /* maps without and with signs */
    int width, height;            /* as far as something was drawn */
    struct text_buffer written;   /* texts that are no numbers, a line each */
};

/* Pixels that a text of so many terminal columns takes. */
int ink_text_width(enum ink_face face, int columns);
int ink_text_height(enum ink_face face);

enum ink_anchor { INK_START, INK_MIDDLE, INK_END };
struct ink_text {
    enum ink_face face;
    enum ink_role role;
    enum ink_anchor anchor;
    bool bold, italic, slanted; /* slanted: rises to the right */
};
/* Sanitised text with its base line's anchor at x, y. */
void ink_put(struct ink *k, const struct ink_text *how, int x, int y, const char *utf8);
void ink_rectangle(struct ink *k, enum ink_role role, int x, int y, int width, int height);

/* Cells of scores, drawn as one shape for each level of the map. */
struct ink_cells {
    bool has_signs;
    struct text_buffer shapes[64], none; /* none: hatched */
};
void ink_cell(struct ink_cells *c, struct ink *k, float part, int x, int y, int width, int height);
void ink_cell_none(struct ink_cells *c, struct ink *k, int x, int y, int width, int height);
/* Draws them; nothing is left of them. */
void ink_cells_take(struct ink *k, struct ink_cells *c);
/* Around numbers, whose face is told once. */
void ink_open_numbers(struct ink *k);
void ink_close_numbers(struct ink *k);
/* A number on a cell's colour, around x. */
void ink_number(struct ink *k, bool has_signs, float part, int x, int y, const char *text);

/* The document around what was drawn (k->b is its body). `follows`: dark where its viewer is.
 * `title` and `description` are sanitised. */
void ink_document(struct text_buffer *b, const struct ink *k, bool follows, const char *title,
                  const char *description);

#endif

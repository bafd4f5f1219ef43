/* A picture of the screen as SVG: one rectangle a run of equal background, one text element a run
 * of equal style. */
#include "harness/term_private.h"

#include "themes/theme.h"

#include <stdlib.h>
#include <string.h>

#define CELL_WIDTH 8.4
#define CELL_HEIGHT 18.0
#define FONT_SIZE 14

static unsigned rgb_of(int colour, unsigned otherwise) {
    if (colour < 0)
        return otherwise;
    return colour & TERM_RGB ? (unsigned)colour & 0xFFFFFF : colour_of_index256(colour);
}

struct paint {
    unsigned fg, bg;
    bool bold, underline;
};

static struct paint paint_of(struct term_cell c, unsigned background, unsigned foreground) {
    struct paint p = {rgb_of(c.fg, foreground), rgb_of(c.bg, background), c.bold, c.underline};
    if (c.reverse) {
        unsigned keep = p.fg;
        p.fg = p.bg;
        p.bg = keep;
    }
    return p;
}

static void add_escaped(struct text_buffer *b, const char *s) {
    for (; *s; s++)
        if (*s == '<')
            text_buffer_puts(b, "&lt;");
        else if (*s == '&')
            text_buffer_puts(b, "&amp;");
        else if (*s == ' ')
            text_buffer_puts(b, "\xC2\xA0"); /* blanks must neither collapse nor stretch */
        else
            text_buffer_add(b, s, 1);
}

static void add_backgrounds(struct text_buffer *b, struct term *t, int row, unsigned background,
                            unsigned foreground) {
    for (int column = 0, end; column < t->columns; column = end) {
        struct paint p = paint_of(term_cell(t, row, column), background, foreground);
        for (end = column + 1; end < t->columns; end++) {
            struct term_cell c = term_cell(t, row, end);
            if (c.text[0] && paint_of(c, background, foreground).bg != p.bg)
                break;
        }
        if (p.bg != background)
            text_buffer_format(
                b, "<rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" fill=\"#%06x\"/>\n",
                column * CELL_WIDTH, row * CELL_HEIGHT, (end - column) * CELL_WIDTH + 0.3,
                CELL_HEIGHT + 0.3, p.bg);
    }
}

/* Lines of boxes: strokes from the cell's middle to its edges; corners are round. */
static bool add_line(struct text_buffer *b, const char *text, struct paint p, int row, int column) {
    static const struct {
        const char *text, *path;
    } lines[] = {{"─", "M0 9H8.4"},
                 {"│", "M4.2 0V18"},
                 {"╭", "M4.2 18V13Q4.2 9 8.4 9"},
                 {"╮", "M4.2 18V13Q4.2 9 0 9"},
                 {"╰", "M4.2 0V5Q4.2 9 8.4 9"},
                 {"╯", "M4.2 0V5Q4.2 9 0 9"},
                 {"├", "M4.2 0V18M4.2 9H8.4"},
                 {"┤", "M4.2 0V18M4.2 9H0"},
                 {"┬", "M0 9H8.4M4.2 9V18"},
                 {"┴", "M0 9H8.4M4.2 9V0"},
                 {"┼", "M0 9H8.4M4.2 0V18"}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strcmp(text, lines[i].text) != 0)
            continue;
        if (b)
            text_buffer_format(b,
                               "<path transform=\"translate(%.1f,%.0f)\" d=\"%s\" stroke=\"#%06x\" "
                               "fill=\"none\"/>\n",
                               column * CELL_WIDTH, row * CELL_HEIGHT, lines[i].path, p.fg);
        return true;
    }
    return false;
}

/* Block elements are drawn, not written: fonts leave gaps. True when it was one. */
static bool add_block(struct text_buffer *b, struct term_cell c, struct paint p, int row,
                      int column) {
    static const struct {
        const char *text;
        double top, height;
    } blocks[] = {{"▀", 0, .5},      {"█", 0, 1},    {"▁", .875, .125}, {"▂", .75, .25},
                  {"▃", .625, .375}, {"▄", .5, .5},  {"▅", .375, .625}, {"▆", .25, .75},
                  {"▇", .125, .875}, {"━", .47, .12}};
    if (add_line(b, c.text, p, row, column))
        return true;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        if (strcmp(c.text, blocks[i].text) != 0)
            continue;
        if (b)
            text_buffer_format(
                b, "<rect x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\" fill=\"#%06x\"/>\n",
                column * CELL_WIDTH, (row + blocks[i].top) * CELL_HEIGHT, CELL_WIDTH + 0.3,
                blocks[i].height * CELL_HEIGHT, p.fg);
        return true;
    }
    return false;
}

static bool same_text_paint(struct paint a, struct paint b) {
    return a.fg == b.fg && a.bold == b.bold && a.underline == b.underline;
}

static void add_texts(struct text_buffer *b, struct term *t, int row, unsigned background,
                      unsigned foreground) {
    for (int column = 0, end; column < t->columns; column = end) {
        struct term_cell first = term_cell(t, row, column);
        struct paint p = paint_of(first, background, foreground);
        end = column + 1;
        if (!first.text[0] || add_block(b, first, p, row, column) ||
            (strcmp(first.text, " ") == 0 && !p.underline))
            continue;
        struct text_buffer run = {0};
        size_t kept = 0;
        int last = column;
        for (end = column; end < t->columns; end++) {
            struct term_cell c = term_cell(t, row, end);
            /* Two blanks: a new element keeps what follows in its place. */
            bool gap = last + 1 < end && !p.underline;
            if (gap || (end > column && (!same_text_paint(paint_of(c, background, foreground), p) ||
                                         add_block(NULL, c, p, row, end))))
                break;
            add_escaped(&run, c.text);
            if (strcmp(c.text, " ") != 0 || p.underline) {
                kept = run.n;
                last = end;
            }
        }
        run.text[kept] = '\0';
        text_buffer_format(
            b, "<text x=\"%.1f\" y=\"%.1f\" fill=\"#%06x\"%s%s textLength=\"%.1f\">%s</text>\n",
            column * CELL_WIDTH, row * CELL_HEIGHT + CELL_HEIGHT * 0.74, p.fg,
            p.bold ? " font-weight=\"bold\"" : "",
            p.underline ? " text-decoration=\"underline\"" : "", (last + 1 - column) * CELL_WIDTH,
            run.text);
        text_buffer_dispose(&run);
    }
}

char *term_svg(struct term *t, unsigned background, unsigned foreground, const char *title) {
    struct text_buffer b = {0};
    double width = t->columns * CELL_WIDTH, height = t->rows * CELL_HEIGHT, margin = 12,
           bar = title ? 28 : 0;
    text_buffer_format(&b,
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
                       "font-family=\"'DejaVu Sans Mono','Liberation Mono',Menlo,"
                       "Consolas,monospace\" font-size=\"%d\" xml:space=\"preserve\">\n<rect "
                       "width=\"100%%\" height=\"100%%\" rx=\"10\" "
                       "fill=\"#%06x\"/>\n",
                       width + 2 * margin, height + 2 * margin + bar, FONT_SIZE, background);
    if (title) {
        text_buffer_format(&b, "<g fill=\"#808080\"><circle cx=\"20\" cy=\"18\" r=\"5.5\" "
                               "opacity=\".5\"/><circle cx=\"38\" cy=\"18\" "
                               "r=\"5.5\" opacity=\".5\"/>"
                               "<circle cx=\"56\" cy=\"18\" r=\"5.5\" opacity=\".5\"/><text "
                               "x=\"50%%\" y=\"23\" text-anchor=\"middle\">");
        add_escaped(&b, title);
        text_buffer_puts(&b, "</text></g>\n");
    }
    text_buffer_format(&b, "<g transform=\"translate(%.0f,%.0f)\">\n", margin, margin + bar);
    for (int row = 0; row < t->rows; row++)
        add_backgrounds(&b, t, row, background, foreground);
    for (int row = 0; row < t->rows; row++)
        add_texts(&b, t, row, background, foreground);
    text_buffer_puts(&b, "</g>\n</svg>\n");
    return text_buffer_take(&b);
}

/* Monochrome: attributes only; what carries meaning is also written out (signs, brackets,
 * words). */
#include "themes/tables.h"

#include "themes/roles.h"

/* clang-format off */
static const struct style styles[STYLE_COUNT] = {
    [STYLE_TEXT] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
    [STYLE_DIM] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .dim = true},
    [STYLE_STRONG] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_TITLE] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_BORDER] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .dim = true},
    [STYLE_BORDER_FOCUS] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_FIELD] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .underline = true},
    [STYLE_FIELD_FOCUS] = {.fg = COLOUR_DEFAULT,
        .bg = COLOUR_DEFAULT, .bold = true, .reverse = true},
    [STYLE_BUTTON] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .reverse = true},
    [STYLE_TAB] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
    [STYLE_TAB_ACTIVE] = {.fg = COLOUR_DEFAULT,
        .bg = COLOUR_DEFAULT, .reverse = true, .bold = true},
    [STYLE_CURSOR] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .reverse = true},
    [STYLE_MARK_A] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_MARK_B] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true, .underline = true},
    [STYLE_MATCH] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .reverse = true},
    [STYLE_KEY] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_KEY_LABEL] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .reverse = true},
    [STYLE_STATUS] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .reverse = true},
    [STYLE_NOTICE] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_WARNING] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_ERROR] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true, .reverse = true},
    [STYLE_PROGRESS] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_PROGRESS_REST] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .dim = true},
    [STYLE_POSITIVE] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_NEGATIVE] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .underline = true},
    [STYLE_SPECIAL_TOKEN] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT, .dim = true},
    [STYLE_OVERLAY] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
    [STYLE_HEAT] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
};

const struct theme theme_mono = {
    .id = "mono", .title = "Monochrome", .dark = true, .diverging = "berlin", .sequential = "grey",
    .styles = styles, .n_styles = STYLE_COUNT,
};
/* clang-format on */

/* Light: the terminal's own background, dark blue for what is active, brown for what needs an
 * eye. */
#include "themes/tables.h"

#include "themes/roles.h"

/* clang-format off */
static const struct style styles[STYLE_COUNT] = {
    [STYLE_TEXT] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
    [STYLE_DIM] = {.fg = COLOUR(0x626262, 241, 8, -1), .bg = COLOUR_DEFAULT},
    [STYLE_STRONG] = {.fg = COLOUR(0x121212, 233, 0, 0), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_TITLE] = {.fg = COLOUR(0x005F87, 24, 4, 4), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_BORDER] = {.fg = COLOUR(0xB2B2B2, 249, 7, -1), .bg = COLOUR_DEFAULT},
    [STYLE_BORDER_FOCUS] = {.fg = COLOUR(0x005F87, 24, 4, 4), .bg = COLOUR_DEFAULT},
    [STYLE_FIELD] = {.fg = COLOUR(0x121212, 233, 0, 0), .bg = COLOUR(0xE4E4E4, 254, 7, -1)},
    [STYLE_FIELD_FOCUS] = {.fg = COLOUR(0x121212, 233, 0, 0),
        .bg = COLOUR(0xAFD7FF, 153, 6, 6), .bold = true},
    [STYLE_BUTTON] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7),
        .bg = COLOUR(0x005F87, 24, 4, 4), .bold = true},
    [STYLE_TAB] = {.fg = COLOUR(0x626262, 241, 8, -1), .bg = COLOUR_DEFAULT},
    [STYLE_TAB_ACTIVE] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7),
        .bg = COLOUR(0x005F87, 24, 4, 4), .bold = true},
    [STYLE_CURSOR] = {.fg = COLOUR(0x121212, 233, 0, 0),
        .bg = COLOUR(0xAFD7FF, 153, 6, 6), .bold = true},
    [STYLE_MARK_A] = {.fg = COLOUR(0xAF5F00, 130, 5, 5), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_MARK_B] = {.fg = COLOUR(0x875FAF, 97, 4, 4), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_MATCH] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0xAF5F00, 130, 5, 5)},
    [STYLE_KEY] = {.fg = COLOUR(0xAF5F00, 130, 5, 5), .bg = COLOUR_DEFAULT},
    [STYLE_KEY_LABEL] = {.fg = COLOUR(0x121212, 233, 0, 0), .bg = COLOUR(0xDADADA, 253, 7, -1)},
    [STYLE_STATUS] = {.fg = COLOUR(0x121212, 233, 0, 0), .bg = COLOUR(0xDADADA, 253, 7, -1)},
    [STYLE_NOTICE] = {.fg = COLOUR(0x005F87, 24, 4, 4), .bg = COLOUR_DEFAULT},
    [STYLE_WARNING] = {.fg = COLOUR(0xAF5F00, 130, 5, 5), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_ERROR] = {.fg = COLOUR(0xAF0000, 124, 1, 1), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_PROGRESS] = {.fg = COLOUR(0x005F87, 24, 4, 4), .bg = COLOUR_DEFAULT},
    [STYLE_PROGRESS_REST] = {.fg = COLOUR(0xB2B2B2, 249, 7, -1), .bg = COLOUR_DEFAULT},
    [STYLE_POSITIVE] = {.fg = COLOUR(0xAF0000, 124, 1, 1), .bg = COLOUR_DEFAULT},
    [STYLE_NEGATIVE] = {.fg = COLOUR(0x005FAF, 25, 4, 4), .bg = COLOUR_DEFAULT},
    [STYLE_SPECIAL_TOKEN] = {.fg = COLOUR(0x875FAF, 97, 4, 4), .bg = COLOUR_DEFAULT},
    [STYLE_OVERLAY] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
    [STYLE_HEAT] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
};

const struct theme theme_light = {
    .id = "light", .title = "Light", .dark = false, .diverging = "RdBu", .sequential = "blues",
    .styles = styles, .n_styles = STYLE_COUNT,
};
/* clang-format on */

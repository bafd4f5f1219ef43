/* Dark: the terminal's own background, teal for what is active, amber for what needs an eye. */
#include "themes/tables.h"

#include "themes/roles.h"

/* clang-format off */
static const struct style styles[STYLE_COUNT] = {
    [STYLE_TEXT] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
    [STYLE_DIM] = {.fg = COLOUR(0x8A8A8A, 245, 8, -1), .bg = COLOUR_DEFAULT},
    [STYLE_STRONG] = {.fg = COLOUR(0xEEEEEE, 255, 15, 7), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_TITLE] = {.fg = COLOUR(0x5FD7D7, 80, 14, 6), .bg = COLOUR_DEFAULT},
    [STYLE_BORDER] = {.fg = COLOUR(0x4E4E4E, 239, 8, -1), .bg = COLOUR_DEFAULT},
    [STYLE_BORDER_FOCUS] = {.fg = COLOUR(0x5FD7D7, 80, 14, 6), .bg = COLOUR_DEFAULT},
    [STYLE_FIELD] = {.fg = COLOUR(0xEEEEEE, 255, 15, 7), .bg = COLOUR(0x262626, 235, -1, -1)},
    [STYLE_FIELD_FOCUS] = {.fg = COLOUR(0xEEEEEE, 255, 15, 7),
        .bg = COLOUR(0x1F4B59, 24, 6, 6), .bold = true},
    [STYLE_BUTTON] = {.fg = COLOUR(0x121212, 233, 0, 0),
        .bg = COLOUR(0x5FD7D7, 80, 14, 6), .bold = true},
    [STYLE_TAB] = {.fg = COLOUR(0x8A8A8A, 245, 8, -1), .bg = COLOUR_DEFAULT},
    [STYLE_TAB_ACTIVE] = {.fg = COLOUR(0x121212, 233, 0, 0),
        .bg = COLOUR(0x5FD7D7, 80, 14, 6), .bold = true},
    [STYLE_CURSOR] = {.fg = COLOUR(0xEEEEEE, 255, 15, 7),
        .bg = COLOUR(0x1F4B59, 24, 6, 6), .bold = true},
    [STYLE_MARK_A] = {.fg = COLOUR(0xFFAF5F, 215, 11, 3), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_MARK_B] = {.fg = COLOUR(0xD7AFFF, 183, 13, 5), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_MATCH] = {.fg = COLOUR(0x121212, 233, 0, 0), .bg = COLOUR(0xFFAF5F, 215, 11, 3)},
    [STYLE_KEY] = {.fg = COLOUR(0xFFAF5F, 215, 11, 3), .bg = COLOUR_DEFAULT},
    [STYLE_KEY_LABEL] = {.fg = COLOUR(0xD0D0D0, 252, 7, 7), .bg = COLOUR(0x303030, 236, -1, -1)},
    [STYLE_STATUS] = {.fg = COLOUR(0xD0D0D0, 252, 7, 7), .bg = COLOUR(0x303030, 236, -1, -1)},
    [STYLE_NOTICE] = {.fg = COLOUR(0x5FD7D7, 80, 14, 6), .bg = COLOUR_DEFAULT},
    [STYLE_WARNING] = {.fg = COLOUR(0xFFAF5F, 215, 11, 3), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_ERROR] = {.fg = COLOUR(0xFF8787, 210, 9, 1), .bg = COLOUR_DEFAULT, .bold = true},
    [STYLE_PROGRESS] = {.fg = COLOUR(0x5FD7D7, 80, 14, 6), .bg = COLOUR_DEFAULT},
    [STYLE_PROGRESS_REST] = {.fg = COLOUR(0x4E4E4E, 239, 8, -1), .bg = COLOUR_DEFAULT},
    [STYLE_POSITIVE] = {.fg = COLOUR(0xFF8787, 210, 9, 1), .bg = COLOUR_DEFAULT},
    [STYLE_NEGATIVE] = {.fg = COLOUR(0x87AFFF, 111, 12, 4), .bg = COLOUR_DEFAULT},
    [STYLE_SPECIAL_TOKEN] = {.fg = COLOUR(0xD7AFFF, 183, 13, 5), .bg = COLOUR_DEFAULT},
    [STYLE_OVERLAY] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
    [STYLE_HEAT] = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT},
};

const struct theme theme_dark = {
    .id = "dark", .title = "Dark", .dark = true, .diverging = "berlin", .sequential = "viridis",
    .styles = styles, .n_styles = STYLE_COUNT,
};
/* clang-format on */

/* High contrast: pure white on pure black and the reverse; the few hues are all lighter than 7:1 on
 * black. */
#include "themes/tables.h"

#include "themes/roles.h"

/* clang-format off */
static const struct style styles[STYLE_COUNT] = {
    [STYLE_TEXT] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0)},
    [STYLE_DIM] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0)},
    [STYLE_STRONG] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_TITLE] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_BORDER] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0)},
    [STYLE_BORDER_FOCUS] = {.fg = COLOUR(0xFFFF00, 226, 11, 3), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_FIELD] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0), .underline = true},
    [STYLE_FIELD_FOCUS] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFFFFFF, 231, 15, 7), .bold = true},
    [STYLE_BUTTON] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFFFFFF, 231, 15, 7), .bold = true},
    [STYLE_TAB] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0)},
    [STYLE_TAB_ACTIVE] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFFFFFF, 231, 15, 7), .bold = true},
    [STYLE_CURSOR] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFFFF00, 226, 11, 3), .bold = true},
    [STYLE_MARK_A] = {.fg = COLOUR(0xFFFF00, 226, 11, 3), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_MARK_B] = {.fg = COLOUR(0x00FFFF, 51, 14, 6), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_MATCH] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFFFF00, 226, 11, 3), .bold = true},
    [STYLE_KEY] = {.fg = COLOUR(0xFFFF00, 226, 11, 3), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_KEY_LABEL] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFFFFFF, 231, 15, 7)},
    [STYLE_STATUS] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFFFFFF, 231, 15, 7)},
    [STYLE_NOTICE] = {.fg = COLOUR(0x00FFFF, 51, 14, 6), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_WARNING] = {.fg = COLOUR(0xFFFF00, 226, 11, 3), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_ERROR] = {.fg = COLOUR(0x000000, 16, 0, 0), .bg = COLOUR(0xFF8787, 210, 9, 1), .bold = true},
    [STYLE_PROGRESS] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_PROGRESS_REST] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0)},
    [STYLE_POSITIVE] = {.fg = COLOUR(0xFF8787, 210, 9, 1), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_NEGATIVE] = {.fg = COLOUR(0x87D7FF, 117, 12, 6), .bg = COLOUR(0x000000, 16, 0, 0), .bold = true},
    [STYLE_SPECIAL_TOKEN] = {.fg = COLOUR(0x00FFFF, 51, 14, 6), .bg = COLOUR(0x000000, 16, 0, 0), .underline = true},
    [STYLE_OVERLAY] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0)},
    [STYLE_HEAT] = {.fg = COLOUR(0xFFFFFF, 231, 15, 7), .bg = COLOUR(0x000000, 16, 0, 0)},
};

const struct theme theme_high_contrast = {
    .id = "high-contrast", .title = "High contrast", .dark = true, .diverging = "berlin", .sequential = "grey",
    .styles = styles, .n_styles = STYLE_COUNT,
};
/* clang-format on */

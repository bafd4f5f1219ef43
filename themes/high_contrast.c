/* High contrast: pure white on pure black and the reverse; the few hues are all lighter than 7:1 on
 * black. */
#include "themes/tables.h"

#include "themes/roles.h"

#define WHITE COLOUR(0xFFFFFF, 231, 15, 7)
#define BLACK COLOUR(0x000000, 16, 0, 0)
#define YELLOW COLOUR(0xFFFF00, 226, 11, 3)
#define CYAN COLOUR(0x00FFFF, 51, 14, 6)
#define RED COLOUR(0xFF8787, 210, 9, 1)
#define BLUE COLOUR(0x87D7FF, 117, 12, 6)

/* clang-format off */
static const struct style styles[STYLE_COUNT] = {
    [STYLE_TEXT] = {.fg = WHITE, .bg = BLACK},
    [STYLE_DIM] = {.fg = WHITE, .bg = BLACK},
    [STYLE_STRONG] = {.fg = WHITE, .bg = BLACK, .bold = true},
    [STYLE_TITLE] = {.fg = WHITE, .bg = BLACK, .bold = true},
    [STYLE_BORDER] = {.fg = WHITE, .bg = BLACK},
    [STYLE_BORDER_FOCUS] = {.fg = YELLOW, .bg = BLACK, .bold = true},
    [STYLE_FIELD] = {.fg = WHITE, .bg = BLACK, .underline = true},
    [STYLE_FIELD_FOCUS] = {.fg = BLACK, .bg = WHITE, .bold = true},
    [STYLE_BUTTON] = {.fg = BLACK, .bg = WHITE, .bold = true},
    [STYLE_TAB] = {.fg = WHITE, .bg = BLACK},
    [STYLE_TAB_ACTIVE] = {.fg = BLACK, .bg = WHITE, .bold = true},
    [STYLE_CURSOR] = {.fg = BLACK, .bg = YELLOW, .bold = true},
    [STYLE_MARK_A] = {.fg = YELLOW, .bg = BLACK, .bold = true},
    [STYLE_MARK_B] = {.fg = CYAN, .bg = BLACK, .bold = true},
    [STYLE_MATCH] = {.fg = BLACK, .bg = YELLOW, .bold = true},
    [STYLE_KEY] = {.fg = YELLOW, .bg = BLACK, .bold = true},
    [STYLE_KEY_LABEL] = {.fg = BLACK, .bg = WHITE},
    [STYLE_STATUS] = {.fg = BLACK, .bg = WHITE},
    [STYLE_NOTICE] = {.fg = CYAN, .bg = BLACK, .bold = true},
    [STYLE_WARNING] = {.fg = YELLOW, .bg = BLACK, .bold = true},
    [STYLE_ERROR] = {.fg = BLACK, .bg = RED, .bold = true},
    [STYLE_PROGRESS] = {.fg = WHITE, .bg = BLACK, .bold = true},
    [STYLE_PROGRESS_REST] = {.fg = WHITE, .bg = BLACK},
    [STYLE_POSITIVE] = {.fg = RED, .bg = BLACK, .bold = true},
    [STYLE_NEGATIVE] = {.fg = BLUE, .bg = BLACK, .bold = true},
    [STYLE_SPECIAL_TOKEN] = {.fg = CYAN, .bg = BLACK, .underline = true},
    [STYLE_OVERLAY] = {.fg = WHITE, .bg = BLACK},
    [STYLE_HEAT] = {.fg = WHITE, .bg = BLACK},
};

const struct theme theme_high_contrast = {
    .id = "high-contrast", .title = "High contrast", .dark = true,
    .diverging = "berlin", .sequential = "grey",
    .styles = styles, .n_styles = STYLE_COUNT,
};
/* clang-format on */

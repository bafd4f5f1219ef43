/* The built-in themes and colour maps, one file each: what themes/theme.c lists. Private to
 * themes/. */
#ifndef TINSEQ_THEMES_TABLES_H
#define TINSEQ_THEMES_TABLES_H

#include "themes/theme.h"

/* clang-format off */
#define COLOUR_MAPS(X) \
    X(berlin) X(rdbu) X(vik) X(viridis) X(viridis_r) X(blues) X(cividis) X(magma) X(grey) X(grey_r)
#define THEMES(X) X(dark) X(light) X(high_contrast) X(mono)
/* clang-format on */

#define X(name) extern const struct colour_map map_##name;
COLOUR_MAPS(X)
#undef X
#define X(name) extern const struct theme theme_##name;
THEMES(X)
#undef X

/* Colours in theme files: exact, nearest of 256, of 16, of 8. */
#define COLOUR(rgb, i256, i16, i8)                                                                 \
    { rgb, i256, i16, i8 }
#define COLOUR_DEFAULT                                                                             \
    { -1, -1, -1, -1 }

#endif

/* Pickers with ready content: commands, themes, colour maps. Interface thread only. */
#ifndef TINSEQ_VIEWS_PALETTE_H
#define TINSEQ_VIEWS_PALETTE_H

#include "views/widgets/command.h"
#include "views/widgets/picker.h"

#include <stddef.h>

/* All commands: those that do something in `context`, those that move there, and the others,
 * disabled; ids are the commands' own. */
void palette_open(struct picker *p, const struct command *commands, size_t n, uint32_t context);
/* Ids are places in theme_list and colour_map_list; the current one is selected. */
void palette_open_themes(struct picker *p, const char *current);
void palette_open_colour_maps(struct picker *p, bool diverging, const char *current);

#endif

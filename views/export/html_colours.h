/* Colours and numbers of the page's cells, and the scale above them. Internal to the page. Any
 * thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_COLOURS_H
#define TINSEQ_VIEWS_EXPORT_HTML_COLOURS_H

#include "backend/base/mem.h"
#include "themes/theme.h"
#include "views/export/html_part.h"

#define HTML_LEVELS 64

/* Classes h0 … h63 are a diverging map's levels, of which scores without signs use the upper half;
 * s0 … s63 a sequential map of the caller's. `given` may be NULL: the themes' own. */
void html_colours(struct text_buffer *b, const struct colour_map *given);
/* The map of a light and of a dark page that colours a part. */
const struct colour_map *html_map(const struct html_part *p, const struct colour_map *given,
                                  bool dark);
/* The level of a score that is a number. */
int html_level(const struct html_part *p, float value);
void html_class(struct text_buffer *b, const struct html_part *p, float value);
/* With so many decimals; what they would hide as a power of ten. */
void html_number(struct text_buffer *b, float value, int decimals);
#define HTML_DECIMALS 3 /* of numbers that belong to no scale */
/* Of a scale's numbers: two digits of its end at least. */
int html_decimals(const struct heat *h);
/* Steps of colour from one end to the other, with what they mean. */
void html_scale(struct text_buffer *b, const struct html_part *p);

#endif

#include "views/export/html_colours.h"

#include <math.h>
#include <stdlib.h>

static const struct colour_map *theme_map(const char *theme) {
    return colour_map_find(theme_find(theme)->diverging);
}

static void put_rules(struct text_buffer *b, const struct colour_map *map, char letter) {
    for (int level = 0; level < HTML_LEVELS; level++) {
        uint32_t rgb = (uint32_t)map->rgb[level][0] << 16 | (uint32_t)map->rgb[level][1] << 8 |
                       map->rgb[level][2];
        text_buffer_format(b, ".%c%d{background:#%06x;color:#%s}", letter, level, rgb,
                           colour_wants_dark_text(rgb) ? "000" : "fff");
    }
    text_buffer_puts(b, "\n");
}

void html_colours(struct text_buffer *b, const struct colour_map *given) {
    if (given && !given->diverging)
        put_rules(b, given, 's');
    if (given && given->diverging) {
        put_rules(b, given, 'h');
        return;
    }
    put_rules(b, theme_map("light"), 'h');
    text_buffer_puts(b, "@media screen and (prefers-color-scheme:dark){");
    put_rules(b, theme_map("dark"), 'h');
    text_buffer_puts(b, "}\n");
}

const struct colour_map *html_map(const struct html_part *p, const struct colour_map *given,
                                  bool dark) {
    if (given && (given->diverging || p->own_map))
        return given;
    return theme_map(dark ? "dark" : "light");
}

int html_level(const struct html_part *p, float value) {
    const float part = heat_part(&p->heat, value);
    if (p->own_map)
        return (int)lroundf(part * 63);
    return 32 + (int)lroundf(part * (part < 0 ? 32 : 31));
}

void html_class(struct text_buffer *b, const struct html_part *p, float value) {
    text_buffer_format(b, "%c%d", p->own_map ? 's' : 'h', html_level(p, value));
}

void html_number(struct text_buffer *b, float value, int decimals) {
    const double size = fabs((double)value);
    if (size >= 1e5 || (size != 0 && size < 0.5 * pow(10, -decimals)))
        text_buffer_format(b, "%.2e", (double)value);
    else
        text_buffer_format(b, "%.*f", decimals, (double)value);
}

int html_decimals(const struct heat *h) {
    const double most = fmax(fabs((double)h->from), fabs((double)h->to));
    if (most == 0 || most >= 0.1)
        return HTML_DECIMALS;
    return (int)fmin(6, 2 + ceil(-log10(most) - 1e-6)); /* 0.01 as a float is below */
}

void html_scale(struct text_buffer *b, const struct html_part *p) {
    const struct heat *h = &p->heat;
    const int steps = 16;
    text_buffer_puts(b, "<span class=scale><span>");
    html_number(b, h->from, html_decimals(h));
    text_buffer_puts(b, "</span><i>");
    for (int i = 0; i <= steps; i++) {
        text_buffer_puts(b, "<s class=");
        html_class(b, p, h->from + (h->to - h->from) * (float)i / (float)steps);
        text_buffer_puts(b, "></s>");
    }
    text_buffer_puts(b, "</i><span>");
    html_number(b, h->to, html_decimals(h));
    text_buffer_puts(b, "</span></span>");
    char *told = heat_told(h, p->flat);
    text_buffer_format(b, "<span class=fixed>%s</span>", told ? told : "");
    free(told);
}

/*
 * Colour maps before a dark or a light background: what is next to nothing fades into it. A map of
 * the other kind of background is taken from its other end, so that what is large stands out.
 */
#include "themes/theme.h"

#include "themes/tables.h"

#include <math.h>
#include <stdlib.h>
#include <threads.h>

#define LEVELS 64
#define FADES_BELOW 0.35 /* of full colour */
#define TURNED_LEAST 0.4 /* where a turned diverging map ends: before its pale middle */
#define FIRST_INDEX 16   /* of the palette: those before are people's own */
#define N_INDICES (256 - FIRST_INDEX)

struct lab {
    double l, a, b;
};

static double linear(double c) {
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double lab_part(double t) {
    return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

static struct lab lab_of(uint32_t rgb) {
    const double r = linear((rgb >> 16) / 255.0), g = linear((rgb >> 8 & 0xFF) / 255.0),
                 b = linear((rgb & 0xFF) / 255.0);
    const double x = lab_part((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505),
                 y = lab_part(0.2126 * r + 0.7152 * g + 0.0722 * b),
                 z = lab_part((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    return (struct lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

static uint32_t rgb_at(const struct colour_map *m, int level) {
    return (uint32_t)m->rgb[level][0] << 16 | (uint32_t)m->rgb[level][1] << 8 | m->rgb[level][2];
}

/* The value that a level stands for, [−1, 1] or [0, 1]. */
static double value_of(const struct colour_map *m, int level) {
    if (!m->diverging)
        return level / 63.0;
    return level < 32 ? (level - 32) / 32.0 : (level - 32) / 31.0;
}

static bool is_for_dark(const struct colour_map *m) {
    const int zero = m->diverging ? 32 : 0;
    return lab_of(rgb_at(m, zero)).l < lab_of(rgb_at(m, 63)).l;
}

/* The level of the map that gives a value its colour. */
static int source_level(const struct colour_map *m, double value, bool turned) {
    if (turned && m->diverging)
        value = copysign(1 - (1 - TURNED_LEAST) * fabs(value), value);
    else if (turned)
        value = 1 - value;
    return colour_map_level(m, (float)value);
}

static uint8_t mixed(double from, double to, double part) {
    return (uint8_t)lround(from + (to - from) * part);
}

/* The index nearest to a colour that is no further from the background than `next` is. */
static uint8_t nearest(const struct lab places[N_INDICES], uint32_t rgb, int next, bool dark) {
    const struct lab wanted = lab_of(rgb);
    const double bound = places[next - FIRST_INDEX].l;
    double least = HUGE_VAL;
    int best = next;
    for (int i = 0; i < N_INDICES; i++) {
        const struct lab p = places[i];
        const double l = p.l - wanted.l, a = p.a - wanted.a, b = p.b - wanted.b,
                     distance = l * l + a * a + b * b;
        if (distance < least && (dark ? p.l <= bound : p.l >= bound)) {
            least = distance;
            best = i + FIRST_INDEX;
        }
    }
    return (uint8_t)best;
}

/* From the strongest level towards zero, so that each knows the next stronger one. */
static void fit_levels(struct colour_map *out, const struct colour_map *m, bool dark, int from,
                       int to, const struct lab places[N_INDICES]) {
    const bool turned = is_for_dark(m) != dark;
    const double ground = dark ? 0x12 : 0xFF;
    const int step = to < from ? -1 : 1;
    for (int level = from, next = -1; level != to + step; level += step) {
        const double value = value_of(m, level), size = fabs(value);
        const int source = source_level(m, value, turned);
        const double part = size < FADES_BELOW ? size / FADES_BELOW : 1;
        for (int i = 0; i < 3; i++)
            out->rgb[level][i] = mixed(ground, m->rgb[source][i], part);
        out->index256[level] = m->index256[source];
        if (part < 1 && next >= 0)
            out->index256[level] = nearest(places, rgb_at(out, level), next, dark);
        next = out->index256[level];
    }
}

#define X(name) +1
enum { N_MAPS = 0 COLOUR_MAPS(X) };
#undef X

static struct colour_map fitted[N_MAPS][2];

static void fit_all(void) {
    struct lab places[N_INDICES];
    size_t n;
    const struct colour_map *const *all = colour_map_list(&n);
    for (int i = 0; i < N_INDICES; i++)
        places[i] = lab_of(colour_of_index256(i + FIRST_INDEX));
    for (size_t i = 0; i < n; i++)
        for (int dark = 0; dark < 2; dark++) {
            struct colour_map *out = &fitted[i][dark];
            *out = *all[i];
            fit_levels(out, all[i], dark, 63, out->diverging ? 32 : 0, places);
            if (out->diverging)
                fit_levels(out, all[i], dark, 0, 31, places);
        }
}

const struct colour_map *colour_map_on(const struct colour_map *m, bool dark) {
    static once_flag once = ONCE_FLAG_INIT;
    size_t n;
    const struct colour_map *const *all = colour_map_list(&n);
    call_once(&once, fit_all);
    for (size_t i = 0; i < n; i++)
        if (all[i] == m)
            return &fitted[i][dark];
    return m;
}

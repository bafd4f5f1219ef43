#!/usr/bin/env python3
"""Writes themes/map_*.c: 64 levels of published colour maps, exact RGB and the nearest xterm-256 indices whose lightness stays monotone.

Run from the source tree's root, with matplotlib (3.10 or newer: berlin) and cmcrameri (1.9 or newer: vik) importable, and the 256-colour table as argument:
    python3 tests/themes/make_colour_maps.py colour-luts-256.json
The table holds, per map, 256 palette indices chosen by CIEDE2000 under the constraint that lightness never turns back. Maps without a row there
are derived here. Sources: viridis, magma (S. van der Walt, N. Smith, CC0), cividis (Nuñez, Anderton, Renslow 2018), RdBu and Blues
(C. Brewer's ColorBrewer), berlin and vik (F. Crameri 2018, doi 10.5281/zenodo.1243862).
"""
import json
import sys

import matplotlib
import cmcrameri.cm

LEVELS = 64
luts = json.load(open(sys.argv[1]))


def position(level, diverging):
    """Level 32 of a diverging map is its exact centre, levels 0 and 63 are its ends."""
    if not diverging:
        return level / (LEVELS - 1)
    return level / 64 if level <= 32 else 0.5 + (level - 32) / 62


def grey_row():
    rgb, index = [], []
    for level in range(LEVELS):
        value = round(16 + level / (LEVELS - 1) * (240 - 16))
        rgb.append((value, value, value))
        index.append(232 + min(23, max(0, round((value - 8) / 10))))
    return rgb, index


def lab(rgb):
    """CIE L*a*b* (D65) of 8-bit sRGB."""
    r, g, b = [c / 255 / 12.92 if c <= 10.31 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    xyz = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b, (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    x, y, z = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz]
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def monotone(rgb):
    """Palette indices nearest in L*a*b* whose lightness goes one way only (dynamic programming over the palette sorted by lightness)."""
    steps = [0, 95, 135, 175, 215, 255]
    palette = {16 + i: (steps[i // 36], steps[i // 6 % 6], steps[i % 6]) for i in range(216)}
    palette.update({232 + i: (8 + 10 * i,) * 3 for i in range(24)})
    falls = lab(rgb[0])[0] > lab(rgb[-1])[0]
    order = sorted(palette, key=lambda i: -lab(palette[i])[0] if falls else lab(palette[i])[0])
    places = [lab(palette[i]) for i in order]
    cost, back = [0.0] * len(order), []
    for c in map(lab, rgb):
        best, at, row_back, row_cost = float("inf"), 0, [], []
        for k, p in enumerate(places):
            if cost[k] < best:
                best, at = cost[k], k
            row_cost.append(best + sum((a - b) ** 2 for a, b in zip(c, p)))
            row_back.append(at)
        cost, back = row_cost, back + [row_back]
    k = min(range(len(order)), key=lambda i: cost[i])
    index = []
    for row_back in reversed(back):
        index.append(order[k])
        k = row_back[k]
    return index[::-1]


def row(name, source, diverging, flip):
    if name == "grey":
        rgb, index = grey_row()
        return (rgb[::-1], index[::-1]) if flip else (rgb, index)
    at = [position(level, diverging) for level in range(LEVELS)]
    at = [1 - t for t in at] if flip else at
    rgb = [tuple(round(255 * c) for c in source(t)[:3]) for t in at]
    return rgb, [luts[name][round(t * 255)] for t in at] if name in luts else monotone(rgb)


def write(path, symbol, id_, title, diverging, rgb, index):
    lines = [
        "/* Made by tests/themes/make_colour_maps.py, which names the source; do not edit. */",
        '#include "themes/tables.h"',
        "",
        "/* clang-format off */",
        f"const struct colour_map map_{symbol} = {{",
        f'    .id = "{id_}", .title = "{title}", .diverging = {"true" if diverging else "false"},',
        "    .rgb = {",
    ]
    for i in range(0, LEVELS, 4):
        lines.append("        " + " ".join("{%d, %d, %d}," % c for c in rgb[i:i + 4]))
    lines.append("    },")
    lines.append("    .index256 = {")
    for i in range(0, LEVELS, 16):
        lines.append("        " + " ".join("%d," % c for c in index[i:i + 16]))
    lines += ["    },", "};", "/* clang-format on */", ""]
    open(path, "w").write("\n".join(lines))


maps = matplotlib.colormaps
for symbol, id_, title, name, source, diverging, flip in [
    ("viridis", "viridis", "Viridis", "viridis", maps["viridis"], False, False),
    ("viridis_r", "viridis_r", "Viridis reversed", "viridis", maps["viridis"], False, True),
    ("cividis", "cividis", "Cividis", "cividis", maps["cividis"], False, False),
    ("magma", "magma", "Magma", "magma", maps["magma"], False, False),
    ("blues", "blues", "Blues (for light backgrounds)", "Blues", maps["Blues"], False, False),
    ("grey", "grey", "Grey", "grey", None, False, False),
    ("grey_r", "grey_r", "Grey reversed", "grey", None, False, True),
    ("rdbu", "RdBu", "Red–blue (blue negative, red positive)", "RdBu", maps["RdBu"], True, True),
    ("berlin", "berlin", "Berlin (dark centre)", "berlin", maps["berlin"], True, False),
    ("vik", "vik", "Vik", "vik", cmcrameri.cm.vik, True, False),
]:
    rgb, index = row(name, source, diverging, flip)
    write(f"themes/map_{symbol}.c", symbol, id_, title, diverging, rgb, index)

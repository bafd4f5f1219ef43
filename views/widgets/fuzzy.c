#include "views/widgets/fuzzy.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#define TEXT_MOST 256 /* characters of the text that are looked at */

struct letter {
    utf8proc_int32_t lower;
    size_t at;
    bool starts_word;
};

static size_t read_letters(struct letter *out, size_t most, const char *s, bool skip_blanks) {
    size_t n = 0, at = 0, length = strlen(s);
    utf8proc_int32_t before = ' ';
    while (at < length && n < most) {
        utf8proc_int32_t c;
        utf8proc_ssize_t used =
            utf8proc_iterate((const utf8proc_uint8_t *)s + at, (utf8proc_ssize_t)(length - at), &c);
        if (used < 1) {
            c = 0xFFFD;
            used = 1;
        }
        bool word = strchr(" _-./·▁Ġ", (int)(before < 0x80 ? before : '_')) != NULL;
        if (!(skip_blanks && c == ' '))
            out[n++] = (struct letter){utf8proc_tolower(c), at, word};
        before = c;
        at += (size_t)used;
    }
    return n;
}

/* The best score of matching the pattern's first i letters with the i-th at text letter j
 * (Smith–Waterman-like dynamic programme): 8 a letter at the start of a word, 6 next to the
 * letter before, 1 elsewhere, less for letters skipped at the front. */
int fuzzy_score(size_t *places, size_t *n_places, const char *pattern, const char *text) {
    struct letter p[FUZZY_MOST], t[TEXT_MOST];
    static _Thread_local int16_t best[FUZZY_MOST][TEXT_MOST], from[FUZZY_MOST][TEXT_MOST];
    size_t n = read_letters(p, FUZZY_MOST, pattern, true),
           m = read_letters(t, TEXT_MOST, text, false);
    if (n_places)
        *n_places = n;
    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        int running = -1;
        int16_t running_at = -1;
        for (size_t j = 0; j < m; j++) {
            best[i][j] = from[i][j] = -1;
            int above = i == 0 ? 0 : running; /* best of any earlier place of the letter before */
            int16_t above_at = running_at;
            if (p[i].lower == t[j].lower && (i == 0 || above >= 0)) {
                int score = above + (t[j].starts_word ? 8 : 1);
                if (i == 0)
                    score -= (int)(j < 8 ? j : 8) / 2;
                if (i > 0 && j > 0 && best[i - 1][j - 1] >= 0 && best[i - 1][j - 1] + 9 >= score) {
                    score = best[i - 1][j - 1] + 9;
                    above_at = (int16_t)(j - 1);
                }
                best[i][j] = (int16_t)(score > 0 ? score : 0);
                from[i][j] = above_at;
            }
            if (i > 0 && best[i - 1][j] > running) {
                running = best[i - 1][j];
                running_at = (int16_t)j;
            }
        }
    }
    int score = -1, at = -1;
    for (size_t j = 0; j < m; j++)
        if (best[n - 1][j] > score) {
            score = best[n - 1][j];
            at = (int)j;
        }
    for (size_t i = n; places && score >= 0 && i-- > 0; at = from[i][at])
        places[i] = t[at].at;
    return score;
}

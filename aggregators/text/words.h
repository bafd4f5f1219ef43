/*
 * Where words begin among tokens: at the marker of the file's own vocabulary (▁, Ġ and Ċ, ## of a
 * continuation, </w> of an end), or at white space. Any thread. Unicode categories: utf8proc.
 */
#ifndef TINSEQ_AGGREGATORS_WORDS_H
#define TINSEQ_AGGREGATORS_WORDS_H

#include "methods/result/attribution.h"

enum word_marker {
    MARKER_NONE,         /* tokens have neither marker nor white space */
    MARKER_SPACE,        /* ▁, Ġ, Ċ, or white space itself, begins a word */
    MARKER_CONTINUATION, /* ## joins what came before */
    MARKER_END           /* </w> ends a word */
};

/* By the tokens of both sides. */
enum word_marker word_marker_of(const struct attribution_sequence *s);

struct word_rules {
    enum word_marker marker; /* MARKER_NONE: every token is a word */
    bool apart;              /* punctuation at a word's ends is parted from it */
    bool breaks_apart;       /* a line break is no part of the word behind it, as it is in Inseq */
};
/* begins [list->n], zeroed. A special token stands alone, and so does each token of a script that
 * is written without spaces: that there was one is returned. */
bool words_begin(bool *begins, const struct token_list *list, const struct word_rules *rules);
/* What a person is told of the latter. */
extern const char words_without_spaces[];

/* The same by given markers: a token that begins with one of them begins a word, or with `joins`
 * belongs to the word before. Returns whether any token has a marker. */
bool words_begin_marked(bool *begins, const struct token_list *list, const char *const *markers,
                        size_t n_markers, bool joins, bool apart);

/* A token that takes no part in what others are joined to. */
bool word_stands_alone(const struct token *t);

#endif

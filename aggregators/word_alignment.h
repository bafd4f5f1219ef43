/*
 * Which word of the source a word of the text is of, by the source's scores: pairs of words, as
 * Pharaoh and Moses write them ("0-0 2-1"). Plain data. Any thread.
 *
 * Each direction takes for a word the cell with the largest score, or every cell with a given share
 * of the word's positive scores; both are then made one. Only positive scores align: a word that
 * has none is in no pair. Of equal scores the first counts; cells without a number are left out.
 * Sources: Och and Ney 2003, "A systematic comparison of various statistical alignment models"
 * (intersection, union); Koehn, Och and Marcu 2003, "Statistical phrase-based translation", whose
 * grow-diag goes by the steps that Moses published: the text's words, then the source's, with
 * neighbours in line before those over a corner.
 */
#ifndef TINSEQ_AGGREGATORS_WORD_ALIGNMENT_H
#define TINSEQ_AGGREGATORS_WORD_ALIGNMENT_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"

/* Pairs of a source's and a text's words: at [source · n_target + target]. */
struct word_alignment {
    int64_t n_source, n_target;
    bool *pairs;
};

/* How two directions become one alignment. */
struct word_alignment_way {
    const char *id;              /* "grow-diag" */
    const char *title, *summary; /* for people */
    /* *out, zeroed, of what each word of the text and each word of the source chose. */
    void (*join)(struct word_alignment *out, const struct word_alignment *columns,
                 const struct word_alignment *rows);
};
/* In the order of help; the first is what is usual. */
const struct word_alignment_way *word_alignment_ways(size_t *n);
/* NULL: there is none of that id. */
const struct word_alignment_way *word_alignment_way_find(const char *id);
/* For a person: what `tinseq explain word_alignments` prints. */
extern const char word_alignment_rules[];

struct word_alignment_how {
    const struct word_alignment_way *way;
    double threshold; /* the least share, of 0 to 1; 0: the largest score */
};

/* Of [rows, G] source scores: words are tokens of both sides as they are now (one row, one column),
 * counted from 0 without special tokens and white space alone; those of the text before its first
 * column count, too. `out` needs no initialisation; dispose of it. Errors: USAGE (there are no
 * source scores), SHAPE. */
enum err_code word_alignment_of(struct word_alignment *out, const struct attribution_sequence *s,
                                const struct word_alignment_how *how, struct err *e) ERR_CHECKED;
/* Words of the text among the columns that are in no pair. */
int64_t word_alignment_unpaired(const struct word_alignment *a,
                                const struct attribution_sequence *s);
/* Appends "i-j i-j" by the source's words, then the text's, and a line's end. */
void word_alignment_write(struct text_buffer *b, const struct word_alignment *a);
void word_alignment_dispose(struct word_alignment *a);

#endif

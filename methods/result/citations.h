/*
 * The documents that an answer rests on, as they are kept with a result, drawn and told (MIRAGE: Qi
 * et al. 2024, "Model Internals-based Answer Attribution for Trustworthy Retrieval-Augmented
 * Generation"). methods/context/cite.h finds them. Plain data. Any thread.
 *
 * In a file (info, "tinseq", "citations"), for each text one object or null; documents count from
 * 1, tokens and columns from 0:
 *
 *   of            [source, target, start, end]: of what sequence this is said
 *   side          "source" or "target": whose tokens `from`, `to` and `rows` are
 *   rule, most    which of a document's tokens count; documents of a sentence at most, 0: all
 *   sensitivity   of tokens of the answer that count, and whether it was `calibrated`
 *   documents     [{name, from, to}]
 *   sentences     [{from, to, documents: [{document, score, tokens}], left_out, given}]: columns,
 *                 by falling score; `given`: [numbers] or null
 *   tokens        [{column, sensitivity, counts, documents, rows}]: the sensitive ones, largest
 *                 first
 *   found, given, both, pairs, alike, precision, recall, f1, agreement: see citations_quality
 *   closed_book   {answer, tokens: [{piece, text, probability, same}]}, or absent
 */
#ifndef TINSEQ_METHODS_RESULT_CITATIONS_H
#define TINSEQ_METHODS_RESULT_CITATIONS_H

#include "methods/result/attribution.h"

/* A document that something rests on. */
struct citation {
    size_t document; /* from 0 */
    double score;    /* of its tokens that count, together */
    int64_t n_tokens;
};
/* By falling score. */
struct citation_list {
    struct citation *items;
    size_t n, n_left_out; /* others that rest on it too, beyond the most that a sentence has */
};

/* Tokens [from, to) of the side. */
struct cited_document {
    char *name;
    int64_t from, to;
};

/* Columns [from, to) of the answer. */
struct cited_sentence {
    int64_t from, to;
    struct citation_list list;
    bool has_given;
    size_t *given; /* [n_given] documents that a person, or the answer itself, names; ascending */
    size_t n_given;
};

/* A sensitive token of the answer. */
struct cited_token {
    int64_t column;
    double sensitivity;
    bool counts; /* is sensitive enough for the sentence's citations */
    struct citation_list list;
    int64_t *rows; /* [n_rows] documents' tokens that count, ascending */
    size_t n_rows;
};

/* Pairs of a sentence and a document, over sentences that have given ones. */
struct citations_quality {
    bool known;
    int64_t n_found, n_given, n_both; /* that are cited; given; both */
    int64_t n_pairs, n_alike;         /* all; those that are both or neither */
};

/* What the model says without the documents. */
struct closed_token {
    char *piece, *text; /* its own choice where the answer has a token, and that to be shown; NULL:
                           not known */
    double probability; /* of that */
    bool same;          /* it is the answer's token */
};
struct closed_book {
    bool given;
    char *answer;
    struct closed_token *tokens; /* [n_tokens]: a column each */
    size_t n_tokens;
};

/* Zero-initialised: nothing. */
struct citations {
    bool on_target;
    char *rule;
    int64_t most;
    double sensitivity;
    bool calibrated;
    struct cited_document *documents;
    size_t n_documents;
    struct cited_sentence *sentences;
    size_t n_sentences;
    struct cited_token *tokens;
    size_t n_tokens;
    struct citations_quality quality;
    struct closed_book closed_book;
};
void citations_dispose(struct citations *c);
void closed_book_dispose(struct closed_book *b);

/* NaN: nothing was cited, or given. */
double citations_precision(const struct citations_quality *q);
double citations_recall(const struct citations_quality *q);
double citations_f1(const struct citations_quality *q);
double citations_agreement(const struct citations_quality *q);

/* "[2][1]", or "" of none; owned by the caller. */
char *citation_marks(const struct citation_list *list);

/* The object on one line, of that sequence; owned by the caller. */
char *citations_json(const struct citations *c, const struct attribution_sequence *s);
/* Fills it from such a text (which may be NULL); false, and nothing is there: it is none, or of
 * other tokens. All places are within the sequence; NULL: any may be there, and no limit is known.
 */
bool citations_read(struct citations *out, const char *json, const struct attribution_sequence *s);

#endif

/* One context attribution on its way, its texts and their tokens: what its parts (context.c and the
 * files named after it) share. Internal to methods/context/. The worker thread only. */
#ifndef TINSEQ_METHODS_CONTEXT_JOB_H
#define TINSEQ_METHODS_CONTEXT_JOB_H

#include "backend/model.h"
#include "backend/tokenizer.h"
#include "methods/context/context.h"

/* --- texts and their tokens: context_texts.c --- */

/* A template that is filled in. */
struct context_filled {
    char *text; /* owned */
    struct context_range current, context;
};
/* ERR_USAGE: a placeholder that is neither, braces that do not close, no {current}; `name` is whose
 * template it is. */
enum err_code context_fill(struct context_filled *out, const char *name, const char *template,
                           const char *current, const char *context, struct err *e) ERR_CHECKED;

/* The request's template of a side, or what it is by default. */
const char *context_input_template(const struct context_request *r);
const char *context_output_template(const struct context_request *r);
/* How often {current} or {context} stands in it, where braces are not the text's own. */
size_t context_template_count(const char *template, const char *placeholder);
bool context_template_has(const char *template, const char *placeholder);
/* What a template that was checked puts before its {context} (without one, before {current}),
 * between both, and behind {current}. Owned. */
struct context_frame {
    char *before, *between, *behind;
};
struct context_frame context_frame_of(const char *template);
void context_frame_dispose(struct context_frame *f);
/* What goes between two texts: the separator, or nothing where one of them has it. */
const char *context_between(const struct context_request *r, const char *before, const char *after);

/* One of the two runs: with the context, or without. */
struct context_side {
    struct attribution_sequence tokens; /* its columns: those of `current` */
    char *text;  /* owned: the target's, with the prompt of a language model */
    char *input; /* owned: the source, or that prompt */
    struct context_span input_context, output_context;
    struct context_span *documents; /* owned; the request's; NULL: without the context */
    size_t current_at;              /* byte of `text` where the output's current text begins */
};
void context_side_dispose(struct context_side *s);
/* From the input's and the output's filled texts and what is between them. The ranges of the input
 * are in `input`, those of the output in `output`. */
enum err_code context_side_make(struct context_side *out, const struct model *m,
                                const struct context_request *r,
                                const struct context_events *events,
                                const struct context_filled *input, const char *between,
                                const struct context_filled *output, struct err *e) ERR_CHECKED;

/* Tokens of a text on its side, special ones in it only where they are kept. */
enum err_code context_encode(struct token_list *out, const struct model *m,
                             const struct context_request *r, const struct context_events *events,
                             enum text_side side, const char *text, struct err *e) ERR_CHECKED;
/* The text of n ids, without special tokens that are not kept; owned by the caller. */
enum err_code context_decode(char **out, const struct model *m, const struct context_request *r,
                             const int32_t *ids, size_t n, struct err *e) ERR_CHECKED;

/* A citation that was taken out of a text: what it is of ends, or begins, at this byte. */
struct context_taken {
    size_t at;
    int64_t number;
};
struct context_taken_list {
    struct context_taken *items; /* owned */
    size_t n;
    bool before; /* the text began with one: they stand before what they are of */
};
/* Takes [1], [1, 2] and the blanks before them out of an owned text (context_marks.c). */
void context_marks_take(struct context_taken_list *out, char **text);

/* The output's context and current text, given or written by the model: owned texts, the context
 * NULL where there is none; `between` as in context_side_make. context_outputs.c. */
struct context_outputs {
    char *context, *current, *between;
    struct context_taken_list taken; /* of `current` */
};
void context_outputs_dispose(struct context_outputs *o);
enum err_code context_outputs_find(struct context_outputs *out, struct model *m,
                                   const struct context_request *r,
                                   const struct context_events *events, const char *input,
                                   const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* The text that the model goes on with after the input and the beginning of an output ("": none). A
 * language model's keeps the blanks that it begins with. Owned by the caller. */
enum err_code context_write_on(char **out, struct model *m, const struct context_request *r,
                               const struct context_events *events, const char *input,
                               const char *begun, const struct run_ctl *ctl,
                               struct err *e) ERR_CHECKED;
/* The same without the blanks around it. */
char *context_stripped(const char *text);

#define CONTEXT_BLANKS " \t\n\r\v\f"
/* Parts what the model wrote into the output's context and the rest, which *text is then; both
 * owned. USAGE: it is not known where. context_part.c. */
enum err_code context_part(char **context, char **text, struct model *m,
                           const struct context_request *r, const struct context_events *events,
                           const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* One sentence to whoever watches. */
void context_tell(const struct context_events *events, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- one run --- */

/* What one context attribution works on. */
struct context_job {
    struct model *model;
    const struct context_request *request;
    const struct context_events *events;
    const struct run_ctl *ctl;
    struct context_outputs outputs;
    struct context_side with, without;
    int64_t n;                       /* columns: tokens that both have, from the end */
    int64_t with_from, without_from; /* their first one's position */
    struct attribution *compared;    /* without, held against with */
    struct context_result *result;
};

/* The measure by which runs are compared. */
const char *context_metric(const struct context_request *r);
/* Whether whole distributions are explained, not one token against another. */
bool context_compares_all(const struct context_request *r);
/* Whether what is explained is held against anything. */
bool context_contrasts(const struct context_request *r);
/* Positions from, from + 1, … [n]; owned by the caller. */
int64_t *context_opposite(int64_t from, int64_t n);
/* Notices alone. */
struct attribute_events context_notices(const struct context_events *events);

/* Both texts, their runs against each other, and which columns are sensitive (context_runs.c). */
enum err_code context_find_sensitive(struct context_job *j, struct err *e) ERR_CHECKED;
/* The columns of the citations that were taken out of the output (context_marks.c). */
void context_place_marks(struct context_job *j);
/* What the model says without the context, where that is asked for (context_closed_book.c). */
enum err_code context_close_book(struct context_job *j, struct err *e) ERR_CHECKED;
/* ERR_USAGE: an input with documents that is longer than the model's positions; says which one to
 * shorten (context_lengths.c). */
enum err_code context_check_length(const struct context_job *j, const struct context_filled *input,
                                   struct err *e) ERR_CHECKED;
/* What each of these is held against (context_foils.c). */
enum err_code context_find_foils(struct context_job *j, struct err *e) ERR_CHECKED;
/* The method's run for each of these, as one result (context_cues.c). */
enum err_code context_attribute(struct context_job *j, struct err *e) ERR_CHECKED;
/* The whole text as a result where none was sensitive, and what was found with it
 * (context_keep.c). */
enum err_code context_keep(struct context_job *j, struct err *e) ERR_CHECKED;

/* The method's runs, of which there may be two, as whoever watches the job sees them: one result,
 * which tells from the beginning which tokens were found (context_keep.c). */
struct context_watched {
    const struct context_job *job;
    bool begun;
};
struct attribute_events context_watch(struct context_watched *w);

#endif

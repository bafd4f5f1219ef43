/*
 * A pipeline: aggregators from left to right, each with its function and options, as plain data. It
 * has one parser and one printer, so that the command line, the program and a saved result spell it
 * alike. Any thread.
 */
#ifndef TINSEQ_AGGREGATORS_PIPELINE_H
#define TINSEQ_AGGREGATORS_PIPELINE_H

#include "aggregators/aggregator.h"

struct aggregate_stage {
    const struct aggregator *aggregator;
    const struct aggregate_function *function; /* NULL: the aggregator's own */
    char *options; /* a JSON object of what is given, owned; NULL: nothing is */
};

/* For a person: what `tinseq explain aggregation` prints. */
extern const char pipeline_rules[];

/* Zero-initialised: changes nothing. */
struct pipeline {
    struct aggregate_stage *stages;
    size_t n;
};

/* Appends a stage: NAME, NAME:FUNCTION, or a function alone, which is `scores` with it; a JSON
 * object with options may follow: subwords:sum{"special_chars": "▁"}. ERR_USAGE names the nearest.
 */
enum err_code pipeline_add(struct pipeline *p, const char *text, struct err *e) ERR_CHECKED;
/* The text that pipeline_add reads, owned by the caller. */
char *pipeline_stage_text(const struct aggregate_stage *s);

/* Appends a stage by names that exist; borrowed until the next is added. */
struct aggregate_stage *pipeline_append(struct pipeline *p, const char *id,
                                        const struct aggregate_function *function);
/* `default` at the end, or before a `pair` that stands there. */
void pipeline_insert_default(struct pipeline *p);
/* Without any `default`: layers and heads stay. */
void pipeline_drop_default(struct pipeline *p);
/* Its function by name. ERR_USAGE: it takes none, or there is none of that name. */
enum err_code pipeline_set_function(struct aggregate_stage *s, const char *id,
                                    struct err *e) ERR_CHECKED;

/* Sets an option of a stage that has it; `json` is its value's text. */
void pipeline_set(struct aggregate_stage *s, const char *key, const char *json);
/* Whether a stage's aggregator has an option of that name. */
bool pipeline_takes(const struct aggregate_stage *s, const char *key);

/* --aggregation_kwargs, a JSON object: each member goes to all stages that take it, but a list of
 * select_idx has one entry a stage. ERR_USAGE: a member that no stage takes. */
enum err_code pipeline_options(struct pipeline *p, const char *json, struct err *e) ERR_CHECKED;
/* Options and their order: `pair` is the last, and options fit their aggregators. ERR_USAGE. */
enum err_code pipeline_check(const struct pipeline *p, struct err *e) ERR_CHECKED;

/* How many stages reduce a dimension beyond rows and columns. */
size_t pipeline_reductions(const struct pipeline *p);
void pipeline_dispose(struct pipeline *p);

/* Options of a stage; dispose of them in any case. ERR_USAGE, as pipeline_check. */
enum err_code pipeline_read_options(struct option_set *out, const struct aggregate_stage *s,
                                    struct err *e) ERR_CHECKED;

#endif

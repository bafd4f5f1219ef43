/* The parts that a result's JSON is made of. Internal to views/export. Any thread. */
#ifndef TINSEQ_VIEWS_RESULT_OUT_H
#define TINSEQ_VIEWS_RESULT_OUT_H

#include "backend/base/mem.h"
#include "backend/token.h"
#include "methods/result/attribution.h"
#include "views/export/export.h"

#include <stddef.h>

/* Where it goes, and how. */
struct result_out {
    struct text_buffer *b;
    struct export_how how;
};

/* A line, and "key": . */
void result_out_key(struct text_buffer *b, int depth, const char *key);
/* How deep members of an instance stand below it. */
int result_out_inside(const struct result_out *o);
/* Opens {"__instance_type__": [module, name], "attributes": { and leaves the members to stand at
 * depth + inside; {, where types are left out. */
void result_out_open(const struct result_out *o, int depth, const char *module, const char *name);
void result_out_close(const struct result_out *o, int depth);
void result_out_tokens(const struct result_out *o, int depth, const struct token_list *list);

/* Arrays in the order of their names; [n], owned by the caller. */
const struct named_scores **result_out_sorted(const struct named_scores *items, size_t n);

/* The step attributions of a result: a list, or null. */
void result_out_steps(const struct result_out *o, int depth, const struct attribution *a);

#endif

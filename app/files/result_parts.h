/*
 * What the readers of Inseq's JSON and of rows share: tokens from pieces, candidates, and the
 * checks that later code relies on. Internal to app/files. Any thread.
 */
#ifndef TINSEQ_APP_RESULT_PARTS_H
#define TINSEQ_APP_RESULT_PARTS_H

#include "app/files/piece_text.h"
#include "backend/base/err.h"
#include "backend/base/json.h"
#include "methods/result/attribution.h"

/* Appends the token of a piece; one without an id is joined (" → " or " … " between two pieces). */
void piece_add_token(struct token_list *out, int32_t id, const char *piece, enum piece_kind kind);

/* A class's name as releases from 0.5 on have it, owned by the caller; NULL: there is none. */
char *result_current_class(const struct json_value *name);

/* A notice of each member of an object that is none of the names, which end in NULL. */
void result_tell_unknown(struct attribution *a, const struct json_value *object,
                         const char *const *known);

/* Sets the class by its name in files, a JSON string; NULL (a file without classes): by the
 * dimensions. All columns count as done. */
void result_set_class(struct attribution_sequence *s, const struct json_value *name);

/* Positions, tokens and arrays must fit together; later code indexes by them without asking
 * again. ERR_FORMAT. */
enum err_code result_check(struct attribution_sequence *s, struct err *e) ERR_CHECKED;

/* [per step: [[id, piece, probability] …]]. What does not fit is left out rather than refused: the
 * scores are what matters. */
void result_read_candidates(struct attribution_sequence *s, const struct json_value *steps,
                            enum piece_kind kind);

/* When sequences and info are read: step scores in the order asked for, which columns are done, and
 * a notice of what is known to be missing. */
void result_finish(struct attribution *a);

#endif

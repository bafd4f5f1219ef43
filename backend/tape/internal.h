/* What the forward operations (tape_ops.c) and the walk backwards (tape_backward.c) share. */
#ifndef TINSEQ_BACKEND_TAPE_INTERNAL_H
#define TINSEQ_BACKEND_TAPE_INTERNAL_H

#include "backend/tape/tape.h"

/* Which rows a gradient has. At the top only the last row of each target's prefix is
 * differentiated; the first attention spreads it to all. */
enum row_set { ROWS_LAST, ROWS_PREFIX, ROWS_SOURCE };

/* Values share a block when a sum passes its gradient to both sides; only an unshared one is added
 * to in place. */
struct block {
    enum row_set rows;
    tn_tensor *tensor;
    tn_scope *scope;
    int n_users;
};

struct backward {
    const struct tn_api *tn;
    struct tape *tape;
    tn_scope *scope, *node_scope; /* of the whole walk; of one operation */
    const struct position *at;
    const int64_t *first;        /* [n]: rows of the target before are left out; NULL: none */
    int64_t n;                   /* targets */
    unsigned wanted;             /* bits of the inputs whose gradients are asked for */
    float *const *sites;         /* where gradients of sites go; NULL: no sites are asked for */
    int64_t *offset;             /* [n + 1]: rows of target i in ROWS_PREFIX */
    int64_t n_rows[3];           /* by row_set */
    tn_tensor *rows[3];          /* forward row of each gradient row */
    tn_tensor *references[3];    /* and of its reference; NULL where nothing is rescaled */
    tn_tensor *last;             /* where the rows of ROWS_LAST lie in ROWS_PREFIX */
    struct tn_segment *segments; /* [n]: scratch */
    const struct run_ctl *ctl;
    enum err_code code;
    struct err *e;
};

/* A value computed from n->in, and the node that differentiates it. */
struct value *tape_record(struct tape *t, struct node *n, tn_tensor *tensor,
                          void (*vjp)(struct backward *, struct node *));
/* Walks b->tape's nodes backwards. */
void backward_walk(struct backward *b);
void backward_release(struct backward *b, struct value *v); /* v's gradient, if it has one */

/* Whether this activation's slope is that against the reference. */
bool backward_rescales(const struct backward *b, enum activation kind);
bool backward_wants(const struct backward *b, const struct value *v);
/* The tensor that a gradient of v with these rows may be added to in place, or NULL: then make a
 * new one in b->node_scope and give it. */
tn_tensor *backward_into(struct backward *b, struct value *v, enum row_set rows);
void backward_give(struct backward *b, struct value *v, enum row_set rows, const tn_tensor *made);
/* v receives the gradient that `block` holds, without a copy where it has none yet. */
void backward_share(struct backward *b, struct value *v, struct block *block);
/* Segments of a gradient whose query side has `query` rows and whose key side has `key` rows. */
const struct tn_segment *backward_segments(struct backward *b, const struct space *space,
                                           enum row_set query, enum row_set key);

#endif

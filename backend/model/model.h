/* The inside of a model, shared by what opens it, runs it forward and continues texts with it.
 * Internal to backend/. The worker thread. */
#ifndef TINSEQ_BACKEND_MODEL_MODEL_H
#define TINSEQ_BACKEND_MODEL_MODEL_H

#include "backend/architectures/loader.h"
#include "backend/architectures/parameters.h"
#include "backend/model_ops.h"

struct model {
    struct model_head head;
    const struct tn_api *tn;
    tn_scope *scope;       /* of all parameters */
    tn_scope *table_scope; /* of the position tables that are computed, replaced when they grow */
    struct parameters parameters;
    struct model_files files;
    struct weights *weights;
    struct loader_buffers buffers;
    struct model_config config;
    struct tokenizer *tokenizer;
    /* What the decoder begins with where no language is asked for. */
    struct decoder_begin {
        int32_t start, forced; /* decoder_start_token_id, forced_bos_token_id */
    } own_start;
    char *name;
    char *path; /* NULL: it was asked for by its name */
    char *hash;
    char *tokenizer_path; /* NULL: its own */
    enum tn_dtype dtype;  /* of activations: float32 or float64 */
    bool half;            /* weights of products are bfloat16 */
    int device;
    double embedding_scale;
    int64_t n_table; /* positions in those tables */
    bool rate_known;
    double product_rate;    /* see model_product_rate */
    float *half_squares[2]; /* of the tables, once neighbours were asked for; see neighbours.c */
};

/* What tells the files of a model from others: see model_hash.c. Owned by the caller. */
char *model_files_hash(const struct model_files *f);

/* Keeps what the decoder begins with as the files say, for model_speak. */
void model_keep_start(struct model *m);

/* Makes the opened weights what the configuration and an adapter say: scaled, under the names of
 * the language model, merged. The configuration's notice tells what is left out. */
enum err_code model_prepare_weights(struct model *m, struct err *e) ERR_CHECKED;

/* Sees to it that the tables of positions have n rows. USAGE when texts of the model end before:
 * model_config_check_text. */
enum err_code model_need_positions(struct model *m, int64_t n, struct err *e) ERR_CHECKED;

/* Sees to it that the tape's decoder rows are rotated as in a run up to their last: beyond the
 * configuration's rope_switch by a table of its own, which lives as long as the tape. NOMEM. */
enum err_code model_place_rotations(struct model *m, struct tape *t, struct err *e) ERR_CHECKED;

/* The same of a source's n tokens. */
enum err_code model_need_source_positions(struct model *m, int64_t n, struct err *e) ERR_CHECKED;

/* Whether the logits [V] that decide the token at `position` are numbers. ERR_FORMAT says which is
 * not, and names the damaged tensor; where all weights are finite, that numbers overflowed. */
enum err_code model_finite_logits(const struct model *m, const float *logits, int64_t position,
                                  struct err *e) ERR_CHECKED;

/* Embeddings of ids [n], scaled, in scope s: [n, E]. They are sequences of `length` rows whose
 * first may be the decoder's start; 0: none begins here. */
enum err_code model_embed_tensor(tn_tensor **out, tn_scope *s, struct model *m,
                                 enum model_stack stack, const int32_t *ids, int64_t n,
                                 int64_t length, struct err *e) ERR_CHECKED;

/* Embeddings to final hidden states: all blocks of a stack. */
struct value *model_stack_forward(struct model *m, struct tape *t, enum model_stack stack,
                                  struct value *x, struct value *memory);

#endif

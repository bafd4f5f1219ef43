/* What the parser (expression_parse.c) and the evaluation (expression.c) share. */
#ifndef TINSEQ_METHODS_EXPRESSION_INTERNAL_H
#define TINSEQ_METHODS_EXPRESSION_INTERNAL_H

#include "methods/step_functions/expression.h"

enum operation {
    OP_NUMBER,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_POWER,
    OP_NEGATE,
    OP_EXP,
    OP_LOG,
    OP_SQRT,
    OP_ABS,
    OP_TANH,
    OP_SIGMOID,
    OP_MIN,
    OP_MAX,
    OP_LOGIT,
    OP_PROB,
    OP_LOGPROB,
    OP_FUNCTION
};
enum token_kind { TOKEN_TARGET, TOKEN_FOIL, TOKEN_ID };

/* Arguments come before what uses them. */
struct term {
    enum operation operation;
    double number;
    int a, b;              /* arguments */
    enum token_kind token; /* of LOGIT, PROB, LOGPROB */
    int32_t id;
    bool of_contrast; /* those in the contrast's logits */
    const struct step_function *function;
    struct option_set options; /* of the function, at their defaults */
};

#define EXPRESSION_MOST_TERMS 256

struct expression {
    struct term terms[EXPRESSION_MOST_TERMS];
    int n; /* the last is the value */
    bool contrastive;
    int64_t n_vocab; /* above every #ID */
};

#endif

/* Values forwards, derivatives backwards: the adjoint of every term, and for the terms that look at
 * logits their own derivative times it. */
#include "methods/step_functions/expression_internal.h"

#include "backend/base/mem.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

const char expression_grammar[] =
    "Expressions: what is explained (-fn) or scored (--step_scores), as a formula\n\n"
    "  -fn 'logit(y) - 0.5*entropy()'\n\n"
    "  expression := term {(\"+\" | \"-\") term}\n"
    "  term       := factor {(\"*\" | \"/\") factor}\n"
    "  factor     := \"-\" factor | atom [\"^\" factor]\n"
    "  atom       := NUMBER | \"(\" expression \")\" | NAME \"(\" [argument {\",\" argument}] "
    "\")\"\n\n"
    "logit(T), prob(T), logprob(T)\n"
    "            of a token T: y is the target, foil the token of the contrast it is held "
    "against,\n"
    "            #ID any token by its number\n"
    "contrast_logit(T), contrast_prob(T), contrast_logprob(T)\n"
    "            the same in the contrast's own run; as an explained function the contrast keeps\n"
    "            the original input unless contrast_force_inputs\n"
    "NAME()      any step function that has a derivative, with its options' defaults:\n"
    "            entropy(), kl_divergence(); see 'tinseq list step_functions'\n"
    "exp, log, sqrt, abs, tanh, sigmoid\n"
    "            of one value; min and max of two\n\n"
    "At most 400 characters. Derivatives go through everything; where min, max and abs have a\n"
    "corner, the left argument's, and 0, is taken. A value that is not finite is nan or inf, with\n"
    "a notice: nothing is attributed at that step; where none is finite, that is an error.\n";

static const float *row_of(const struct term *t, const struct step_view *v) {
    return t->of_contrast ? v->contrast_logits : v->logits;
}

static int32_t token_of(const struct term *t, const struct step_view *v) {
    const int32_t ids[] = {
        [TOKEN_TARGET] = v->target, [TOKEN_FOIL] = v->contrast, [TOKEN_ID] = t->id};
    assert(ids[t->token] < v->n_vocab); /* step_function.n_vocab says what must be there */
    return ids[t->token];
}

static struct step_view inner_view(const struct term *t, const struct step_view *v) {
    struct step_view inner = *v;
    inner.options = &t->options;
    inner.function = t->function;
    return inner;
}

static double leaf(const struct term *t, const struct step_view *v) {
    if (t->operation == OP_FUNCTION) {
        struct step_view inner = inner_view(t, v);
        return t->function->value(&inner);
    }
    const int32_t token = token_of(t, v);
    return t->operation == OP_LOGIT
               ? row_of(t, v)[token]
               : step_token_score(row_of(t, v), v->n_vocab, token, t->operation == OP_LOGPROB);
}

static double apply(const struct term *t, const double *x, const struct step_view *v) {
    const double a = x[t->a], b = x[t->b];
    switch (t->operation) {
    case OP_NUMBER:
        return t->number;
    case OP_ADD:
        return a + b;
    case OP_SUBTRACT:
        return a - b;
    case OP_MULTIPLY:
        return a * b;
    case OP_DIVIDE:
        return a / b;
    case OP_POWER:
        return pow(a, b);
    case OP_NEGATE:
        return -a;
    case OP_EXP:
        return exp(a);
    case OP_LOG:
        return log(a);
    case OP_SQRT:
        return sqrt(a);
    case OP_ABS:
        return fabs(a);
    case OP_TANH:
        return tanh(a);
    case OP_SIGMOID:
        return 1 / (1 + exp(-a));
    case OP_MIN:
        return a <= b ? a : b;
    case OP_MAX:
        return a >= b ? a : b;
    default:
        return leaf(t, v);
    }
}

/* Values x [n] of all terms. */
static double evaluate(const struct expression *e, const struct step_view *v, double *x) {
    for (int i = 0; i < e->n; i++)
        x[i] = apply(&e->terms[i], x, v);
    return x[e->n - 1];
}

/* What term i's adjoint adds to those of its arguments. */
static void pull(const struct term *t, int i, const double *x, double *adjoint) {
    const double d = adjoint[i], a = x[t->a], b = x[t->b], y = x[i];
    double to_a = 0, to_b = 0;
    switch (t->operation) {
    case OP_ADD:
        to_a = d, to_b = d;
        break;
    case OP_SUBTRACT:
        to_a = d, to_b = -d;
        break;
    case OP_MULTIPLY:
        to_a = d * b, to_b = d * a;
        break;
    case OP_DIVIDE:
        to_a = d / b, to_b = -d * y / b;
        break;
    case OP_POWER:
        to_a = b == 0 ? 0 : d * b * pow(a, b - 1), to_b = a > 0 ? d * y * log(a) : 0;
        break;
    case OP_NEGATE:
        to_a = -d;
        break;
    case OP_EXP:
        to_a = d * y;
        break;
    case OP_LOG:
        to_a = d / a;
        break;
    case OP_SQRT:
        to_a = d / (2 * y);
        break;
    case OP_ABS:
        if (a > 0)
            to_a = d;
        else if (a < 0)
            to_a = -d;
        break;
    case OP_TANH:
        to_a = d * (1 - y * y);
        break;
    case OP_SIGMOID:
        to_a = d * y * (1 - y);
        break;
    case OP_MIN:
        *(a <= b ? &to_a : &to_b) = d;
        break;
    case OP_MAX:
        *(a >= b ? &to_a : &to_b) = d;
        break;
    default:
        return;
    }
    adjoint[t->a] += to_a;
    if (t->operation <= OP_POWER || t->operation == OP_MIN || t->operation == OP_MAX)
        adjoint[t->b] += to_b;
}

/* out += d · derivative of a leaf: with respect to the contrast's logits when `contrast`, else to
 * the others (both, where they are the same array). */
static void add_leaf(const struct term *t, const struct step_view *v, double d, bool contrast,
                     float *out, float *scratch) {
    if (t->operation == OP_FUNCTION) {
        struct step_view inner = inner_view(t, v);
        void (*derive)(const struct step_view *, float *) =
            contrast ? t->function->contrast_derivative : t->function->derivative;
        if (!derive)
            return;
        memset(scratch, 0,
               (size_t)step_row(v) * sizeof *scratch); /* few functions look beyond the logits */
        derive(&inner, scratch);
        for (int64_t k = 0; k < step_row(v); k++)
            out[k] += (float)(d * scratch[k]);
        return;
    }
    const int32_t token = token_of(t, v);
    bool counts = contrast ? t->of_contrast : !t->of_contrast || v->contrast_logits == v->logits;
    if (!counts)
        return;
    if (t->operation == OP_LOGIT)
        out[token] += (float)d;
    else
        step_add_token_score(out, row_of(t, v), v->n_vocab, token, t->operation == OP_LOGPROB, d);
}

static void derive(const struct step_view *v, bool contrast, float *out) {
    const struct expression *e = v->function->data;
    double x[EXPRESSION_MOST_TERMS], adjoint[EXPRESSION_MOST_TERMS] = {0};
    float *scratch = mem_alloc((size_t)step_row(v) * sizeof *scratch);
    memset(out, 0, (size_t)step_row(v) * sizeof *out);
    evaluate(e, v, x);
    adjoint[e->n - 1] = 1;
    for (int i = e->n - 1; i >= 0; i--) {
        if (adjoint[i] == 0)
            continue;
        if (e->terms[i].operation >= OP_LOGIT)
            add_leaf(&e->terms[i], v, adjoint[i], contrast, out, scratch);
        else
            pull(&e->terms[i], i, x, adjoint);
    }
    free(scratch);
}

static double value(const struct step_view *v) {
    double x[EXPRESSION_MOST_TERMS];
    return evaluate(v->function->data, v, x);
}
static void derivative(const struct step_view *v, float *out) {
    derive(v, false, out);
}
static void contrast_derivative(const struct step_view *v, float *out) {
    derive(v, true, out);
}

/* --- as step functions ------------------------------------------------------------------- */

#define MOST_EXPRESSIONS 256

static struct step_function *known[MOST_EXPRESSIONS];
static size_t n_known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool expression_meant(const char *text) {
    return strpbrk(text, "()+*/^") != NULL;
}

/* The term that makes another run of the model; NULL: none does. */
static const struct term *running_term(const struct expression *x) {
    const struct term *found = NULL;
    for (int i = 0; i < x->n && !found; i++)
        found =
            x->terms[i].operation == OP_FUNCTION && x->terms[i].function->run ? &x->terms[i] : NULL;
    return found;
}

static const char *run(const struct step_function *f, const struct option_set *options,
                       struct tinseq_step_texts *texts, struct tinseq_step_run *out) {
    const struct term *t = running_term(f->data);
    (void)options; /* the term has its own */
    return t->function->run(t->function, &t->options, texts, out);
}

/* A function of an expression, which it keeps. */
static struct step_function *function_of(struct expression *x, const char *text) {
    struct step_function *f = mem_alloc(sizeof *f);
    *f = (struct step_function){.value = value,
                                .derivative = derivative,
                                .contrast_derivative = contrast_derivative,
                                .may_be_none = true,
                                .n_vocab = x->n_vocab,
                                .data = x};
    f->decl = (struct step_function_decl){
        .id = mem_text(text),
        .title = "Expression",
        .unit = "",
        .contrastive = x->contrastive,
        .can_be_target = true,
        .summary = "A formula of the user's; see 'tinseq explain expressions'."};
    f->decl.formula = f->decl.id;
    for (int i = 0; i < x->n; i++)
        if (x->terms[i].operation == OP_FUNCTION && x->terms[i].function->states > f->states)
            f->states = x->terms[i].function->states;
    f->run = running_term(x) ? run : NULL;
    return f;
}

enum err_code expression_function(const struct step_function **out, const char *text,
                                  struct err *e) {
    struct expression *x;
    enum err_code code = ERR_OK;
    *out = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n_known && !*out; i++)
        if (strcmp(known[i]->decl.id, text) == 0)
            *out = known[i];
    if (!*out && n_known == MOST_EXPRESSIONS)
        code = err_set(e, ERR_USAGE, "more than %d different expressions; start the program anew",
                       MOST_EXPRESSIONS);
    else if (!*out && (code = expression_parse(&x, text, e)) == ERR_OK)
        *out = known[n_known++] = function_of(x, text);
    pthread_mutex_unlock(&lock);
    return code;
}

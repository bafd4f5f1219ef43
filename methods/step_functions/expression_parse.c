#include "methods/step_functions/expression_internal.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/step_functions/registry.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *text, *at;
    struct expression *x;
    int depth;
    enum err_code code;
    struct err *e;
};

static const struct {
    const char *name;
    enum operation operation;
    int n;
} plain[] = {
    {"exp", OP_EXP, 1},   {"log", OP_LOG, 1},         {"sqrt", OP_SQRT, 1}, {"abs", OP_ABS, 1},
    {"tanh", OP_TANH, 1}, {"sigmoid", OP_SIGMOID, 1}, {"min", OP_MIN, 2},   {"max", OP_MAX, 2},
};
static const struct {
    const char *name;
    enum operation operation;
    bool of_contrast;
} of_token[] = {
    {"logit", OP_LOGIT, false},       {"prob", OP_PROB, false},
    {"logprob", OP_LOGPROB, false},   {"contrast_logit", OP_LOGIT, true},
    {"contrast_prob", OP_PROB, true}, {"contrast_logprob", OP_LOGPROB, true},
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static int fail(struct parser *p, const char *what) {
    if (!p->code)
        p->code = err_set(p->e, ERR_USAGE,
                          "expression, character %d: %s; see 'tinseq explain expressions'",
                          (int)(p->at - p->text) + 1, what);
    return 0;
}

static void skip(struct parser *p) {
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n')
        p->at++;
}

static bool take(struct parser *p, char c) {
    skip(p);
    bool found = !p->code && *p->at == c;
    p->at += found;
    return found;
}

static void expect(struct parser *p, char c) {
    char what[40];
    snprintf(what, sizeof what, "a \"%c\" is missing", c);
    if (!take(p, c))
        fail(p, what);
}

static int add(struct parser *p, struct term t) {
    if (p->code)
        return 0;
    if (p->x->n == EXPRESSION_MOST_TERMS)
        return fail(p, "there are too many terms");
    p->x->terms[p->x->n] = t;
    return p->x->n++;
}

static int sum(struct parser *p);

static int number(struct parser *p) {
    char *end, copy[EXPRESSION_LONGEST + 1];
    size_t n = strspn(p->at, "0123456789.");
    if (p->at[n] == 'e' || p->at[n] == 'E') {
        size_t sign = p->at[n + 1] == '-' || p->at[n + 1] == '+',
               digits = strspn(p->at + n + 1 + sign, "0123456789");
        n += digits ? 1 + sign + digits : 0;
    }
    memcpy(copy, p->at, n);
    copy[n] = 0;
    /* The locale's decimal point is the C one: numbers are never printed by it. */
    double x = strtod(copy, &end);
    if (end == copy || *end || !isfinite(x))
        return fail(p, "this is no number");
    p->at += n;
    return add(p, (struct term){.operation = OP_NUMBER, .number = x});
}

/* y, foil or #ID. */
static void token(struct parser *p, struct term *t) {
    skip(p);
    if (strncmp(p->at, "foil", 4) == 0 && !isalnum((unsigned char)p->at[4])) {
        p->at += 4;
        t->token = TOKEN_FOIL;
        p->x->contrastive = true;
    } else if (*p->at == 'y' && !isalnum((unsigned char)p->at[1])) {
        p->at++;
        t->token = TOKEN_TARGET;
    } else if (*p->at == '#' && isdigit((unsigned char)p->at[1])) {
        long id = strtol(p->at + 1, NULL, 10);
        size_t n = strspn(p->at + 1, "0123456789");
        if (n > 9) {
            fail(p, "this token's id is too large");
            return;
        }
        p->at += 1 + n;
        t->token = TOKEN_ID;
        t->id = (int32_t)id;
        p->x->n_vocab = id < p->x->n_vocab ? p->x->n_vocab : id + 1;
    } else {
        fail(p, "a token is y, foil or #ID");
    }
}

static int unknown_name(struct parser *p, const char *name, const char *start) {
    const char *names[64];
    char what[200];
    size_t n = 0, n_decls;
    const struct step_function_decl *const *decls = step_function_decls(&n_decls);
    for (size_t i = 0; i < COUNT(plain); i++)
        names[n++] = plain[i].name;
    for (size_t i = 0; i < COUNT(of_token); i++)
        names[n++] = of_token[i].name;
    for (size_t i = 0; i < n_decls && n < COUNT(names); i++)
        names[n++] = decls[i]->id;
    const char *near = text_nearest(name, names, n);
    snprintf(what, sizeof what, "there is no \"%.60s\"%s%s%s", name, near ? "; did you mean " : "",
             near ? near : "", near ? "?" : "");
    p->at = start;
    return fail(p, what);
}

/* A step function by its name, with its options' defaults. */
static int whole_function(struct parser *p, const char *name, const char *start) {
    struct term t = {.operation = OP_FUNCTION, .function = step_function_find(name)};
    if (!t.function)
        return unknown_name(p, name, start);
    bool complete = true;
    for (size_t i = 0; i < t.function->decl.n_options; i++)
        complete &= t.function->decl.options[i].default_value != NULL;
    if (!t.function->decl.can_be_target || t.function->noisy || !complete) {
        p->at = start;
        return fail(p, "this function cannot be part of an expression");
    }
    for (int i = 0; i < p->x->n && t.function->run; i++)
        if (p->x->terms[i].operation == OP_FUNCTION && p->x->terms[i].function->run &&
            p->x->terms[i].function != t.function) {
            p->at = start;
            return fail(p, "one function of an expression at most makes another run of the model");
        }
    p->x->contrastive |= t.function->decl.contrastive;
    int i = add(p, t);
    if (!p->code)
        option_set_init(&p->x->terms[i].options, t.function->decl.options,
                        t.function->decl.n_options);
    expect(p, ')');
    return i;
}

static int call(struct parser *p) {
    const char *start = p->at;
    char name[64];
    size_t n = 0;
    while (isalnum((unsigned char)start[n]) || start[n] == '_')
        n++;
    if (n == 0 || n >= sizeof name)
        return fail(p, n ? "this name is too long" : "a number, a function or a \"(\" is missing");
    memcpy(name, start, n);
    name[n] = 0;
    p->at += n;
    expect(p, '(');
    for (size_t i = 0; i < COUNT(of_token); i++) {
        struct term t = {.operation = of_token[i].operation,
                         .of_contrast = of_token[i].of_contrast};
        /* logit() is the step function, logit(y) the same thing written out. */
        skip(p);
        if (strcmp(name, of_token[i].name) != 0 || *p->at == ')')
            continue;
        token(p, &t);
        p->x->contrastive |= t.of_contrast;
        expect(p, ')');
        return add(p, t);
    }
    for (size_t i = 0; i < COUNT(plain); i++) {
        struct term t = {.operation = plain[i].operation};
        if (strcmp(name, plain[i].name) != 0)
            continue;
        t.a = sum(p);
        if (plain[i].n == 2) {
            expect(p, ',');
            t.b = sum(p);
        }
        expect(p, ')');
        return add(p, t);
    }
    return p->code ? 0 : whole_function(p, name, start);
}

static int factor(struct parser *p);

static int atom(struct parser *p) {
    skip(p);
    if (p->code)
        return 0;
    if (isdigit((unsigned char)*p->at) || *p->at == '.')
        return number(p);
    if (!take(p, '('))
        return call(p);
    int i = sum(p);
    expect(p, ')');
    return i;
}

static int factor(struct parser *p) {
    if (++p->depth > EXPRESSION_DEEPEST)
        return fail(p, "this is nested too deeply");
    int a;
    if (take(p, '-')) {
        a = factor(p);
        a = add(p, (struct term){.operation = OP_NEGATE, .a = a});
    } else {
        a = atom(p);
        if (take(p, '^')) {
            int b = factor(p);
            a = add(p, (struct term){.operation = OP_POWER, .a = a, .b = b});
        }
    }
    p->depth--;
    return a;
}

static int product(struct parser *p) {
    int a = factor(p);
    while (!p->code) {
        bool times = take(p, '*');
        if (!times && !take(p, '/'))
            break;
        int b = factor(p);
        a = add(p, (struct term){.operation = times ? OP_MULTIPLY : OP_DIVIDE, .a = a, .b = b});
    }
    return a;
}

static int sum(struct parser *p) {
    int a = product(p);
    while (!p->code) {
        bool plus = take(p, '+');
        if (!plus && !take(p, '-'))
            break;
        int b = product(p);
        a = add(p, (struct term){.operation = plus ? OP_ADD : OP_SUBTRACT, .a = a, .b = b});
    }
    return a;
}

enum err_code expression_parse(struct expression **out, const char *text, struct err *e) {
    *out = NULL;
    if (strlen(text) > EXPRESSION_LONGEST)
        return err_set(e, ERR_USAGE, "an expression has at most %d characters", EXPRESSION_LONGEST);
    struct parser p = {.text = text, .at = text, .x = mem_alloc(sizeof *p.x), .e = e};
    int last = sum(&p);
    skip(&p);
    if (!p.code && *p.at)
        fail(&p, "an operator is missing");
    if (!p.code && last != p.x->n - 1) /* cannot be: what uses its arguments comes after them */
        fail(&p, "this is no expression");
    if (p.code) {
        expression_free(p.x);
        return p.code;
    }
    *out = p.x;
    return ERR_OK;
}

void expression_free(struct expression *x) {
    for (int i = 0; x && i < x->n; i++)
        option_set_dispose(&x->terms[i].options);
    free(x);
}

/* An expression: parsed, or refused with a message; what parses is evaluated and differentiated,
 * and parses again. */
#include "methods/step_functions/expression.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

static void use(const char *text) {
    static const float row[4] = {0.5f, -1, 2, 0}, other[4] = {1, 0, -2, 0.25f};
    const struct step_function *f;
    struct err e;
    float d[4];
    if (expression_function(&f, text, &e) != ERR_OK) /* the table of known ones is full */
        return;
    if (f->n_vocab > 4) /* a request refuses it */
        return;
    if (f->n_vocab > 4) /* a request that names such a token is refused */
        return;
    struct step_view v = {.logits = row,
                          .contrast_logits = other,
                          .n_vocab = 4,
                          .target = 1,
                          .contrast = 2,
                          .function = f};
    volatile double value = f->value(&v);
    (void)value;
    f->derivative(&v, d);
    f->contrast_derivative(&v, d);
}

int fuzz_one(const uint8_t *data, size_t n) {
    struct expression *x = NULL;
    struct err e = {0};
    char *text = malloc(n + 1);
    must(text != NULL);
    memcpy(text, data, n);
    text[n] = 0;
    enum err_code code = expression_parse(&x, text, &e);
    must((code == ERR_OK) == (x != NULL) && (code == ERR_OK || (code == ERR_USAGE && *e.message)));
    expression_free(x);
    if (code == ERR_OK)
        use(text);
    free(text);
    return 0;
}

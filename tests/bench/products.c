/* The rate of float32 matrix products on this machine, as the tensor module makes them, in
 * operations a second: one number for each way and number of rows, and the best of all. Two
 * matrices of SmolLM2's feed-forward layer, thirty different ones in turn, so that they come from
 * memory as a model's do. */
#include "backend/base/clock.h"
#include "backend/tn.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 576, LONG = 1536, N_MATRICES = 30, ROUNDS = 5 };

static void check(enum err_code code, const struct err *e) {
    if (code != ERR_OK) {
        fprintf(stderr, "bench_products: %s\n", e->message);
        exit(1);
    }
}

static double rate(const struct tn_api *tn, tn_tensor *const *matrices, int64_t rows,
                   bool derivative) {
    struct err e;
    double best = 0;
    tn_scope *keep = tn->scope_open();
    tn_tensor *x;
    check(tn->zeros(&x, keep, TN_FLOAT32, TN_CPU, (int64_t[]){rows, derivative ? LONG : WIDTH}, 2,
                    &e),
          &e);
    for (int round = 0; round < ROUNDS; round++) {
        double begun = clock_seconds();
        for (int i = 0; i < N_MATRICES; i++) {
            tn_scope *s = tn->scope_open();
            tn_tensor *y;
            check(derivative ? tn->linear_vjp(&y, s, x, matrices[i], false, NULL, &e)
                             : tn->linear(&y, s, x, matrices[i], NULL, NULL, false, &e),
                  &e);
            tn->scope_close(s);
        }
        double reached = 2.0 * (double)rows * WIDTH * LONG * N_MATRICES / (clock_seconds() - begun);
        best = reached > best ? reached : best;
    }
    tn->scope_close(keep);
    return best;
}

int main(void) {
    static const int64_t rows[] = {24, 60, 240, 1365};
    struct err e;
    const struct tn_api *tn = tn_load(&e);
    if (!tn)
        check(ERR_BACKEND, &e);
    tn->set_threads((int)sysconf(_SC_NPROCESSORS_ONLN), false);
    tn_scope *s = tn->scope_open();
    tn_tensor *matrices[N_MATRICES];
    double best = 0;
    for (int i = 0; i < N_MATRICES; i++)
        check(tn->zeros(&matrices[i], s, TN_FLOAT32, TN_CPU, (int64_t[]){LONG, WIDTH}, 2, &e), &e);
    printf("{");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int derivative = 0; derivative < 2; derivative++) {
            double reached = rate(tn, matrices, rows[i], derivative);
            printf("\"%s %lld\": %.4g, ", derivative ? "derivative" : "forward", (long long)rows[i],
                   reached);
            best = reached > best ? reached : best;
        }
    printf("\"best\": %.4g}\n", best);
    tn->scope_close(s);
    return 0;
}

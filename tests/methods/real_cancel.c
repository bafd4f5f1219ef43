/* A cancel takes effect within a tenth of a second, on real models and a long text, wherever it comes: counted in the computing thread's own processor time, so that
 * what else the machine does has no part in it. */
#include "backend/discovery.h"
#include "backend/model.h"
#include "methods/attribute.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_SECONDS 0.1

struct canceller {
    clockid_t clock;       /* of the computing thread */
    double at, seen;       /* when to cancel; when it was done. 0: not yet */
    atomic_bool cancel, over;
};

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *wait_and_cancel(void *user) {
    struct canceller *c = user;
    while (!atomic_load(&c->over) && !atomic_load(&c->cancel)) {
        const double t = now(c->clock);
        if (t >= c->at) {
            c->seen = t;
            atomic_store(&c->cancel, true);
        }
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    return NULL;
}

/* Runs with a cancel `after` so many seconds of the thread's time (0: none); returns how long the run took, or was still going after the cancel. */
static double run(struct model *m, const char *method, const char *kwargs, double after, bool *cancelled) {
    static const char *const texts[2] = {
        "The old woman who lived in the house by the river told the children that the boat had left before the storm came, and that nobody on the shore had seen the two "
        "men again, although the light of their lamp was still moving slowly over the water when the rain began to fall on the roofs of the town",
        "The engineer said that she would finish the bridge in time, although the river was rising and the men who worked on the other side had already gone home."};
    static const char *const translation = "A engenheira disse que terminaria a ponte a tempo, embora o rio estivesse subindo e os homens que trabalhavam do outro lado já "
                                           "tivessem ido para casa.";
    const bool two = model_config(m)->encoder_decoder;
    struct attribute_request r = {.input_text = two ? texts[1] : "The old woman who lived in the house", .generated_text = two ? translation : texts[0], .method = method,
                                  .attribution_kwargs = kwargs, .foil_step = -1, .attr_pos_start = POSITION_UNSET, .attr_pos_end = POSITION_UNSET};
    struct canceller c = {0};
    const struct run_ctl ctl = {.cancel = &c.cancel};
    struct attribution *a = NULL;
    struct err e = {0};
    pthread_t thread;
    cr_assert_eq(pthread_getcpuclockid(pthread_self(), &c.clock), 0);
    const double start = now(c.clock);
    c.at = after > 0 ? start + after : 1e300;
    cr_assert_eq(pthread_create(&thread, NULL, wait_and_cancel, &c), 0);
    enum err_code code = attribute_run(&a, m, &r, NULL, &ctl, &e);
    const double end = now(c.clock);
    atomic_store(&c.over, true);
    pthread_join(thread, NULL);
    cr_expect(code == ERR_OK || code == ERR_CANCELLED, "%s: %s", method, e.message);
    *cancelled = code == ERR_CANCELLED;
    attribution_release(a);
    return after > 0 ? (c.seen > 0 ? end - c.seen : 0) : end - start;
}

static void check(const char *name, const char *const (*cases)[2], size_t n) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    char *path = NULL;
    int n_cancelled = 0;
    cr_assert_eq(model_resolve(&path, name, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    for (size_t i = 0; i < n; i++) {
        static const double delays[] = {0.08, 0.5};
        for (int k = 0; k < 2; k++) {
            bool cancelled;
            const double late = run(m, cases[i][0], cases[i][1], delays[k], &cancelled);
            cr_expect_leq(late, MOST_SECONDS, "%s on %s: %.0f ms after a cancel at %.0f ms", cases[i][0], name, 1000 * late, 1000 * delays[k]);
            n_cancelled += cancelled;
            if (!cancelled)
                break; /* it was over before */
        }
    }
    cr_expect_geq(n_cancelled, (int)n, "only %d runs were cancelled", n_cancelled);
    free(path);
    model_free(m);
}

static const char *const cases[][2] = {
    {"value_zeroing", NULL}, {"attention_flow", NULL}, {"attention_rollout", NULL}, {"attention_vector_norm", "{\"per_head\": true}"}, {"transformer_block_norm", NULL},
    {"globenc", NULL}, {"alti", NULL}, {"information_flow_routes", "{\"threshold\": 0.001}"}, {"activation_patching", NULL},
    {"layer_gradient_x_activation", "{\"layers\": \"all\"}"}, {"layer_integrated_gradients", "{\"layers\": \"all\"}"}, {"layer_deeplift", "{\"layers\": \"all\"}"},
    {"contrastive_tracing", NULL}, {"logit_lens", NULL}, {"information_bottleneck", "{\"layer\": 1}"}, {"input_reduction", "{\"beam\": 3}"}, {"alti_logit", NULL}};
#define N_CASES (sizeof cases / sizeof cases[0])

Test(cancel, smollm2, .timeout = 300) { check("smollm2", cases, N_CASES); }
Test(cancel, student, .timeout = 300) { check("en-pt", cases + 6, N_CASES - 7); } /* alti and those after it: the others want attention weights of the decoder */

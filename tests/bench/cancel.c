/* How long a run goes on after a cancel, method by method: bench_cancel MODEL-NAME. Two moments are
 * tried for each; prints one JSON object, seconds by method, the slowest of the two. A run that was
 * over before the cancel is left out, and so is a method that refuses the model. */
#include "backend/base/clock.h"
#include "backend/discovery.h"
#include "backend/model.h"
#include "methods/request/attribute.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct canceller {
    double at, seen; /* when to cancel; when it was done. 0: not yet */
    atomic_bool cancel, over;
};

static void *wait_and_cancel(void *user) {
    struct canceller *c = user;
    while (!atomic_load(&c->over) && !atomic_load(&c->cancel)) {
        const double t = clock_seconds();
        if (t >= c->at) {
            c->seen = t;
            atomic_store(&c->cancel, true);
        }
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    return NULL;
}

/* Runs with a cancel `after` so many seconds; how long the run still went on. */
static double run(struct model *m, const char *method, const char *kwargs, double after,
                  bool *cancelled) {
    static const char *const texts[2] = {
        "The old woman who lived in the house by the river told the children that the boat had "
        "left before the storm came, and that nobody on the shore had seen the two "
        "men again, although the light of their lamp was still moving slowly over the water when "
        "the rain began to fall on the roofs of the town",
        "The engineer said that she would finish the bridge in time, although the river was rising "
        "and the men who worked on the other side had already gone home."};
    static const char *const translation =
        "A engenheira disse que terminaria a ponte a tempo, embora o rio estivesse subindo e os "
        "homens que trabalhavam do outro lado já "
        "tivessem ido para casa.";
    const bool two = model_config(m)->encoder_decoder;
    struct attribute_request r = {.input_text =
                                      two ? texts[1] : "The old woman who lived in the house",
                                  .generated_text = two ? translation : texts[0],
                                  .method = method,
                                  .attribution_kwargs = kwargs};
    struct canceller c = {0};
    const struct run_ctl ctl = {.cancel = &c.cancel};
    struct attribution *a = NULL;
    struct err e = {0};
    pthread_t thread;
    const double start = clock_seconds();
    c.at = start + after;
    if (pthread_create(&thread, NULL, wait_and_cancel, &c))
        exit(1);
    enum err_code code = attribute_run(&a, m, &r, NULL, &ctl, &e);
    const double end = clock_seconds();
    atomic_store(&c.over, true);
    pthread_join(thread, NULL);
    if (code != ERR_OK && code != ERR_CANCELLED && code != ERR_UNSUPPORTED) {
        fprintf(stderr, "bench_cancel: %s: %s\n", method, e.message);
        exit(1);
    }
    *cancelled = code == ERR_CANCELLED;
    attribution_release(a);
    return c.seen > 0 ? end - c.seen : 0;
}

static const char *const cases[][2] = {{"saliency", NULL},
                                       {"integrated_gradients", NULL},
                                       {"occlusion", NULL},
                                       {"lime", NULL},
                                       {"reagent", NULL},
                                       {"value_zeroing", NULL},
                                       {"attention_flow", NULL},
                                       {"attention_rollout", NULL},
                                       {"attention_vector_norm", "{\"per_head\": true}"},
                                       {"transformer_block_norm", NULL},
                                       {"globenc", NULL},
                                       {"alti", NULL},
                                       {"information_flow_routes", "{\"threshold\": 0.001}"},
                                       {"activation_patching", NULL},
                                       {"layer_gradient_x_activation", "{\"layers\": \"all\"}"},
                                       {"layer_integrated_gradients", "{\"layers\": \"all\"}"},
                                       {"layer_deeplift", "{\"layers\": \"all\"}"},
                                       {"contrastive_tracing", NULL},
                                       {"logit_lens", NULL},
                                       {"information_bottleneck", "{\"layer\": 1}"},
                                       {"input_reduction", "{\"beam\": 3}"},
                                       {"alti_logit", NULL}};

int main(int argc, char **argv) {
    static const double delays[] = {0.08, 0.5};
    struct err e;
    struct model *m = NULL;
    char *path = NULL;
    if (argc != 2)
        return 2;
    if (model_resolve(&path, argv[1], &e) != ERR_OK ||
        model_open(&m, path, NULL, NULL, &e) != ERR_OK) {
        fprintf(stderr, "bench_cancel: %s\n", e.message);
        return 1;
    }
    const char *comma = "";
    putchar('{');
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double slowest = -1;
        for (int k = 0; k < 2; k++) {
            bool cancelled;
            const double late = run(m, cases[i][0], cases[i][1], delays[k], &cancelled);
            slowest = cancelled && late > slowest ? late : slowest;
        }
        if (slowest >= 0) {
            printf("%s\"%s\": %.4f", comma, cases[i][0], slowest);
            comma = ", ";
        }
    }
    puts("}");
    free(path);
    model_free(m);
    return 0;
}

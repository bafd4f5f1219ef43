/*
 * The seam between the program and what computes: load a model, attribute. The real one
 * (app/jobs/engine_real.c) is built on backend/ and methods/; tests put a scripted one in its place
 * (tests/app/engine_fake.c), so that screens and threads are tested without libtorch. All calls but
 * `free` come from the worker thread, one at a time.
 */
#ifndef TINSEQ_APP_ENGINE_H
#define TINSEQ_APP_ENGINE_H

#include "backend/base/err.h"
#include "backend/base/run_ctl.h"
#include "backend/config.h"
#include "backend/model.h"
#include "methods/context/context.h"
#include "methods/evaluation/faithfulness.h"
#include "methods/request/attribute.h"

#include <stdbool.h>
#include <stdint.h>

/* What screens need to know of a loaded model. */
struct engine_model {
    char name[128];      /* "smollm2" */
    char class_name[64]; /* "LlamaForCausalLM" */
    char device[32];     /* "cpu, 2 threads" */
    bool encoder_decoder;
    int64_t n_layers, n_heads, n_encoder_layers, n_encoder_heads, n_vocab;
    int64_t weight_bytes;
    char languages[4096];       /* tokenizer_languages' names; "": its texts have none */
    char own_languages[2][64];  /* by side; "": not known */
    struct model_config config; /* what costs are a function of: see methods/cost.h */
    int64_t element_bytes;
    double rate; /* operations a second of products here, as methods/estimate.h takes it; 0: not
                    known */
};

struct engine; /* the implementation's own state */

struct engine_ops {
    /* Loads the model that `name` stands for (a name of `tinseq list models` or a path), replacing
     * the one loaded before. Returns at once with the same description when it is loaded
     * already. */
    enum err_code (*load)(struct engine *self, const char *name, struct engine_model *out,
                          const struct run_ctl *ctl, struct err *e);
    /* Attributes with the loaded model. See attribute_run, also for what is left when cancelled.
     * The cost event comes with seconds: from the last runs of this method on this machine, or else
     * from a few milliseconds of products. */
    enum err_code (*attribute)(struct engine *self, struct attribution **out,
                               const struct attribute_request *request,
                               const struct attribute_events *events, const struct run_ctl *ctl,
                               struct err *e);
    void (*free)(struct engine *self);
    /* The results of several requests, as fast as they go together. See attribute_run_together.
     * NULL: this engine does one at a time. */
    void (*attribute_together)(struct engine *self, struct attribute_row *rows, size_t n,
                               const struct attribute_events *events, const struct run_ctl *ctl);
    /* How faithful results are, with the loaded model. See faithfulness_run. NULL: this engine
     * cannot tell. */
    enum err_code (*evaluate)(struct engine *self, struct faithfulness **out,
                              const struct attribution *const *results, size_t n, size_t i,
                              const struct faithfulness_spec *spec,
                              const struct faithfulness_reducer *reducer,
                              const struct faithfulness_events *events, const struct run_ctl *ctl,
                              struct err *e);
    /* Which tokens a context changes, and by what, with the loaded model. See context_run. NULL:
     * this engine cannot tell. */
    enum err_code (*context)(struct engine *self, struct context_result **out,
                             const struct context_request *request,
                             const struct context_events *events, const struct run_ctl *ctl,
                             struct err *e);
    /* What the loaded model's time went to so far. NULL: this engine cannot tell. */
    void (*spent)(struct engine *self, struct model_spent *out);
};

/* options given once at start (--device, --dtype, --threads, --tokenizer); NULLs and zeros are
 * defaults. */
struct engine_options {
    const char *device, *dtype;
    const char *tokenizer;        /* a path or a name of a model; NULL: the model's own */
    const char *tokenizer_kwargs; /* as in model_options */
    int64_t n_threads;            /* 1 to 4096; 0: as in model_options */
};

/* The real engine. Cheap: libtorch is opened by the first load. */
enum err_code engine_real_new(struct engine **out, const struct engine_ops **ops,
                              const struct engine_options *options, struct err *e) ERR_CHECKED;

#endif

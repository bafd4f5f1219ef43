#include "app/jobs/engine.h"

#include "app/jobs/cost_store.h"
#include "backend/base/clock.h"
#include "backend/base/cores.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/discovery.h"
#include "backend/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_THREADS 4096

struct engine {
    struct model_options options;
    char *device, *tokenizer, *tokenizer_kwargs;
    struct model *model;
    char *path;  /* of the model that is loaded */
    char *first; /* that was asked for first; NULL: none yet */
    struct engine_model about;
    struct cost_store rates;
    char *how; /* model, device, type and threads: what rates belong to */
};

static int n_threads(const struct model_options *o) {
    return o->n_threads > 0 ? o->n_threads : cores_threads();
}

static void describe_languages(struct engine_model *out, const struct tokenizer_languages *l) {
    if (!l)
        return;
    snprintf(out->languages, sizeof out->languages, "%s", l->names);
    for (int i = 0; i < 2; i++)
        snprintf(out->own_languages[i], sizeof out->own_languages[i], "%s",
                 l->own[i] ? l->own[i] : "");
}

static void describe(struct engine_model *out, struct engine *self) {
    const struct model_config *c = model_config(self->model);
    const int threads = n_threads(&self->options);
    *out = (struct engine_model){.encoder_decoder = c->encoder_decoder,
                                 .n_layers = c->n_layers,
                                 .n_heads = c->n_heads,
                                 .n_encoder_layers = c->encoder_sizes.n_layers,
                                 .n_encoder_heads = c->encoder_sizes.n_heads,
                                 .n_vocab = c->n_vocab,
                                 .weight_bytes = model_weight_bytes(self->model)};
    snprintf(out->name, sizeof out->name, "%s", model_name(self->model));
    snprintf(out->class_name, sizeof out->class_name, "%s", c->class_name);
    if (self->device && strcmp(self->device, "cpu") != 0)
        snprintf(out->device, sizeof out->device, "%s", self->device);
    else
        snprintf(out->device, sizeof out->device, "cpu, %d thread%s", threads,
                 threads == 1 ? "" : "s");
    out->config = *c;
    out->element_bytes = model_element_bytes(self->model);
    free(self->how);
    self->how = mem_format("%s, %s, %d, %lld", out->name, out->device, (int)self->options.dtype,
                           (long long)out->weight_bytes);
    out->rate = model_product_rate(self->model);
    describe_languages(out, tokenizer_languages(model_tokenizer(self->model)));
}

/* Another tokenizer and its arguments are meant for the model that is asked for first: one that is
 * chosen later has its own. *tokenizer is owned by the caller. */
static enum err_code choose_tokenizer(struct engine *self, const char *path,
                                      struct model_options *options, char **tokenizer,
                                      struct err *e) {
    enum err_code code = ERR_OK;
    *tokenizer = NULL;
    if (!self->first)
        self->first = mem_text(path);
    const bool meant = strcmp(self->first, path) == 0;
    if (meant && self->tokenizer)
        code = model_resolve(tokenizer, self->tokenizer, e);
    options->tokenizer = *tokenizer;
    options->tokenizer_kwargs = meant ? self->tokenizer_kwargs : NULL;
    return code;
}

/* name: NULL where the path was given itself. */
static enum err_code open_path(struct engine *self, const char *path, const char *name,
                               const struct run_ctl *ctl, struct err *e) {
    struct model_options options = self->options;
    char *tokenizer;
    enum err_code code = choose_tokenizer(self, path, &options, &tokenizer, e);
    if (code)
        return code;
    options.name = name;
    /* The old model goes first: two at once may not fit. */
    model_free(self->model);
    self->model = NULL;
    mem_replace(&self->path, NULL);
    code = model_open(&self->model, path, &options, ctl, e);
    free(tokenizer);
    if (code)
        return code;
    self->path = mem_text(path);
    describe(&self->about, self);
    return ERR_OK;
}

static bool is_open(const struct engine *self, const char *path, const char *listed) {
    struct err damage;
    return self->model && strcmp(path, self->path) == 0 &&
           (model_path(self->model) == NULL) == (listed != NULL) &&
           !model_whole(self->model, &damage);
}

static enum err_code engine_load(struct engine *self, const char *name, struct engine_model *out,
                                 const struct run_ctl *ctl, struct err *e) {
    char *path;
    enum err_code code = model_resolve(&path, name, e);
    if (code)
        return code;
    const char *listed = model_is_path(name) ? NULL : name;
    if (!is_open(self, path, listed))
        code = open_path(self, path, listed, ctl, e);
    free(path);
    if (code)
        return code;
    *out = self->about;
    return ERR_OK;
}

/* A run watched for what it takes. */
struct timed_run {
    struct engine *engine;
    const struct attribute_events *events;
    const char *method;
    double begun, operations;
    double crowd; /* as it began */
    bool certain; /* the text does not decide on the work, so that the time tells of the rate */
};

/* How many times as long a run may take for what else runs now: threads that wait for a core. */
static double crowding(const struct engine *self) {
    const double cores = (double)sysconf(_SC_NPROCESSORS_ONLN),
                 threads = (double)n_threads(&self->options);
    FILE *load = fopen("/proc/loadavg", "r");
    int running = 1; /* this program among them */
    if (load && fscanf(load, "%*f %*f %*f %d/", &running) != 1)
        running = 1;
    if (load)
        fclose(load);
    const double wanted = threads + running - 1;
    return cores > 0 && wanted > cores ? wanted / cores : 1;
}

/* Operations a second, from runs that were seen, else from products. */
static struct cost_rates rates_of(const struct timed_run *r, const struct cost_estimate *c) {
    struct cost_rates rates = cost_rates_of(r->engine->about.rate);
    if (r->certain)
        (void)cost_store_rates(&rates, &r->engine->rates, r->engine->how, r->method, c->operations);
    rates.slowest /= r->crowd;
    return rates;
}

static void on_cost(void *user, const struct cost_estimate *c) {
    struct timed_run *r = user;
    struct cost_estimate known = *c;
    r->crowd = crowding(r->engine);
    r->certain = c->cost.least >= c->cost.worst;
    const struct cost_rates rates = rates_of(r, c);
    cost_time(&known, &rates);
    r->operations = c->operations;
    if (r->events && r->events->cost)
        r->events->cost(r->events->user, &known);
    r->begun = clock_seconds();
}

static void on_notice(void *user, const char *text) {
    const struct timed_run *r = user;
    r->events->notice(r->events->user, text);
}

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    const struct timed_run *r = user;
    r->events->generated(r->events->user, text, target, n_prompt);
}

static void on_begin(void *user, const struct attribution_sequence *skeleton,
                     const struct result_info *info) {
    const struct timed_run *r = user;
    r->events->begin(r->events->user, skeleton, info);
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    const struct timed_run *r = user;
    r->events->column(r->events->user, s, g);
}

/* The events of whoever watches, with what the engine knows added to them. */
static struct attribute_events watched_by(struct timed_run *r) {
    const struct attribute_events *events = r->events;
    struct attribute_events watched = {.user = r, .cost = on_cost};
    if (!events)
        return watched;
    watched.notice = events->notice ? on_notice : NULL;
    watched.generated = events->generated ? on_generated : NULL;
    watched.begin = events->begin ? on_begin : NULL;
    watched.column = events->column ? on_column : NULL;
    watched.watched = events->watched;
    return watched;
}

static const char *method_of(const struct attribute_request *request) {
    return request->method ? request->method : "saliency";
}

static enum err_code engine_attribute(struct engine *self, struct attribution **out,
                                      const struct attribute_request *request,
                                      const struct attribute_events *events,
                                      const struct run_ctl *ctl, struct err *e) {
    *out = NULL;
    if (!self->model)
        return err_set(e, ERR_USAGE, "no model is loaded");
    struct timed_run r = {.engine = self, .events = events, .method = method_of(request)};
    const struct attribute_events watched = watched_by(&r);
    enum err_code code = attribute_run(out, self->model, request, &watched, ctl, e);
    if (!code && r.operations > 0 && r.certain) /* as if nothing else had run */
        cost_store_learn(&self->rates, self->how, r.method, r.operations,
                         (clock_seconds() - r.begun) / ((r.crowd + crowding(self)) / 2));
    return code;
}

static void engine_attribute_together(struct engine *self, struct attribute_row *rows, size_t n,
                                      const struct attribute_events *events,
                                      const struct run_ctl *ctl) {
    for (size_t i = 0; i < n && !self->model; i++) {
        rows[i].out = NULL;
        rows[i].code = err_set(&rows[i].error, ERR_USAGE, "no model is loaded");
    }
    if (self->model)
        attribute_run_together(rows, n, self->model, events, ctl);
}

static enum err_code engine_evaluate(struct engine *self, struct faithfulness **out,
                                     const struct attribution *const *results, size_t n, size_t i,
                                     const struct faithfulness_spec *spec,
                                     const struct faithfulness_reducer *reducer,
                                     const struct faithfulness_events *events,
                                     const struct run_ctl *ctl, struct err *e) {
    *out = NULL;
    if (!self->model)
        return err_set(e, ERR_USAGE, "no model is loaded");
    return faithfulness_run(out, self->model, results, n, i, spec, reducer, events, ctl, e);
}

/* What is asked of a person is asked as ever. */
struct asked {
    struct timed_run run; /* first: it is what the base's events get */
    const struct context_events *events;
};

static char *on_context(void *user, const char *output, const char *found) {
    const struct asked *a = user;
    return a->events->ask_context(a->events->base.user, output, found);
}

static char *on_foil(void *user, const char *prefix, const char *token) {
    const struct asked *a = user;
    return a->events->ask_foil(a->events->base.user, prefix, token);
}

static enum err_code engine_context(struct engine *self, struct context_result **out,
                                    const struct context_request *request,
                                    const struct context_events *events, const struct run_ctl *ctl,
                                    struct err *e) {
    *out = NULL;
    if (!self->model)
        return err_set(e, ERR_USAGE, "no model is loaded");
    struct asked a = {.run = {.engine = self,
                              .events = events ? &events->base : NULL,
                              .method = method_of(&request->how)},
                      .events = events};
    struct context_events watched = {.base = watched_by(&a.run)};
    watched.ask_context = events && events->ask_context ? on_context : NULL;
    watched.ask_foil = events && events->ask_foil ? on_foil : NULL;
    return context_run(out, self->model, request, &watched, ctl, e);
}

static void engine_spent(struct engine *self, struct model_spent *out) {
    *out = (struct model_spent){0};
    if (self->model)
        model_spent(out, self->model);
}

static void engine_free(struct engine *self) {
    if (!self)
        return;
    cost_store_close(&self->rates);
    model_free(self->model);
    free(self->path);
    free(self->first);
    free(self->device);
    free(self->tokenizer);
    free(self->tokenizer_kwargs);
    free(self->how);
    free(self);
}

static enum err_code parse_dtype(enum model_dtype *out, const char *name, struct err *e) {
    static const struct {
        const char *name;
        enum model_dtype dtype;
    } names[] = {
        {"float32", MODEL_FLOAT32}, {"float64", MODEL_FLOAT64}, {"bfloat16", MODEL_BFLOAT16}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!name || strcmp(name, names[i].name) == 0) {
            *out = names[i].dtype;
            return ERR_OK;
        }
    return err_set(e, ERR_USAGE, "unknown type \"%s\": float32, bfloat16 or float64", name);
}

static enum err_code check_device(const char *device, struct err *e) {
    size_t digits =
        device && strncmp(device, "cuda:", 5) == 0 ? strspn(device + 5, "0123456789") : 0;
    if (!device || strcmp(device, "cpu") == 0 || strcmp(device, "cuda") == 0 ||
        (digits > 0 && digits < 4 && device[5 + digits] == '\0'))
        return ERR_OK;
    return err_set(e, ERR_USAGE, "unknown device \"%s\": cpu, cuda or cuda:N", device);
}

enum err_code engine_real_new(struct engine **out, const struct engine_ops **ops,
                              const struct engine_options *options, struct err *e) {
    static const struct engine_ops real = {.load = engine_load,
                                           .attribute = engine_attribute,
                                           .free = engine_free,
                                           .attribute_together = engine_attribute_together,
                                           .evaluate = engine_evaluate,
                                           .context = engine_context,
                                           .spent = engine_spent};
    *out = NULL;
    enum model_dtype dtype = MODEL_FLOAT32;
    enum err_code code = parse_dtype(&dtype, options->dtype, e);
    if (code)
        return code;
    code = check_device(options->device, e);
    if (code)
        return code;
    if (options->n_threads < 0 || options->n_threads > MAX_THREADS)
        return err_set(e, ERR_USAGE, "%lld threads: give 1 to %d, or 0 for the machine's cores",
                       (long long)options->n_threads, MAX_THREADS);
    struct engine *self = mem_alloc(sizeof *self);
    self->device = mem_text(options->device);
    self->tokenizer = mem_text(options->tokenizer);
    self->tokenizer_kwargs = mem_text(options->tokenizer_kwargs);
    self->options = (struct model_options){
        .dtype = dtype, .device = self->device, .n_threads = (int)options->n_threads};
    char *rates = file_xdg("XDG_STATE_HOME", ".local/state", "rates.json");
    cost_store_open(&self->rates, rates);
    free(rates);
    *out = self;
    *ops = &real;
    return ERR_OK;
}

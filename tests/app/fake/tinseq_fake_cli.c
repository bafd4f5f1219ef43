/*
 * The command line over the scripted engine: what the real program does, without a model.
 * TINSEQ_FAKE_MS: milliseconds that a text takes. TINSEQ_FAKE_KILL=RANK:TEXTS: the process that
 * mpirun calls so (none: 0) kills itself at that many texts.
 */
#include "app/cli/cli.h"
#include "app/cli/engine.h"

#include "../engine_fake.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static struct engine_ops ops;

static bool is_to_die(int n_texts) {
    const char *when = getenv("TINSEQ_FAKE_KILL"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    int of_rank, texts;
    return when && sscanf(when, "%d:%d", &of_rank, &texts) == 2 && texts == n_texts &&
           of_rank == (rank ? atoi(rank) : 0);
}

/* What nobody watches here, though the scripted engine tells it. */
static void generated(void *user, const char *text, const struct token_list *target, int64_t n) {
    (void)user, (void)text, (void)target, (void)n;
}
static void begin(void *user, const struct attribution_sequence *s, const struct result_info *i) {
    (void)user, (void)s, (void)i;
}
static void column(void *user, const struct attribution_sequence *s, int64_t g) {
    (void)user, (void)s, (void)g;
}
static void cost(void *user, const struct cost_estimate *c) {
    (void)user, (void)c;
}

static enum err_code attribute(struct engine *self, struct attribution **out,
                               const struct attribute_request *request,
                               const struct attribute_events *events, const struct run_ctl *ctl,
                               struct err *e) {
    static int n_texts;
    const char *ms = getenv("TINSEQ_FAKE_MS");
    const long nanoseconds = ms ? atol(ms) * 1000000L : 0;
    (void)nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL);
    if (is_to_die(n_texts++))
        (void)kill(getpid(), SIGKILL);
    const struct attribute_events all = {.user = events->user,
                                         .notice = events->notice,
                                         .generated = generated,
                                         .begin = begin,
                                         .column = column,
                                         .cost = cost};
    return engine_fake_ops.attribute(self, out, request, &all, ctl, e);
}

/* In the place of the library's. */
enum err_code cli_engine(struct engine **out, const struct engine_ops **out_ops,
                         const struct cli_arguments *a, struct err *e) {
    (void)a, (void)e;
    ops = engine_fake_ops;
    ops.attribute = attribute;
    *out = engine_fake_new(-1);
    *out_ops = &ops;
    return ERR_OK;
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    return cli_main(argc - 1, argv + 1);
}

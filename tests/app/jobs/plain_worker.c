/* The worker thread under TSan: jobs, events, cancel, overtaking, a full queue, the end. Criterion
 * cannot start under TSan, so this has a main of its own. */
#include "app/jobs/worker.h"
#include "methods/request/request.h"

#include "tests/app/engine_fake.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int n_failed;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            n_failed++;                                                                            \
        }                                                                                          \
    } while (0)

struct seen {
    int progress, loaded, begun, columns, generated, done, failed;
    enum err_code code;
    bool whole;
};

/* Takes events until the job is over or `columns` were seen. */
static void watch(struct seen *s, struct worker *w, uint64_t generation, int columns) {
    struct worker_event event;
    *s = (struct seen){0};
    while (!s->done && !s->failed && (columns < 0 || s->columns < columns)) {
        struct pollfd p = {.fd = worker_fd(w), .events = POLLIN};
        if (poll(&p, 1, 20000) <= 0) {
            CHECK(!"no event within 20 s");
            return;
        }
        while (worker_take(&event, w)) {
            CHECK(event.generation == generation);
            s->progress += event.kind == WORKER_PROGRESS;
            s->loaded += event.kind == WORKER_LOADED;
            s->begun += event.kind == WORKER_BEGIN;
            s->columns += event.kind == WORKER_COLUMN;
            s->generated += event.kind == WORKER_GENERATED;
            s->done += event.kind == WORKER_DONE;
            s->failed += event.kind == WORKER_FAILED;
            if (event.kind == WORKER_FAILED)
                s->code = event.err.code;
            if (event.kind == WORKER_DONE)
                s->whole = event.result != NULL;
            worker_event_dispose(&event);
            if (columns >= 0 && s->columns >= columns)
                break;
        }
    }
}

static struct worker *start(int gate) {
    struct worker *w;
    struct err e;
    struct engine *engine = engine_fake_new(gate);
    if (worker_start(&w, engine, &engine_fake_ops, &e) != ERR_OK) {
        fprintf(stderr, "%s\n", e.message);
        exit(1);
    }
    return w;
}

static struct attribute_request request(const char *text) {
    struct attribute_request r = {0};
    r.input_text = text;
    return r;
}

static void runs_and_reports_every_column(void) {
    struct worker *w = start(-1);
    struct attribute_request r = request("one two three");
    struct seen s;
    watch(&s, w, worker_attribute(w, "fake", &r), -1);
    CHECK(s.done == 1 && s.whole && s.loaded == 1 && s.begun == 1 && s.columns == 4 &&
          s.generated == 4);
    CHECK(worker_stop(w, 5000));
    CHECK(engine_fake_count() == 0);
}

/* Waits until the engines of the process have begun n more steps than `before`. */
/* Two of its four columns are what the context changes. */
static void of_a_context_reports_what_it_changes(void) {
    struct worker *w = start(-1);
    struct attribute_request r = request("one two three");
    struct seen s;
    r.input_context = "zero";
    watch(&s, w, worker_attribute(w, "fake", &r), -1);
    CHECK(s.done == 1 && s.whole && s.begun == 1 && s.columns == 2);
    r.context_strategy = "never heard of";
    watch(&s, w, worker_attribute(w, "fake", &r), -1);
    CHECK(s.failed == 1 && s.code == ERR_USAGE && s.columns == 0);
    CHECK(worker_stop(w, 5000));
}

static void await_steps(int before, int n) {
    for (int tries = 0; engine_fake_steps() < before + n && tries < 20000; tries++)
        poll(NULL, 0, 1);
    CHECK(engine_fake_steps() >= before + n);
}

static void a_full_queue_drops_no_column(void) {
    int before = engine_fake_steps();
    struct worker *w = start(-1);
    struct attribute_request r = request("wide");
    uint64_t generation = worker_attribute(w, "fake", &r);
    struct seen s;
    await_steps(before, 24); /* a load and tokens, with their progress, have filled the queue, and
                                no one reads it */
    watch(&s, w, generation, -1);
    CHECK(s.columns == 24 && s.done == 1);
    CHECK(worker_stop(w, 5000));
}

static void cancel_ends_the_job(void) {
    int gate[2];
    CHECK(pipe(gate) == 0);
    struct worker *w = start(gate[0]);
    struct attribute_request r = request("one two");
    uint64_t generation = worker_attribute(w, "fake", &r);
    struct seen s;
    CHECK(write(gate[1], "12345678", 8) == 8); /* load 2, tokens 4, columns 2 */
    watch(&s, w, generation, 2);
    CHECK(s.columns == 2);
    worker_cancel(w);
    watch(&s, w, generation, -1);
    CHECK(s.failed == 1 && s.code == ERR_CANCELLED && s.columns == 0);
    CHECK(worker_stop(w, 5000));
    close(gate[0]);
    close(gate[1]);
}

static void cancel_before_the_job_began_counts(void) {
    struct worker *w = start(-1);
    struct attribute_request r = request("one two");
    struct seen s;
    for (int i = 0; i < 50; i++) {
        uint64_t generation = worker_attribute(w, "fake", &r);
        worker_cancel(w);
        watch(&s, w, generation, -1);
        CHECK(s.failed + s.done == 1);
    }
    CHECK(worker_stop(w, 5000));
}

static void a_new_job_silences_the_old_one(void) {
    int gate[2];
    CHECK(pipe(gate) == 0);
    struct worker *w = start(gate[0]);
    struct attribute_request r = request("one two");
    struct seen s;
    int before = engine_fake_steps();
    worker_attribute(w, "fake", &r);
    CHECK(write(gate[1], "1234567", 7) == 7);
    await_steps(before, 8);
    uint64_t generation = worker_attribute(w, "fake", &r);
    CHECK(write(gate[1], "123456789012", 12) == 12);
    watch(&s, w, generation, -1); /* checks that no event is of the old one */
    CHECK(s.done == 1 && s.columns == 4);
    CHECK(worker_stop(w, 5000));
    close(gate[0]);
    close(gate[1]);
}

static void a_run_takes_over_the_load_of_its_model(void) {
    int gate[2];
    CHECK(pipe(gate) == 0);
    struct worker *w = start(gate[0]);
    struct attribute_request r = request("one two");
    struct seen s;
    int before = engine_fake_steps();
    worker_load(w, "fake");
    await_steps(
        before,
        1); /* it waits at the gate: the load goes on and is not begun anew, so that two steps do */
    uint64_t generation = worker_attribute(w, "fake", &r);
    CHECK(write(gate[1], "1234567890", 10) == 10); /* load 2, tokens 4, columns 4 */
    watch(&s, w, generation, -1);
    CHECK(s.done == 1 && s.whole && s.columns == 4 && s.loaded >= 1);
    CHECK(worker_stop(w, 5000));
    close(gate[0]);
    close(gate[1]);
}

static void errors_arrive_as_values(void) {
    struct worker *w = start(-1);
    struct attribute_request r = request("fail here");
    struct seen s;
    watch(&s, w, worker_attribute(w, "fake", &r), -1);
    CHECK(s.failed == 1 && s.code == ERR_BACKEND && s.columns == 2);
    watch(&s, w, worker_load(w, "broken"), -1);
    CHECK(s.failed == 1 && s.code == ERR_FORMAT);
    watch(&s, w, worker_load(w, "fake"), -1);
    CHECK(s.done == 1 && !s.whole);
    CHECK(worker_stop(w, 5000));
}

static void the_end_does_not_wait_for_a_job(void) {
    int gate[2];
    CHECK(pipe(gate) == 0);
    struct worker *w = start(gate[0]);
    struct attribute_request r = request("wide");
    int before = engine_fake_steps();
    worker_attribute(w, "fake", &r);
    await_steps(before, 1);
    CHECK(worker_stop(w, 5000));
    struct worker *full = start(-1); /* held back by a full queue */
    before = engine_fake_steps();
    worker_attribute(full, "fake", &r);
    await_steps(before, 24);
    CHECK(worker_stop(full, 5000));
    CHECK(engine_fake_count() == 0);
    close(gate[0]);
    close(gate[1]);
}

int main(void) {
    runs_and_reports_every_column();
    of_a_context_reports_what_it_changes();
    a_full_queue_drops_no_column();
    cancel_ends_the_job();
    cancel_before_the_job_began_counts();
    a_new_job_silences_the_old_one();
    a_run_takes_over_the_load_of_its_model();
    errors_arrive_as_values();
    the_end_does_not_wait_for_a_job();
    printf(n_failed ? "%d checks failed\n" : "worker: all checks passed\n", n_failed);
    return n_failed != 0;
}

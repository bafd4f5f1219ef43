#include "app/cli/dataset_rows.h"

#include "app/cli/alignments.h"
#include "app/cli/dataset_key.h"
#include "app/cli/dataset_out.h"
#include "app/cli/dataset_pages.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/cli/progress.h"
#include "app/cli/timings.h"
#include "app/dataset/crew.h"
#include "backend/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_NOTICES 20
#define NOTICE_BEGINNING 30 /* bytes that notices of one kind have alike */

/* A row that was read. */
struct pending {
    struct attribute_request request;
    const char *file; /* borrowed */
    int64_t line, row;
    char *fields, *reason; /* reason: why there is no request; NULL: there is */
};

struct rows {
    const struct dataset_run *run;
    struct crew *crew;       /* NULL: this process is alone */
    bool leads;              /* it has the output, and says what there is to say */
    struct text_buffer says; /* of a crew's batch under way */
    struct dataset *data;
    struct dataset_out out;
    struct cli_progress progress;
    struct run_ctl ctl;
    struct info_texts told; /* beginnings of notices */
    int64_t n_untold;       /* notices that begin as others did */
    double load, begun;     /* seconds; when rows began */
    bool quiet, strict;
    int64_t from, to;
    int64_t n_rows, n_done; /* rows of this process that were not there */
    int64_t at;             /* row of the data set that is read next */
    struct pending batch[DATASET_BATCH];
    size_t n_batch;
};

/* --- what is watched --- */

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    struct rows *r = user;
    if (!r->data) /* the model is loaded; rows have a progress of their own */
        cli_progress_update(&r->progress, phase, done, total);
}

/* In a crew it is shown where batches are taken, by either thread. */
static void clear_progress(struct rows *r) {
    if (!r->crew)
        cli_progress_clear(&r->progress);
}

static void tell(struct rows *r, const char *text) {
    cli_progress_clear(&r->progress);
    if (!r->quiet)
        cli_note(text);
}

/* Of a kind of notice the first; each row keeps its own. */
static void tell_notice(struct rows *r, const char *text) {
    char *kind = mem_format("%.*s", NOTICE_BEGINNING, text);
    if (info_texts_hold(&r->told, kind) || r->told.n >= MOST_NOTICES) {
        r->n_untold++;
    } else {
        info_texts_add(&r->told, kind);
        tell(r, text);
    }
    free(kind);
}

static void on_notice(void *user, const char *text) {
    struct rows *r = user;
    if (r->out.says)
        dataset_out_say(&r->out, false, text);
    else
        tell_notice(r, text);
}

/* --- a batch --- */

static void read_row(struct rows *r, const struct data_row *row) {
    struct pending *p = &r->batch[r->n_batch++];
    struct err e;
    *p = (struct pending){.file = row->file, .line = row->line, .row = row->index};
    if (row->problem) {
        p->reason = mem_text(row->problem);
        return;
    }
    p->fields = data_row_json(row);
    if (dataset_request_make(&p->request, r->run->request, row, &e))
        p->reason = mem_text(e.message);
}

/* What is wrong with one row is told, and the next one's turn; or not. */
static enum err_code fail(struct rows *r, const struct pending *p, const char *reason,
                          struct err *e) {
    const struct dataset_failed f = {p->file, p->line, p->row, reason, p->fields};
    if (r->strict)
        return err_set(e, ERR_FORMAT, "%.150s, line %lld: %.300s", p->file, (long long)p->line,
                       reason);
    clear_progress(r);
    dataset_out_fail(&r->out, &f);
    return ERR_OK;
}

static enum err_code keep(struct rows *r, const struct pending *p, struct attribution *one,
                          struct err *e) {
    if (p->fields)
        info_texts_put_take(&one->info.fields, 0, mem_text(p->fields));
    clear_progress(r);
    return dataset_out_add(&r->out, one, e);
}

/* The batch's results: together, where the engine can. */
static void compute_batch(struct rows *r, struct attribute_row *rows) {
    const struct attribute_events events = {.user = r, .notice = on_notice};
    const struct engine_ops *ops = r->run->ops;
    size_t n = 0;
    for (size_t i = 0; i < r->n_batch; i++)
        if (!r->batch[i].reason)
            rows[n++] = (struct attribute_row){.request = &r->batch[i].request};
    if (ops->attribute_together && n)
        ops->attribute_together(r->run->engine, rows, n, &events, &r->ctl);
    for (size_t i = 0; i < n && !ops->attribute_together; i++)
        rows[i].code = ops->attribute(r->run->engine, &rows[i].out, rows[i].request, &events,
                                      &r->ctl, &rows[i].error);
}

/* A row's turn to be told and kept, in their order. */
static enum err_code finish_row(struct rows *r, const struct pending *p, struct attribute_row *row,
                                struct err *e) {
    if (p->reason)
        return fail(r, p, p->reason, e);
    if (!row->code)
        row->code = keep(r, p, row->out, &row->error);
    if (row->code == ERR_CANCELLED)
        return err_set(e, row->code, "%s", row->error.message);
    return row->code ? fail(r, p, row->error.message, e) : ERR_OK;
}

static void forget_batch(struct rows *r) {
    for (size_t i = 0; i < r->n_batch; i++) {
        if (!r->batch[i].reason)
            request_dispose(&r->batch[i].request);
        free(r->batch[i].fields);
        free(r->batch[i].reason);
    }
    r->n_batch = 0;
}

static void count_rows(struct rows *r, int64_t n) {
    r->n_done += n;
    cli_progress_update(&r->progress, "rows", r->n_done, r->n_rows);
}

static enum err_code put_batch(struct rows *r, int64_t number, struct err *e) {
    const struct batch b = dataset_out_batch(&r->out, number);
    enum err_code code = r->crew ? crew_put(r->crew, &b, r->says.text, r->says.n, e)
                                 : dataset_out_keep(&r->out, &b, e);
    dataset_out_forget(&r->out);
    r->says.n = 0;
    return code;
}

static enum err_code run_batch(struct rows *r, int64_t number, struct err *e) {
    struct attribute_row rows[DATASET_BATCH] = {0}, *row = rows;
    enum err_code code = ERR_OK;
    compute_batch(r, rows);
    for (size_t i = 0; i < r->n_batch && !code; i++) {
        code = finish_row(r, &r->batch[i], row, e);
        row += !r->batch[i].reason;
        if (!code && !r->crew)
            count_rows(r, 1);
    }
    for (size_t i = 0; i < DATASET_BATCH; i++)
        attribution_release(rows[i].out);
    forget_batch(r);
    return code ? code : put_batch(r, number, e);
}

/* --- a crew: what its leader does with what all make --- */

static int64_t next_of_crew(void *user) {
    struct rows *r = user;
    return dataset_out_next(&r->out);
}

static bool crew_has(void *user, int64_t number) {
    const struct rows *r = user;
    return dataset_out_has(&r->out, number);
}

/* What was said of a batch where it was made. */
static void repeat(struct rows *r, const char *said, size_t n) {
    while (n > 0) {
        const size_t one = strnlen(said, n);
        if (one == n)
            return; /* has no end */
        cli_progress_clear(&r->progress);
        if (said[0] == '!')
            cli_say(said + 1);
        else if (one)
            tell_notice(r, said + 1);
        said += one + 1;
        n -= one + 1;
    }
}

static enum err_code add_of_crew(void *user, const struct batch *b, const char *said, size_t n,
                                 struct err *e) {
    struct rows *r = user;
    repeat(r, said, n);
    count_rows(r, b->n_rows);
    return dataset_out_keep(&r->out, b, e);
}

static void crew_lost(void *user, const char *text) {
    struct rows *r = user;
    cli_progress_clear(&r->progress);
    cli_say(text);
}

/* Where mpirun started several. Without the module each does its own part. */
static enum err_code start_crew(struct rows *r, struct err *e) {
    const struct cli_arguments *a = r->run->a;
    const struct crew_hooks hooks = {r, next_of_crew, crew_has, add_of_crew, crew_lost};
    if (!crew_is_wanted() || cli_text(a, CLI_OPT_SHARD))
        return ERR_OK;
    if (!cli_text(a, CLI_OPT_SAVE) && !cli_text(a, CLI_OPT_SPLIT_OUTPUT))
        return err_set(e, ERR_USAGE, "mpirun's processes write one file: name it with -o");
    enum err_code code = crew_start(&r->crew, &hooks, r->run->cancel, e);
    if (code == ERR_IO) {
        if (crew_leads() && !r->quiet)
            dataset_out_say(&r->out, false, e->message);
        return ERR_OK;
    }
    r->leads = crew_leads();
    return code;
}

static enum err_code stop_crew(struct rows *r, enum err_code code, struct err *e) {
    if (!r->crew)
        return code;
    crew_stop_take(r->crew, code, e);
    r->crew = NULL;
    return code;
}

/* --- all of them --- */

static enum err_code open_data(struct rows *r, struct err *e) {
    const struct dataset_source *s = r->run->source;
    dataset_close(r->data);
    r->data = NULL;
    r->at = 0;
    return dataset_open(&r->data, (const char *const *)s->files, s->n, &s->form, e);
}

static enum err_code next_batch(int64_t *number, struct rows *r, struct err *e) {
    if (r->crew)
        return crew_next(number, r->crew, e);
    *number = dataset_out_next(&r->out);
    return ERR_OK;
}

/* The rows of a batch, which as a rule lie behind those that were read before. */
static enum err_code read_batch(struct rows *r, int64_t number, struct err *e) {
    const struct data_row *row;
    int64_t from, to;
    dataset_out_rows(&from, &to, &r->out, number);
    if (r->at > from) { /* of a process that is gone */
        enum err_code code = open_data(r, e);
        if (code)
            return code;
    }
    for (; r->at < to; r->at++) {
        enum err_code code = dataset_next(&row, r->data, e);
        if (code)
            return code;
        if (!row)
            return err_set(e, ERR_IO, "the data set has become shorter while it was read");
        if (row->index >= from)
            read_row(r, row);
    }
    return ERR_OK;
}

static enum err_code run_all(struct rows *r, struct err *e) {
    cli_progress_update(&r->progress, "rows", 0, r->n_rows);
    for (;;) {
        int64_t number;
        enum err_code code = next_batch(&number, r, e);
        if (code || number < 0)
            return code;
        code = read_batch(r, number, e);
        if (code)
            return code;
        code = run_batch(r, number, e);
        if (code)
            return code;
    }
}

static enum err_code load(struct rows *r, struct err *e) {
    const struct dataset_run *x = r->run;
    struct engine_model about;
    enum err_code code = x->ops->load(x->engine, cli_text(x->a, CLI_OPT_MODEL), &about, &r->ctl, e);
    cli_progress_clear(&r->progress);
    return code ? code : cli_alignments_check_model(x->a, about.encoder_decoder, e);
}

static void tell_number(struct rows *r, int64_t n, const char *one, const char *several) {
    if (!n)
        return;
    char *line = mem_format("%lld %s", (long long)n, n == 1 ? one : several);
    tell(r, line);
    free(line);
}

static void tell_of_end(struct rows *r) {
    const char *path = r->out.path;
    tell_number(r, dataset_blank(r->data), "blank line was passed over",
                "blank lines were passed over");
    tell_number(r, r->n_untold, "other row has such a notice: each keeps its own",
                "more notices are like these: each row keeps its own");
    if (cli_flag(r->run->a, CLI_OPT_TIMINGS))
        cli_print_row_timings(r->load, r->n_done, clock_seconds() - r->begun);
    if (path && !r->quiet)
        fprintf(stderr, "tinseq: saved %lld row%s to %s\n", (long long)r->out.n_written,
                r->out.n_written == 1 ? "" : "s", path);
    if (!r->quiet)
        cli_output_tell(&r->out.told);
}

/* Which rows are to be done, and what is there of them. */
static enum err_code open_out(struct rows *r, struct err *e) {
    const struct cli_arguments *a = r->run->a;
    struct dataset_task task = {.from = r->from, .to = r->to};
    char *key = NULL;
    enum err_code code = ERR_OK;
    task.crew = r->crew != NULL;
    task.leads = r->leads;
    if (!r->leads)
        return dataset_out_open(&r->out, a, &task, e);
    if (!r->crew)
        code = shard_read(&task.shard, cli_text(a, CLI_OPT_SHARD), e);
    if (code)
        return code;
    code = dataset_key_make(&key, a, r->run->source, r->from, r->to, DATASET_BATCH, e);
    if (code)
        return code;
    task.key = key;
    code = dataset_out_open(&r->out, a, &task, e);
    r->out.task.key = NULL;
    free(key);
    if (code)
        return code;
    r->n_rows = dataset_out_count(&r->out) - dataset_out_done(&r->out);
    if (!r->quiet)
        dataset_out_tell_begin(&r->out);
    return ERR_OK;
}

/* A run that ends early is gone on with, if there is anything to do. */
static enum err_code do_all(struct rows *r, struct err *e) {
    enum err_code code = run_all(r, e);
    if (r->crew)
        code = crew_why(r->crew, code, e);
    cli_progress_clear(&r->progress);
    if (code && !r->quiet && r->leads) /* at once: mpirun waits no longer */
        dataset_out_tell_kept(&r->out);
    code = stop_crew(r, code, e);
    return code ? code : dataset_out_finish(&r->out, e);
}

/* Only the leader says anything. */
static void hush(struct rows *r) {
    r->quiet = r->run->request->quiet = true;
    r->progress.shown = false;
}

/* In a crew each process has a model, and reads the data set itself. */
static enum err_code prepare(struct rows *r, struct err *e) {
    enum err_code code = dataset_source_rows(&r->from, &r->to, r->run->source, e);
    if (code)
        return code;
    code = start_crew(r, e);
    if (code)
        return code;
    if (!r->leads)
        hush(r);
    else if (r->crew && !r->quiet && !r->progress.shown) /* mpirun hands on what is written */
        r->progress.shown = r->progress.lines = true;
    code = open_out(r, e);
    if (code)
        return code;
    r->out.says = r->crew ? &r->says : NULL;
    const double started = clock_seconds();
    code = load(r, e);
    if (code)
        return code;
    r->begun = clock_seconds();
    r->load = r->begun - started;
    return open_data(r, e);
}

static enum err_code run(struct rows *r, struct err *e) {
    enum err_code code = prepare(r, e);
    if (code)
        return stop_crew(r, code, e);
    code = do_all(r, e);
    if (code || !r->leads)
        return code;
    tell_of_end(r);
    if (r->out.n_written)
        code = dataset_pages_write(r->run->a, r->out.path, e);
    return code ? code : dataset_out_tell_failed(&r->out, e);
}

enum err_code dataset_rows_run(const struct dataset_run *x, struct err *e) {
    struct rows *r = mem_alloc(sizeof *r);
    r->run = x;
    r->leads = true;
    r->quiet = cli_flag(x->a, CLI_OPT_QUIET);
    r->strict = cli_flag(x->a, CLI_OPT_STRICT);
    r->progress.unit = "rows";
    r->progress.shown = !r->quiet && isatty(STDERR_FILENO);
    r->ctl = (struct run_ctl){.cancel = x->cancel, .progress = on_progress, .user = r};
    enum err_code code = run(r, e);
    forget_batch(r);
    dataset_close(r->data);
    dataset_out_dispose(&r->out);
    info_texts_dispose(&r->told);
    text_buffer_dispose(&r->says);
    if (!r->leads)
        code = ERR_OK; /* who leads says what was wrong */
    free(r);
    return code;
}

/* tinseq stats FILE…: what is the same in the scores of many texts. */
#include "app/cli/subcommand.h"

#include "app/cli/files.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/cli/progress.h"
#include "app/cli/stats_maps.h"
#include "app/cli/stats_report.h"
#include "app/statistics/map.h"
#include "app/statistics/order.h"
#include "app/statistics/table.h"
#include "backend/base/file.h"
#include "backend/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: tinseq stats FILE [FILE ...] [--by GROUPING ...] [options]\n"
    "\n"
    "Mean, sum and number of the scores in saved results, with an interval over the texts, by "
    "token, word, role, layer, head, or a column of the\n"
    "data set that they came from; or how far a score and a column go together (Kendall's tau-b, "
    "Spearman, Pearson). Files are read text by\n"
    "text, so that they may be larger than the memory. Two groupings are a map (a page with "
    "-o FILE.html, a picture with .svg, .png or .pdf).\n"
    "Scores are aggregated first, by the options of 'tinseq show'; by layer and head they are as "
    "they were saved.\n"
    "\n"
    "Examples\n"
    "  tinseq stats facts.jsonl --by word --sort mean\n"
    "  tinseq stats facts.jsonl --by layer role --role subject=subject -o roles.svg\n"
    "  tinseq stats facts.jsonl --multiples example --layers 10:29 -o facts.html\n"
    "  tinseq stats facts.jsonl --by relation --score contrast_prob_diff -o facts.csv\n"
    "  tinseq stats jobs.jsonl --correlate contrast_prob_diff share_of_women --distance_from 50\n"
    "  tinseq stats jobs.jsonl --correlate probability income --table jobs.csv --key job\n";

/* One command under way. */
struct stats {
    const struct cli_arguments *a;
    struct stats_request request;
    struct stats_collection found;
    struct stats_table *table;
    struct info_texts notices;
    struct cli_progress progress;
    struct run_ctl ctl;
    bool quiet;
    struct attribution *examples; /* of --multiples */
    size_t n_more;                /* for which there was no room */
};

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    struct stats *s = user;
    cli_progress_update(&s->progress, phase, done, total);
}

/* --- what a person should know --------------------------------------------------------------- */

static void told(struct stats *s, char *taken) {
    if (!info_texts_hold(&s->notices, taken))
        info_texts_add(&s->notices, taken);
    free(taken);
}

static void tell_of_mixture(struct stats *s, const char *what, const struct info_texts *names) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < names->n; i++)
        text_buffer_format(&b, "%s%s", i ? ", " : "", names->items[i]);
    if (names->n > 1)
        told(s, mem_format("results of several %ss are put together (%.300s): --by %s keeps them "
                           "apart",
                           what, b.text, what));
    text_buffer_dispose(&b);
}

static bool groups_by(const struct stats *s, enum stats_key_id id) {
    return stats_uses_key(&s->request.spec, id);
}

static void tell_of_values(struct stats *s) {
    size_t skipped = 0, empty = 0;
    for (size_t i = 0; i < groups_count(s->found.groups); i++) {
        const struct group *g = groups_get(s->found.groups, i);
        skipped += g->n_skipped;
        empty += g->values.n == 0;
    }
    if (skipped)
        told(s, mem_format("left out: %zu score%s that could not be computed (NaN or infinite)",
                           skipped, skipped == 1 ? "" : "s"));
    if (empty)
        told(s, mem_format("%zu group%s no other and %s not shown", empty,
                           empty == 1 ? " has" : "s have", empty == 1 ? "is" : "are"));
}

static void tell_of_texts(struct stats *s) {
    const struct stats_collection *c = &s->found;
    const size_t filtered = c->n_texts - c->n_used - c->n_failed;
    if (c->n_failed)
        told(s, mem_format("%zu of %zu texts cannot be used, the first is %s", c->n_failed,
                           c->n_texts, c->first_failed));
    if (filtered)
        told(s, mem_format("%zu of %zu texts have no score that passes the filters", filtered,
                           c->n_texts));
    if (c->n_without)
        told(s, mem_format("%zu of %zu texts are no pair: %s", c->n_without, c->n_used,
                           c->first_without));
}

static void tell(struct stats *s) {
    const size_t left = s->table ? stats_table_left(s->table) : 0;
    if (!groups_by(s, STATS_KEY_METHOD))
        tell_of_mixture(s, "method", &s->found.methods);
    if (!groups_by(s, STATS_KEY_MODEL))
        tell_of_mixture(s, "model", &s->found.models);
    for (size_t i = 0; i < s->found.shadowed.n; i++)
        told(s, mem_format("%s is a grouping; the column of that name is --by field:%s",
                           s->found.shadowed.items[i], s->found.shadowed.items[i]));
    tell_of_values(s);
    tell_of_texts(s);
    if (left)
        told(s, mem_format("%zu row%s of %.200s belong%s to no text", left, left == 1 ? "" : "s",
                           cli_text(s->a, CLI_OPT_TABLE), left == 1 ? "s" : ""));
    if (s->n_more)
        told(s, mem_format("%zu more texts have a map: --most N shows more", s->n_more));
    for (size_t i = 0; i < s->notices.n && !s->quiet; i++)
        cli_note(s->notices.items[i]);
}

/* --- maps --- */

/* The text's own map, of the first ones. */
static enum err_code add_example(void *user, const struct stats_text *t,
                                 const struct stats_spec *spec, struct err *e) {
    struct stats *s = user;
    struct attribution *all = s->examples;
    struct attribution_sequence map;
    if (all->n_sequences == s->request.n_examples) {
        s->n_more++;
        return ERR_OK;
    }
    enum err_code code = stats_example(&map, t, spec, e);
    if (code) {
        attribution_sequence_dispose(&map);
        return code;
    }
    all->sequences[all->n_sequences++] = map;
    info_texts_add(&all->info.input_texts, info_text_of(&t->result->info.input_texts, 0));
    return ERR_OK;
}

/* What is in a map, for who sees it in a file; owned by the caller. */
static char *about_map(const struct stats *s) {
    static const char *const tests[] = {"=", "!=", "<", ">"};
    const struct stats_spec *spec = &s->request.spec;
    struct text_buffer b = {0};
    text_buffer_format(&b, "Means of %s over %zu text%s",
                       spec->score ? spec->score : "the tokens' scores", s->found.n_used,
                       s->found.n_used == 1 ? "" : "s");
    for (size_t i = 0; i < spec->n_filters; i++)
        text_buffer_format(&b, "%s %s%s%s", i ? "," : ", only", stats_by_name(&spec->filters[i].by),
                           tests[spec->filters[i].test], spec->filters[i].value);
    text_buffer_puts(&b, ".");
    return text_buffer_take(&b);
}

/* Of two groupings; NULL: none is wanted. */
static enum err_code make_map(struct attribution **out, const struct stats *s, struct err *e) {
    *out = NULL;
    if (!cli_stats_wants_map(s->a, &s->request))
        return ERR_OK;
    char *about = about_map(s);
    *out = attribution_new(1);
    info_texts_add(&(*out)->info.notices, about);
    free(about);
    const enum err_code code = stats_map((*out)->sequences, s->found.groups, &s->request.spec, e);
    if (code) {
        attribution_release(*out);
        *out = NULL;
    }
    return code;
}

/* --- what is written ------------------------------------------------------------------------ */

static enum err_code read_sort(enum stats_sort *out, const struct stats *s, struct err *e) {
    const char *word = cli_text(s->a, CLI_OPT_SORT);
    *out = stats_usual_sort(&s->request.spec);
    for (size_t i = 0; word && stats_sorts[i]; i++)
        if (strcmp(word, stats_sorts[i]) == 0) {
            *out = (enum stats_sort)i;
            return ERR_OK;
        }
    return word ? cli_unknown("unknown order", word, stats_sorts, 4, "see --help", e) : ERR_OK;
}

static enum err_code write_text(const struct stats *s, struct text_buffer *text, struct err *e) {
    const char *path = cli_text(s->a, CLI_OPT_SAVE);
    enum err_code code = file_write_named(path, text->text, text->n, e);
    if (!code && !s->quiet)
        fprintf(stderr, "tinseq: saved the statistics to %s\n", path);
    return code;
}

static enum err_code save(const struct stats *s, const struct stats_report *r, struct err *e) {
    const char *path = cli_text(s->a, CLI_OPT_SAVE);
    struct text_buffer b = {0};
    enum err_code code = ERR_OK;
    if (!path || !cli_stats_is_text(path))
        return ERR_OK;
    if (text_ends_with(path, ".csv"))
        stats_report_csv(&b, r);
    else
        stats_report_json(&b, r);
    code = write_text(s, &b, e);
    text_buffer_dispose(&b);
    return code;
}

/* A map is printed instead of the table. */
static enum err_code print_report(const struct stats *s, const struct stats_report *r, bool map,
                                  struct err *e) {
    struct text_buffer b = {0};
    if (cli_flag(s->a, CLI_OPT_CSV))
        stats_report_csv(&b, r);
    else if (cli_flag(s->a, CLI_OPT_JSON))
        stats_report_json(&b, r);
    else if (!s->quiet && !map)
        stats_report_table(&b, r);
    else if (!s->quiet)
        text_buffer_format(&b, "Means of %zu text%s; --csv prints them with intervals\n",
                           s->found.n_used, s->found.n_used == 1 ? "" : "s");
    enum err_code code = b.n ? cli_print(b.text, b.n, e) : ERR_OK;
    text_buffer_dispose(&b);
    return code;
}

static enum err_code deliver_groups(struct stats *s, const struct stats_report *r, struct err *e) {
    struct attribution *map;
    enum err_code code = make_map(&map, s, e);
    if (code)
        return code;
    code = save(s, r, e);
    if (code)
        goto out;
    if (map)
        code = cli_stats_deliver_map(map, s->request.spec.n_by == 1, &s->found, s->a, e);
    if (code)
        goto out;
    code = print_report(s, r, map && s->request.spec.n_by == 2, e);
out:
    attribution_release(map);
    return code;
}

static enum err_code deliver(struct stats *s, struct err *e) {
    struct stats_report r = {.request = &s->request,
                             .found = &s->found,
                             .most = (size_t)cli_integer(s->a, CLI_OPT_MOST, 60)};
    enum stats_sort sort;
    enum err_code code = read_sort(&sort, s, e);
    if (code)
        return code;
    if (s->examples)
        return cli_stats_deliver_map(s->examples, false, &s->found, s->a, e);
    r.order = stats_order(&r.n, s->found.groups, &s->request.spec, sort);
    code = deliver_groups(s, &r, e);
    free(r.order);
    return code;
}

/* --- the command ------------------------------------------------------------------------------ */

static enum err_code check(const struct cli_arguments *a, struct err *e) {
    const char *path = cli_text(a, CLI_OPT_SAVE);
    if (!a->n_words)
        return err_set(e, ERR_USAGE, "tinseq stats takes the files of saved results");
    if (a->values[CLI_OPT_KEY].given && !a->values[CLI_OPT_TABLE].given)
        return err_set(e, ERR_USAGE, "--key is about --table, which is not given");
    if (cli_integer(a, CLI_OPT_MOST, 60) < 1)
        return err_set(e, ERR_USAGE, "--most takes at least 1");
    enum err_code code = path ? cli_file_check(path, e) : ERR_OK;
    return code ? code : cli_check_shown(a, NULL, e);
}

/* Nothing is left to look at. */
static enum err_code check_found(const struct stats *s, struct err *e) {
    const struct stats_collection *c = &s->found;
    if (!c->n_used)
        return err_set(e, ERR_USAGE, "no score of %zu text%s passes the filters", c->n_texts,
                       c->n_texts == 1 ? "" : "s");
    if (s->request.column && c->n_without == c->n_used)
        return err_set(e, ERR_USAGE, "--correlate: %s", c->first_without);
    return ERR_OK;
}

static enum err_code collect(struct stats *s, struct err *e) {
    const struct stats_visitor visitor = {s, add_example};
    const struct stats_job job = {.files = s->a->words,
                                  .n_files = s->a->n_words,
                                  .spec = &s->request.spec,
                                  .column = s->request.column,
                                  .table = s->table,
                                  .visitor = s->examples ? &visitor : NULL,
                                  .ctl = &s->ctl};
    s->progress.shown = !s->quiet && isatty(STDERR_FILENO);
    s->ctl = (struct run_ctl){.cancel = cli_catch_interrupts(), .progress = on_progress, .user = s};
    enum err_code code = stats_collect(&s->found, &job, e);
    cli_progress_clear(&s->progress);
    return code ? code : check_found(s, e);
}

static enum err_code compute(struct stats *s, struct err *e) {
    const char *table = cli_text(s->a, CLI_OPT_TABLE);
    enum err_code code = cli_stats_read(&s->request, s->a, e);
    if (code)
        return code;
    code = cli_stats_check_maps(s->a, &s->request, e);
    if (code)
        return code;
    s->request.spec.notices = &s->notices;
    if (s->request.n_examples) {
        s->examples = attribution_new(s->request.n_examples);
        s->examples->n_sequences = 0;
    }
    if (table)
        code = stats_table_open(&s->table, table, cli_text(s->a, CLI_OPT_KEY), e);
    if (code)
        return code;
    code = collect(s, e);
    if (code)
        return code;
    tell(s);
    return deliver(s, e);
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct stats s = {.a = a, .quiet = cli_flag(a, CLI_OPT_QUIET)};
    enum err_code code = check(a, e);
    if (!code)
        code = compute(&s, e);
    attribution_release(s.examples);
    stats_collection_dispose(&s.found);
    stats_table_close(s.table);
    cli_stats_dispose(&s.request);
    info_texts_dispose(&s.notices);
    return code;
}

const struct subcommand cli_stats = {
    .id = CLI_STATS,
    .name = "stats",
    .synopsis = "FILE ...",
    .title = "means and correlations of saved scores over many texts",
    .help = help,
    .word = "FILE",
    .run = run,
};

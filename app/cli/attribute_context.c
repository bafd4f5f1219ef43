/* tinseq attribute-context: which tokens a context changes, and which of its tokens did it. */
#include "app/cli/subcommand.h"

#include "app/cli/context_info.h"
#include "app/cli/engine.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/cli/progress.h"
#include "app/cli/request.h"
#include "app/files/citations_text.h"
#include "app/files/context_text.h"
#include "app/jobs/documents_job.h"
#include "backend/base/file.h"
#include "backend/base/text.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_ANSWER 4096
#define POLL_MS 50

static const char help[] =
    "Usage: tinseq attribute-context -m MODEL --input_current_text TEXT --input_context_text TEXT "
    "[options]\n"
    "\n"
    "Which tokens of the output does the context change, and which of its tokens did it? (PECoRe, "
    "as Inseq's attribute-context.)\n"
    "The model with the context is held against the model without it; the tokens that differ most "
    "are explained.\n"
    "\n"
    "Examples\n"
    "  tinseq attribute-context -m smollm2 --input_context_text \"George was sick yesterday.\" \\\n"
    "      --input_current_text \"His colleagues asked him to come\" -fn contrast_prob_diff\n"
    "  tinseq attribute-context -m en-pt --input_context_text \"The nurse is here.\" \\\n"
    "      --input_current_text \"She said hi.\" -fn contrast_prob_diff --viz_path page.html -o "
    "context.json\n"
    "  tinseq attribute-context -m smollm2 --document a.txt b.txt --input_current_text \\\n"
    "      \"Where do they live?\" -fn contrast_prob_diff --citations marks --closed_book\n";

struct asker {
    const struct cli_arguments *a;
    struct engine *engine;
    const struct engine_ops *ops;
    struct attribute_request how;
    struct context_request request; /* borrows from it */
    struct documents_job documents;
    struct citations citations; /* of these */
    struct context_told told;
    struct cli_progress progress;
    struct run_ctl ctl;
    bool quiet;
};

/* --- what is asked for -------------------------------------------------------------------- */

static enum err_code check_utf8(const struct cli_arguments *a, struct err *e) {
    static const struct {
        enum cli_option_id id;
        const char *name;
    } texts[] = {{CLI_OPT_INPUT_CURRENT, "--input_current_text"},
                 {CLI_OPT_INPUT_CONTEXT, "--input_context_text"},
                 {CLI_OPT_INPUT_TEMPLATE, "--input_template"},
                 {CLI_OPT_OUTPUT_CURRENT, "--output_current_text"},
                 {CLI_OPT_OUTPUT_CONTEXT, "--output_context_text"},
                 {CLI_OPT_OUTPUT_TEMPLATE, "--output_template"},
                 {CLI_OPT_CONTEXTLESS_INPUT, "--contextless_input_current_text"},
                 {CLI_OPT_CONTEXTLESS_OUTPUT, "--contextless_output_current_text"},
                 {CLI_OPT_SEPARATOR, "--decoder_input_output_separator"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = cli_text(a, texts[i].id);
        size_t at;
        if (text && !text_valid_utf8(text, strlen(text), &at))
            return err_set(e, ERR_FORMAT, "%s is not UTF-8 (\"%.*s\" and on)", texts[i].name,
                           (int)at, text);
    }
    return ERR_OK;
}

static enum err_code read_request(struct asker *k, struct err *e) {
    enum err_code code = cli_request(&k->how, k->a, -1, e);
    if (code)
        return code;
    k->how.input_text = mem_text(cli_text(k->a, CLI_OPT_INPUT_CURRENT));
    code = context_request_of(&k->request, &k->how, e);
    if (code)
        return code;
    return documents_job_read(&k->documents, &k->request, e);
}

/* What is not asked for is not normalised, as in Inseq. */
static struct cli_arguments aggregation_of(const struct cli_arguments *a) {
    struct cli_arguments out = *a;
    if (!out.values[CLI_OPT_NORMALIZE].given)
        out.values[CLI_OPT_NORMALIZE] = (struct cli_value){.given = true, .flag = false};
    return out;
}

static enum err_code check(const struct asker *k, struct err *e) {
    const struct cli_arguments aggregation = aggregation_of(k->a);
    enum err_code code = ERR_OK;
    if (k->a->n_words)
        return err_set(e, ERR_USAGE, "attribute-context takes options alone, not \"%.40s\"",
                       k->a->words[0]);
    if (!cli_text(k->a, CLI_OPT_MODEL))
        return err_set(e, ERR_USAGE, "which model? give one with -m ('tinseq list models')");
    code = check_utf8(k->a, e);
    if (code)
        return code;
    code = context_check(&k->request, e);
    if (code)
        return code;
    if (k->request.ask_foils && !isatty(STDIN_FILENO))
        return err_set(e, ERR_USAGE,
                       "--prompt_user_for_contextless_output_next_tokens asks on a terminal, and "
                       "there is none: --contextless_output_next_tokens gives them");
    return cli_check_output(&aggregation, k->request.how.method, e);
}

/* --- a person who is asked ---------------------------------------------------------------- */

/* A line from the terminal without its end, owned; NULL: there is none, or a person interrupts. */
static char *answer(const struct asker *k) {
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[LONGEST_ANSWER];
    while (!run_cancelled(&k->ctl) && poll(&in, 1, POLL_MS) == 0)
        ;
    if (run_cancelled(&k->ctl) || !fgets(line, sizeof line, stdin))
        return NULL;
    return mem_text_n(line, strcspn(line, "\r\n"));
}

/* Something that the output begins with. */
static bool is_beginning(const char *output, const char *typed) {
    return *typed && strncmp(output, typed, strlen(typed)) == 0;
}

static char *ask_context(void *user, const char *output, const char *found) {
    struct asker *k = user;
    char *clean = text_clean(output), *candidate = text_clean(found ? found : ""), *typed;
    cli_progress_clear(&k->progress);
    (void)fprintf(stderr, "The model wrote: \"%s\"\n", clean);
    do {
        (void)fputs("Which part from its beginning is the context? ", stderr);
        if (found)
            (void)fprintf(stderr, "[%s] ", candidate);
        typed = answer(k);
        if (typed && !*typed && found)
            mem_replace(&typed, mem_text(found));
        if (!typed || is_beginning(output, typed))
            break;
        (void)fputs("The output does not begin with that.\n", stderr);
        free(typed);
    } while (true);
    free(clean);
    free(candidate);
    return typed;
}

static char *ask_foil(void *user, const char *prefix, const char *token) {
    struct asker *k = user;
    char *clean = text_clean(prefix);
    cli_progress_clear(&k->progress);
    (void)fprintf(stderr,
                  "After \"%s\": what is \"%s\" held against? [what the model would write] ", clean,
                  token);
    free(clean);
    char *typed = answer(k);
    if (typed && *typed)
        return typed;
    free(typed);
    return NULL;
}

/* --- what is watched ---------------------------------------------------------------------- */

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    struct asker *k = user;
    cli_progress_update(&k->progress, phase, done, total);
}

static void on_notice(void *user, const char *text) {
    struct asker *k = user;
    if (k->quiet)
        return;
    cli_progress_clear(&k->progress);
    cli_note(text);
}

/* --- what comes of it --------------------------------------------------------------------- */

static bool tells_options(const struct cli_arguments *a) {
    return !a->values[CLI_OPT_ADD_INFO].given || cli_flag(a, CLI_OPT_ADD_INFO);
}

static char *file_text(const struct asker *k) {
    cJSON *json = context_json(&k->told);
    if (tells_options(k->a))
        cJSON_AddItemToObject(json, "info", context_info(k->a, &k->told));
    char *text = cJSON_Print(json), *lines = mem_format("%s\n", text ? text : "");
    cJSON_free(text);
    cJSON_Delete(json);
    return lines;
}

/* Pages, tables and pictures are those of any result. */
static enum err_code deliver_result(const struct asker *k, const struct context_result *r,
                                    struct err *e) {
    struct cli_arguments a = aggregation_of(k->a);
    a.values[CLI_OPT_SAVE] = (struct cli_value){0};
    a.values[CLI_OPT_JSON] = (struct cli_value){0};
    if (!cli_flag(k->a, CLI_OPT_INTERMEDIATE) || cli_flag(k->a, CLI_OPT_JSON))
        a.values[CLI_OPT_HIDE] = (struct cli_value){.given = true, .flag = true};
    return cli_deliver(r->attribution, &a, e);
}

static enum err_code print_lines(const struct asker *k, struct err *e) {
    struct text_buffer b = {0};
    context_lines(&b, &k->told);
    if (k->told.citations)
        citations_lines(&b, k->told.citations, &k->told.result->current, k->told.colour);
    enum err_code code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

static enum err_code deliver(struct asker *k, struct context_result *r, struct err *e) {
    const char *path = cli_text(k->a, CLI_OPT_SAVE);
    const bool shown = !k->a->values[CLI_OPT_SHOW_VIZ].given || cli_flag(k->a, CLI_OPT_SHOW_VIZ);
    const struct attribute_events events = {.user = k, .notice = on_notice};
    struct attribution_sequence reduced = {0};
    const struct cli_arguments aggregation = aggregation_of(k->a);
    enum err_code code = cli_aggregate(&reduced, &r->attribution->sequences[0], &aggregation, e);
    char *text = NULL;
    if (code)
        goto out;
    code = documents_job_cite(&k->citations, &k->documents, &k->request, r, &reduced, &events, e);
    if (code)
        goto out;
    k->told.citations = k->citations.n_documents ? &k->citations : NULL;
    if (k->told.citations && path && !tells_options(k->a))
        on_notice(k, "The file has no info, and so not what the answer cites.");
    k->told.result = r;
    k->told.request = &k->request;
    k->told.reduced = &reduced;
    text = file_text(k);
    if (path)
        code = file_write_named(path, text, strlen(text), e);
    if (code)
        goto out;
    code = deliver_result(k, r, e);
    if (code)
        goto out;
    if (cli_flag(k->a, CLI_OPT_JSON))
        code = cli_print(text, strlen(text), e);
    else if (shown && !k->quiet)
        code = print_lines(k, e);
out:
    attribution_sequence_dispose(&reduced);
    free(text);
    return code;
}

static enum err_code compute(struct asker *k, struct err *e) {
    const struct context_events events = {.base = {.user = k, .notice = on_notice},
                                          .ask_context = isatty(STDIN_FILENO) ? ask_context : NULL,
                                          .ask_foil = ask_foil};
    struct context_result *r = NULL;
    struct engine_model about;
    enum err_code code = cli_engine(&k->engine, &k->ops, k->a, e);
    if (code)
        return code;
    (void)setvbuf(stdin, NULL, _IONBF, 0); /* so that poll sees all that was typed */
    k->progress.shown = !k->quiet && isatty(STDERR_FILENO);
    k->progress.n_inputs = 1;
    k->ctl = (struct run_ctl){.cancel = cli_catch_interrupts(), .progress = on_progress, .user = k};
    code = k->ops->load(k->engine, cli_text(k->a, CLI_OPT_MODEL), &about, &k->ctl, e);
    if (code)
        goto out;
    code = k->ops->context(k->engine, &r, &k->request, &events, &k->ctl, e);
    if (code)
        goto out;
    cli_progress_clear(&k->progress);
    code = deliver(k, r, e);
out:
    cli_progress_clear(&k->progress);
    context_result_free(r);
    k->ops->free(k->engine);
    return code;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct asker k = {.a = a, .quiet = cli_flag(a, CLI_OPT_QUIET)};
    enum err_code code = read_request(&k, e);
    if (code)
        goto out;
    code = check(&k, e);
    if (code)
        goto out;
    k.told.colour = cli_prints_colours(a);
    code = compute(&k, e);
out:
    request_dispose(&k.how);
    documents_job_dispose(&k.documents);
    citations_dispose(&k.citations);
    return code;
}

const struct subcommand cli_attribute_context = {
    .id = CLI_CONTEXT,
    .name = "attribute-context",
    .synopsis = "-m MODEL ...",
    .title = "which tokens a context changes, and by which of its own",
    .help = help,
    .run = run,
};

/* The form over a data set: its texts are templates, each row of a file is a run, and the rows come
 * into a list while it goes on. */
#include "app/commands/handlers.h"

#include "app/jobs/dataset_child.h"
#include "app/tui/dataset_follow.h"
#include "app/tui/front.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request.h"
#include "methods/request/request_command.h"

#include <stdlib.h>
#include <string.h>

static const char *const endings[] = {".csv", ".tsv", ".jsonl", ".json"};
#define N_ENDINGS (sizeof endings / sizeof *endings)

static bool opens(const char *name) {
    for (size_t i = 0; i < N_ENDINGS; i++)
        if (text_ends_with(name, endings[i]))
            return true;
    return false;
}

/* "facts.rows.jsonl" beside "facts.csv", owned by the caller. */
static char *usual_output(const char *dataset) {
    for (size_t i = 0; i < N_ENDINGS; i++)
        if (text_ends_with(dataset, endings[i]))
            return mem_format("%.*s.rows.jsonl", (int)(strlen(dataset) - strlen(endings[i])),
                              dataset);
    return mem_format("%s.rows.jsonl", dataset);
}

/* --- running --- */

static void first_rows(struct app *a, struct run *r) {
    if (a->form_focus || overlay_is_open(&a->overlay))
        app_say(a, STYLE_NOTICE, "the first rows are there: {VIEW_RUNS} lists them as run %lld",
                (long long)r->number);
    else
        app_show_list(a, r);
}

static void over(void *owner, void *user, enum err_code code, const struct err *e) {
    struct app *a = owner;
    app_follow_end(a);
    if (code == ERR_CANCELLED)
        app_say(a, STYLE_WARNING, "cancelled; what is finished is kept: {DATASET} again goes on");
    else if (code)
        app_say(a, STYLE_ERROR, "%s", e->message);
    else
        app_say(a, STYLE_STATUS, "written: %s", a->dataset_output);
    dataset_child_free(user);
}

/* Takes the word. */
static void add_word(char ***words, char *word) {
    size_t n = 0;
    while ((*words)[n])
        n++;
    *words = mem_resize(*words, (n + 2) * sizeof **words);
    (*words)[n] = word;
    (*words)[n + 1] = NULL;
}

/* "tinseq attribute …" becomes what is run over the file, by an engine as the program's own; the
 * words are owned by the caller. */
static char **words_of(const char *command, const struct app *a) {
    const struct engine_options *o = &a->engine_options;
    char **words = shell_words(command);
    mem_replace(&words[0], mem_text(a->program));
    mem_replace(&words[1], mem_text("attribute-dataset"));
    if (o->device)
        add_word(&words, mem_format("--device=%s", o->device));
    if (o->n_threads)
        add_word(&words, mem_format("--threads=%lld", (long long)o->n_threads));
    add_word(&words, mem_format("-d=%s", a->dataset));
    add_word(&words, mem_format("-o=%s", a->dataset_output));
    return words;
}

static void run_command(struct app *a, const char *command) {
    struct dataset_child *c = mem_alloc(sizeof *c);
    c->words = words_of(command, a);
    a->follow.shown = first_rows;
    app_follow_begin(a, a->dataset_output);
    background_add(a->runner, (struct background_work){.phase = "explaining rows",
                                                       .user = c,
                                                       .run = dataset_child_run,
                                                       .done = over,
                                                       .drop = dataset_child_free});
    a->form_focus = false;
    app_say(a, STYLE_STATUS,
            "the rows of %s come into a list   {CANCEL}: cancels, and keeps what "
            "is finished",
            a->dataset);
}

/* The form's request; its texts are columns or templates. */
static void run(struct app *a) {
    const struct engine_options *o = &a->engine_options;
    const struct command_model model = {.model = form_fields_model(&a->form),
                                        .dtype = o->dtype,
                                        .tokenizer = o->tokenizer,
                                        .tokenizer_kwargs = o->tokenizer_kwargs};
    struct attribute_request r;
    struct err e;
    if (form_fields_collect(&r, &a->form, &e) != ERR_OK) {
        app_say(a, STYLE_ERROR, "%s", e.message);
        return;
    }
    char *command = request_has_context(&r) ? NULL : request_command(&r, &model);
    request_dispose(&r);
    if (command)
        run_command(a, command);
    else
        app_say(a, STYLE_ERROR,
                "a context, or a foil that was picked by hand, cannot be of all "
                "rows: empty that field, and take a column or a template");
    free(command);
}

/* --- asking --- */

static void typed_output(struct app *a, const struct overlay_answer *answer);

static void ask_output(struct app *a, const char *typed, const char *why) {
    char *text = mem_format("%s%sWrite the rows to (.jsonl, .jsonl.gz; the same name goes on where "
                            "it was stopped):",
                            why ? why : "", why ? ". " : "");
    overlay_input(app_overlay(a, typed_output), "run over a data set", text, typed);
    free(text);
}

static void typed_output(struct app *a, const struct overlay_answer *answer) {
    const char *typed = answer->text;
    if (!*typed)
        return;
    if (!text_ends_with(typed, ".jsonl") && !text_ends_with(typed, ".jsonl.gz")) {
        ask_output(a, typed, "a list is of rows");
        return;
    }
    mem_replace(&a->dataset_output,
                typed[0] == '~' && typed[1] == '/' ? file_home(typed + 2) : mem_text(typed));
    run(a);
}

static void chose(struct app *a, const struct overlay_answer *answer) {
    const bool same = a->dataset && a->dataset_output && strcmp(a->dataset, answer->text) == 0;
    char *output = same ? mem_text(a->dataset_output) : usual_output(answer->text);
    mem_replace(&a->dataset, mem_text(answer->text));
    mem_replace(&a->open_folder, file_folder(answer->text));
    ask_output(a, output, NULL);
    free(output);
}

void command_dataset(struct app *a, int unused) {
    (void)unused;
    if (background_state(a->runner).phase) {
        app_say(a, STYLE_WARNING, "a data set is being run: {CANCEL} cancels it");
        return;
    }
    if (app_is_busy(a))
        return;
    const char *leaf = a->dataset ? strrchr(a->dataset, '/') : NULL;
    overlay_browse(app_overlay(a, chose), a->open_folder ? a->open_folder : ".",
                   leaf ? leaf + 1 : a->dataset, opens);
}

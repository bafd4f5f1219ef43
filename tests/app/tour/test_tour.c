/* The pages of docs/findings are the tour's steps, and what they print; what the program runs is
 * what the commands ask for; what it says has room. */
#include "app/tour/tour.h"

#include "app/cli/request.h"
#include "app/commands/command_table.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/paragraph.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

/* Without the marks of Markdown or quotes, and one blank for each run of them. */
static char *plain(const char *text) {
    struct text_buffer b = {0};
    for (; *text; text++) {
        const bool blank = strchr(" \n", *text) != NULL;
        if (strchr("*`\"", *text) || (blank && b.n && b.text[b.n - 1] == ' '))
            continue;
        text_buffer_add(&b, blank ? " " : text, 1);
    }
    return text_buffer_take(&b);
}

/* What stands behind it; that it is there is expected. */
static const char *past(const char *from, const char *before, const char *text, size_t n) {
    char *part = mem_text_n(text, n), *all = mem_format("%s%s", before, part);
    char *wanted = plain(all);
    const char *at = strstr(from, wanted);
    cr_expect_not_null(at, "docs/findings has no, or not here: %s", wanted);
    at = at ? at + strlen(wanted) : from;
    free(part);
    free(all);
    free(wanted);
    return at;
}

/* The end of a command, which may go on in the next line. */
static size_t command_length(const char *text) {
    size_t n = strcspn(text, "\n");
    while (text[n - 1] == '\\')
        n += 1 + strcspn(text + n + 1, "\n");
    return n;
}

static char *read_docs(const char *leaf) {
    char *path = mem_format("docs/%s.md", leaf), *text = NULL;
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    free(path);
    return text;
}

static void expect_page(const struct tour_step *step) {
    char *leaf = mem_format("findings/%s", step->name), *text = read_docs(leaf);
    char *docs = plain(text);
    const char *at = past(docs, "# ", step->title, strlen(step->title));
    size_t n;
    at = past(at, "", step->text, strlen(step->text));
    for (const char *c = step->commands; *c; c += n + 1) {
        n = command_length(c);
        at = past(at, "$ ", c, n);
    }
    past(at, "Look at: ", step->look, strlen(step->look));
    free(docs);
    free(text);
    free(leaf);
}

Test(tour, is_what_docs_say) {
    char *index = read_docs("findings");
    const char *at = index;
    for (size_t i = 0; i < TOUR_STEPS; i++) {
        const struct tour_step *step = tour_step(i);
        expect_page(step);
        char *row = mem_format("%zu. [%s](findings/%s.md)\n", i + 1, step->title, step->name);
        cr_expect_not_null(strstr(at, row), "docs/findings.md has no, or not here: %s", row);
        at = strstr(at, row) ? strstr(at, row) : at;
        free(row);
    }
    free(index);
}

/* --- in the program --- */

/* Where the next "tinseq attribute" or "attribute-context" of some commands begins; NULL: there is
 * none. */
static const char *next_command(const char *commands) {
    static const char begin[] = "tinseq attribute", data[] = "-dataset ";
    const char *at = strstr(commands, begin);
    while (at && strncmp(at + strlen(begin), data, strlen(data)) == 0)
        at = strstr(at + 1, begin);
    return at ? at + strlen(begin) : NULL;
}

/* The words of a command as a shell takes it. */
static void split(wordexp_t *words, const char *command) {
    const size_t n = command_length(command);
    char *line = mem_text_n(command, n), *end = strstr(line, " 2>&1"), *pipe = strstr(line, " | ");
    for (char *c = line; *c; c++)
        if (strchr("\\\n", *c) && (*c == '\n' || c[1] == '\n'))
            *c = ' ';
    if (end)
        *end = '\0';
    if (pipe)
        *pipe = '\0';
    cr_assert_eq(wordexp(line, words, WRDE_NOCMD), 0, "%s", line);
    free(line);
}

static bool asks_for(const char *command, const struct tour_stop *stop) {
    static const char context[] = "-context ";
    struct cli_arguments arguments;
    struct attribute_request request;
    struct err e;
    wordexp_t words;
    enum cli_command which = CLI_ATTRIBUTE;
    if (strncmp(command, context, strlen(context)) == 0) {
        which = CLI_CONTEXT;
        command += strlen(context);
    }
    split(&words, command);
    cr_assert_eq(cli_parse(&arguments, which, (int)words.we_wordc, words.we_wordv, &e), ERR_OK,
                 "%s", e.message);
    const int64_t i_input = which == CLI_CONTEXT ? -1 : 0;
    cr_assert_eq(cli_request(&request, &arguments, i_input, &e), ERR_OK, "%s", e.message);
    if (which == CLI_CONTEXT)
        request.input_text = mem_text(cli_text(&arguments, CLI_OPT_INPUT_CURRENT));
    const bool same = request_equal(&request, &stop->request) &&
                      strcmp(cli_text(&arguments, CLI_OPT_MODEL), stop->model) == 0;
    request_dispose(&request);
    cli_arguments_dispose(&arguments);
    wordfree(&words);
    return same;
}

Test(tour, the_program_runs_what_the_commands_do) {
    for (size_t i = 0; i < tour_stops(); i++) {
        const struct tour_stop *stop = tour_stop(i);
        const char *at = tour_step(stop->step)->commands;
        bool found = false;
        while (at && !found && (at = next_command(at)) != NULL)
            found = asks_for(at, stop);
        cr_expect(found, "stop %zu, %s, runs what no command asks for", i + 1,
                  tour_step(stop->step)->title);
    }
}

Test(tour, comes_to_each_step_in_its_order) {
    size_t step = 0;
    cr_expect_eq(tour_stop(0)->step, 0);
    for (size_t i = 0; i < tour_stops(); i++) {
        cr_expect(tour_stop(i)->step == step || tour_stop(i)->step == step + 1);
        step = tour_stop(i)->step;
    }
    cr_expect_eq(step, TOUR_STEPS - 1);
}

#define LEAST_ROWS 5     /* of text, at 80x24 */
#define LEAST_COLUMNS 78 /* of a line */
#define TITLE_COLUMNS 30 /* between "tour 10/21: " and the keys */

Test(tour, has_room_on_a_small_terminal) {
    for (size_t i = 0; i < tour_stops(); i++) {
        const struct tour_stop *stop = tour_stop(i);
        const struct tour_step *step = tour_step(stop->step);
        char *hint = app_hint_format(stop->look, false, false),
             *look = mem_format("Look at: %s", hint);
        const int rows =
            paragraph_rows(LEAST_COLUMNS, step->text) + paragraph_rows(LEAST_COLUMNS, look);
        cr_expect_leq(rows, LEAST_ROWS, "%s: %d rows\n%s\n%s", step->title, rows, step->text, look);
        cr_expect_leq(text_columns(step->title), TITLE_COLUMNS, "%s", step->title);
        cr_expect_null(strchr(look, '{'), "a name that no command has: %s", look);
        free(hint);
        free(look);
    }
}

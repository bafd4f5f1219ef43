/* The command that runs over a data set: its words, what it says, how it ends. */
#include "app/jobs/dataset_child.h"

#include "app/jobs/background.h"
#include "backend/base/mem.h"
#include "methods/request/request_command.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

Test(dataset_child, words_are_those_that_a_request_was_quoted_from) {
    struct attribute_request r = {.input_text = mem_text("It's {a|fill:b}  \\ \n\x1b[1m\tend"),
                                  .method = mem_text("saliency")};
    const struct command_model model = {.model = "a model"};
    char *command = request_command(&r, &model), **words = shell_words(command);
    cr_assert_not_null(command);
    cr_expect_str_eq(words[0], "tinseq");
    cr_expect_str_eq(words[1], "attribute");
    cr_expect_str_eq(words[2], "--model_name_or_path=a model");
    bool found = false;
    for (size_t i = 0; words[i]; i++)
        found |= strcmp(words[i], "--input_texts=It's {a|fill:b}  \\ \n\x1b[1m\tend") == 0;
    cr_expect(found, "%s", command);
    shell_words_free(words);
    free(command);
    request_dispose(&r);
}

Test(dataset_child, plain_words_are_parted_by_blanks) {
    char **words = shell_words("  a 'b c'd \\'e $'\\101' ");
    cr_expect_str_eq(words[0], "a");
    cr_expect_str_eq(words[1], "b cd");
    cr_expect_str_eq(words[2], "'e");
    cr_expect_str_eq(words[3], "A");
    cr_expect_null(words[4]);
    shell_words_free(words);
}

struct end {
    bool over;
    enum err_code code;
    struct err e;
    char *last;
};

static void done(void *owner, void *user, enum err_code code, const struct err *e) {
    struct end *end = owner;
    struct dataset_child *c = user;
    *end = (struct end){true, code, *e, mem_text(c->last)};
    dataset_child_free(c);
}

/* Runs a line of the shell; `cancelled` once it has begun. */
static struct end run(const char *line, bool cancelled) {
    struct background *b;
    struct err e;
    struct end end = {0};
    struct dataset_child *c = mem_alloc(sizeof *c);
    char *command = mem_format("/bin/sh -c '%s'", line);
    c->words = shell_words(command);
    cr_assert_eq(background_start(&b, &e), ERR_OK);
    background_add(b, (struct background_work){
                          .phase = "testing", .user = c, .run = dataset_child_run, .done = done});
    while (!end.over) {
        struct pollfd p = {.fd = background_fd(b), .events = POLLIN};
        (void)poll(&p, 1, 50);
        if (cancelled)
            background_cancel(b);
        background_take(b, &end);
    }
    background_stop(b);
    free(command);
    return end;
}

Test(dataset_child, what_it_says_last_is_kept) {
    struct end end = run("echo one; echo two; echo", false);
    cr_expect_eq(end.code, ERR_OK);
    cr_expect_str_eq(end.last, "two");
    free(end.last);
}

Test(dataset_child, a_failure_is_what_it_said) {
    struct end end = run("echo tinseq: no such column >&2; exit 2", false);
    cr_expect_eq(end.code, ERR_IO);
    cr_expect_str_eq(end.e.message, "tinseq: no such column");
    free(end.last);
    end = run("exit 3", false);
    cr_expect_str_eq(end.e.message, "it failed and said nothing");
    free(end.last);
}

Test(dataset_child, it_is_interrupted_and_heard_to_its_end) {
    struct end end = run("trap \"echo kept; exit 130\" INT; while :; do sleep 0.05; done", true);
    cr_expect(end.code == ERR_CANCELLED || !end.last, "cancelled before it began, or after");
    free(end.last);
}

Test(dataset_child, a_command_that_is_not_there_says_so) {
    struct background *b;
    struct err e;
    struct dataset_child *c = mem_alloc(sizeof *c);
    c->words = shell_words("/no/such/program");
    cr_assert_eq(background_start(&b, &e), ERR_OK);
    cr_expect_eq(dataset_child_run(b, c, &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "/no/such/program cannot be started"));
    background_stop(b);
    dataset_child_free(c);
}

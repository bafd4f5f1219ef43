/* A run that is cancelled after some columns, with the real engine on a tiny model: its file says
 * what it was made of, and what is finished can be evaluated. */
#include "harness/term.h"

#include "app/files/result_file.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "tests/app/tui/installed.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

TestSuite(cut_short, .init = installed_prepare, .fini = installed_finish);

static struct term *spawn(const char *const *argv) {
    struct term *t = installed_spawn(argv);
    cr_assert_not_null(t);
    return t;
}

/* Runs, cancels after some columns, quits; the path of the run's file, owned by the caller. */
static char *cut_run_short(void) {
    glob_t found;
    char *pattern = mem_format("%s/tinseq/runs/*.json", home);
    struct term *t = spawn((const char *const[]){
        program, "-m", "tests/fixtures/tiny/llama", "-i", "The nurse said", "-a",
        "integrated_gradients", "--attribution_kwargs", "{\"n_steps\": 10000}",
        "--generation_kwargs", "{\"max_new_tokens\": 7}", NULL});
    cr_assert(term_expect_text(t, "% of the column")); /* that the cursor follows */
    term_key(t, "Ctrl-C");
    cr_assert(term_expect_text(t, "the finished columns are kept"));
    term_key(t, "F10");
    cr_expect_eq(term_wait_exit(t), 0);
    term_free(t);
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0, "no run was kept");
    char *path = mem_text(found.gl_pathv[0]);
    globfree(&found);
    free(pattern);
    return path;
}

/* What a command prints; its exit status must be 0. */
static char *output_of(const char *const *argv) {
    struct term *t = spawn(argv);
    cr_expect_eq(term_wait_exit(t), 0, "%s", argv[1]);
    char *text = mem_text(term_raw(t));
    term_free(t);
    return text;
}

static void expect_made_of(const char *path) {
    struct attribution *a;
    struct err e = {0};
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    const struct result_info *info = &a->info;
    const struct attribution_sequence *s = &a->sequences[0];
    cr_expect(s->n_done >= 1 && s->n_done < attribution_steps(s), "%d", (int)s->n_done);
    cr_expect_str_eq(info->method, "integrated_gradients");
    cr_expect_str_eq(info->function.id, "probability");
    cr_assert_eq(info->method_args.options.n, 1);
    cr_expect_str_eq(info->method_args.options.items[0].json, "10000");
    cr_expect(info->generated_texts.n == 1 && strlen(info->generated_texts.items[0]) > 14);
    cr_expect_eq(info->attr_pos_end.value, s->attr_pos_end);
    cr_expect_gt(info->seconds.value, 0);
    struct info_values all = result_info_values(info);
    cr_expect_eq(all.n, 22, "%d of Inseq's 21 keys and our own", (int)all.n);
    info_values_dispose(&all);
    attribution_release(a);
}

Test(cut_short, a_cancelled_run_says_what_it_was_made_of_and_is_evaluated) {
    char *path = cut_run_short();
    expect_made_of(path);
    char *shown = output_of((const char *const[]){program, "show", path, NULL});
    cr_expect(strstr(shown, "input:     The nurse said"), "%s", shown);
    cr_expect(strstr(shown, "generated: The nurse said"), "%s", shown);
    free(shown);
    char *evaluated = output_of(
        (const char *const[]){program, "evaluate", path, "-m", "tests/fixtures/tiny/llama",
                              "--noise_samples", "0", "--random", "1", NULL});
    cr_expect(strstr(evaluated, "Deletion: these tokens taken away"), "%s", evaluated);
    cr_expect_null(strstr(evaluated, "means over 7 columns"), "%s", evaluated);
    free(evaluated);
    free(path);
}

#define HELLO " hello to the cat and the dog and the city and the doctor of the nurse"

/* The command line keeps what is finished, too, and says so. */
Test(cut_short, an_interrupted_command_saves_its_finished_columns) {
    char *path = mem_format("%s/cut.json", home);
    struct attribution *a;
    struct err e = {0};
    struct term *t = spawn((const char *const[]){program,
                                                 "attribute",
                                                 "-m",
                                                 "tests/fixtures/tiny/llama",
                                                 "-i",
                                                 "The city",
                                                 "The nurse said",
                                                 "a cat",
                                                 "-g",
                                                 "The city said",
                                                 "The nurse said" HELLO HELLO HELLO HELLO,
                                                 "a cat said",
                                                 "-a",
                                                 "information_bottleneck",
                                                 "--attribution_kwargs",
                                                 "{\"n_steps\": 300}",
                                                 "-o",
                                                 path,
                                                 "--hide",
                                                 NULL});
    cr_assert(term_expect_text(t, "input 2 of 3: attributing [##"));
    term_key(t, "Ctrl-C");
    cr_assert(term_expect_text(t, "interrupted: 2 of 3 texts are kept, the last with"));
    cr_expect_eq(term_wait_exit(t), 130);
    term_free(t);
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(a->n_sequences, 2);
    const struct attribution_sequence *first = &a->sequences[0], *second = &a->sequences[1];
    cr_expect_eq(first->n_done, attribution_steps(first));
    cr_expect(second->n_done >= 1 && second->n_done < attribution_steps(second), "%d",
              (int)second->n_done);
    cr_expect_str_eq(info_text_of(&a->info.input_texts, 1), "The nurse said");
    attribution_release(a);
    free(path);
}

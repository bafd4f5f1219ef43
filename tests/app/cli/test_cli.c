/* The command line's parser. The commands are tested as a whole program: tests/app/cli/cli.sh. */
#include "app/cli/inputs.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "app/cli/subcommands.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum err_code parse(struct cli_arguments *a, enum cli_command command, struct err *e,
                           const char *const *words) {
    int n = 0;
    while (words[n])
        n++;
    return cli_parse(a, command, n, (char *const *)words, e);
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(cli, takes_inseqs_options_in_both_spellings) {
    struct cli_arguments a;
    struct err e;
    cr_assert_eq(parse(&a, CLI_ATTRIBUTE, &e,
                       WORDS("-m", "smollm2", "--attribution-method=saliency", "-i", "one text",
                             "two", "--step-scores", "probability", "entropy", "-fn", "logit",
                             "--save_path", "x.json", "-s", "-3", "-bs", "8", "--dev", "cpu")),
                 ERR_OK);
    cr_expect_str_eq(cli_text(&a, CLI_OPT_MODEL), "smollm2");
    cr_expect_str_eq(cli_text(&a, CLI_OPT_METHOD), "saliency");
    cr_expect_eq(a.values[CLI_OPT_INPUT].n, 2);
    cr_expect_str_eq(a.values[CLI_OPT_INPUT].texts[1], "two");
    cr_expect_eq(a.values[CLI_OPT_STEP_SCORES].n, 2);
    cr_expect_str_eq(cli_text(&a, CLI_OPT_FUNCTION), "logit");
    cr_expect_eq(cli_integer(&a, CLI_OPT_START, 0), -3);
    cr_expect_eq(cli_integer(&a, CLI_OPT_END, 77), 77);
    cr_expect_null(cli_text(&a, CLI_OPT_VIZ));
    cli_arguments_dispose(&a);
}

Test(cli, flags_may_have_a_value) {
    const struct {
        const char *const *words;
        bool flag;
        size_t n_words;
    } cases[] = {
        {WORDS("--attribute_target"), true, 0},
        {WORDS("--attribute_target", "true"), true, 0},
        {WORDS("--attribute-target", "False"), false, 0},
        {WORDS("--attribute_target=no"), false, 0},
        {WORDS("--attribute_target", "file"), true, 1},
        {WORDS("--attribute_target", "--eos"), true, 0},
        {WORDS("--attribute_target", "--no-attribute_target", "true"), false, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_arguments a;
        struct err e;
        cr_assert_eq(parse(&a, CLI_ATTRIBUTE, &e, cases[i].words), ERR_OK);
        cr_expect(a.values[CLI_OPT_ATTRIBUTE_TARGET].given);
        cr_expect_eq(cli_flag(&a, CLI_OPT_ATTRIBUTE_TARGET), cases[i].flag, "%zu", i);
        cr_expect_eq(a.n_words, cases[i].n_words);
        cli_arguments_dispose(&a);
    }
}

Test(cli, texts_that_look_like_options_can_be_given) {
    struct cli_arguments a;
    struct err e;
    cr_assert_eq(parse(&a, CLI_ATTRIBUTE, &e,
                       WORDS("-i", "-5 degrees", "--input_texts=-m", "-i", "-7", "--", "-x")),
                 ERR_OK);
    cr_assert_eq(a.values[CLI_OPT_INPUT].n, 3);
    cr_expect_str_eq(a.values[CLI_OPT_INPUT].texts[0], "-5 degrees");
    cr_expect_str_eq(a.values[CLI_OPT_INPUT].texts[1], "-m");
    cr_expect_str_eq(a.values[CLI_OPT_INPUT].texts[2], "-7");
    cr_expect_str_eq(a.words[0], "-x");
    cli_arguments_dispose(&a);
}

Test(cli, the_name_before_the_equals_sign_decides) {
    struct cli_arguments a;
    struct err e;
    cr_assert_eq(
        parse(&a, CLI_ATTRIBUTE, &e,
              WORDS("-i", "Hi there", "--generation_kwargs={\"max_new_tokens\": 2}",
                    "--contrast-targets=Eu disse oi", "--save_path=my out.json",
                    "--input_texts=- first item", "-i", "- one = two", "-x=1 and 2", "-5 = five")),
        ERR_OK);
    cr_expect_str_eq(cli_text(&a, CLI_OPT_GENERATION_KWARGS), "{\"max_new_tokens\": 2}");
    cr_expect_str_eq(cli_text(&a, CLI_OPT_CONTRAST), "Eu disse oi");
    cr_expect_str_eq(cli_text(&a, CLI_OPT_SAVE), "my out.json");
    const char *const texts[] = {"Hi there", "- first item", "- one = two", "-x=1 and 2",
                                 "-5 = five"};
    cr_assert_eq(a.values[CLI_OPT_INPUT].n, sizeof texts / sizeof *texts);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_str_eq(a.values[CLI_OPT_INPUT].texts[i], texts[i]);
    cli_arguments_dispose(&a);
    cr_assert_eq(parse(&a, CLI_ATTRIBUTE, &e, WORDS("-i", "Hi", "--sav_path=my out.json")),
                 ERR_USAGE);
    cr_expect_str_eq(e.message, "unknown option --sav_path; did you mean --save_path?");
}

Test(cli, an_option_that_is_given_again_keeps_every_value) {
    struct cli_arguments a;
    struct err e;
    cr_assert_eq(
        parse(&a, CLI_SHOW, &e, WORDS("--export", "a.tsv", "file", "--export=b.txt", "-o", "c")),
        ERR_OK);
    cr_assert_eq(a.values[CLI_OPT_EXPORT].n, 2);
    cr_expect_str_eq(a.values[CLI_OPT_EXPORT].texts[0], "a.tsv");
    cr_expect_str_eq(a.values[CLI_OPT_EXPORT].texts[1], "b.txt");
    cr_assert_eq(a.n_words, 1); /* one value each: the file that is shown is none of them */
    cli_arguments_dispose(&a);
}

Test(cli, says_what_is_wrong) {
    const struct {
        const char *const *words;
        const char *message;
    } cases[] = {
        {WORDS("--atribution_method", "x"),
         "unknown option --atribution_method; did you mean --attribution_method?"},
        {WORDS("--save-pat=x"), "did you mean --save_path?"},
        {WORDS("-zz"), "unknown option -zz"},
        {WORDS("-m"), "-m needs a value"},
        {WORDS("-m", "--json"), "--json"},
        {WORDS("-s", "1.5"), "-s takes a whole number, not \"1.5\""},
        {WORDS("-s", "99999999999999999999"), "whole number"},
        {WORDS("--attribution_selectors", "1", "x"), "whole number"},
        {WORDS("--json=perhaps"), "--json is either true or false"},
        {WORDS("--no_json=true"), "--no_json takes no value"},
        {WORDS("--no_json_at_all"), "unknown option"},
        {WORDS("--ascii"), "no option of this command"},
        {WORDS("--\033[31m"), "unknown option --^[[31m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_arguments a;
        struct err e = {0};
        cr_expect_eq(parse(&a, CLI_ATTRIBUTE, &e, cases[i].words), ERR_USAGE, "%s",
                     cases[i].message);
        if (strcmp(cases[i].message, "--json") != 0)
            cr_expect(strstr(e.message, cases[i].message), "%s", e.message);
    }
}

Test(cli, a_request_is_filled_and_checked) {
    struct cli_arguments a;
    struct attribute_request r;
    struct err e = {0};
    cr_assert_eq(
        parse(&a, CLI_ATTRIBUTE, &e,
              WORDS("-i", "a", "b", "-g", "a c", "b d", "--contrast_targets", "a e", "--seed", "7",
                    "--generation_kwargs", "{\"seed\": 1, \"max_new_tokens\": 3}", "-fn",
                    "contrast_logits_diff", "-e", "5")),
        ERR_OK);
    cr_assert_eq(cli_request(&r, &a, 1, &e), ERR_OK, "%s", e.message);
    cr_expect_str_eq(r.input_text, "b");
    cr_expect_str_eq(r.generated_text, "b d");
    cr_expect_str_eq(r.contrast_targets, "a e");
    cr_expect_str_eq(r.generation_kwargs, "{\"seed\":7,\"max_new_tokens\":3}");
    cr_expect(!r.attr_pos_start.given);
    cr_expect(r.attr_pos_end.given && r.attr_pos_end.value == 5);
    request_dispose(&r);
    cli_arguments_dispose(&a);
}

Test(cli, a_foil_is_a_step_with_a_rank_or_a_word) {
    static const struct {
        const char *text;
        int64_t step, rank;
        const char *foil;
    } cases[] = {
        {"3", 2, 1, NULL}, {"1:12", 0, 12, NULL}, {"7= the", 6, 0, " the"}, {"2=3:4", 1, 0, "3:4"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_arguments a;
        struct attribute_request r;
        struct err e = {0};
        cr_assert_eq(parse(&a, CLI_ATTRIBUTE, &e, WORDS("-i", "a", "--foil", cases[i].text)),
                     ERR_OK);
        cr_assert_eq(cli_request(&r, &a, 0, &e), ERR_OK, "%s", e.message);
        cr_expect(r.foil.step.value == cases[i].step && r.foil.rank == cases[i].rank);
        cr_expect(cases[i].foil ? r.foil.text && strcmp(r.foil.text, cases[i].foil) == 0
                                : !r.foil.text);
        request_dispose(&r);
        cli_arguments_dispose(&a);
    }
}

static size_t count_foils(const char *word, const char **last) {
    struct foil foil;
    struct err e = {0};
    const enum err_code code = foil_parse(&foil, word, &e);
    const size_t n = code ? 0 : foil_count(&foil);
    char *again = code ? NULL : foil_word(&foil);
    if (!code)
        cr_expect_str_eq(again, word);
    *last = NULL;
    if (n && foil_choice_at(&foil, n - 1).text)
        *last = mem_text(foil_choice_at(&foil, n - 1).text);
    free(again);
    foil_dispose(&foil);
    return n;
}

Test(cli, several_foils_are_ranks_or_words_of_one_step) {
    static const struct {
        const char *word;
        size_t n;
        const char *last;
    } cases[] = {{"3:1-4", 4, NULL},  {"3=Rome|London|Oslo", 3, "Oslo"},
                 {"3:4-1", 0, NULL},  {"3=Rome||Oslo", 0, NULL},
                 {"3:1-17", 0, NULL}, {"3:5", 1, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *last;
        cr_expect_eq(count_foils(cases[i].word, &last), cases[i].n, "%s", cases[i].word);
        cr_expect_eq(last == NULL, cases[i].last == NULL);
        if (last && cases[i].last)
            cr_expect_str_eq(last, cases[i].last);
        free((char *)last);
    }
}

Test(cli, wrong_requests_fail_before_a_model_is_loaded) {
    const struct {
        const char *const *words;
        enum err_code code;
        const char *message;
    } cases[] = {
        {WORDS("-i", "a", "b", "-g", "c"), ERR_USAGE, "1 generated texts for 2 input texts"},
        {WORDS("-i", "a", "b", "c", "--contrast_targets", "d", "e"), ERR_USAGE,
         "2 contrast texts for 3"},
        {WORDS("-i", "a", "b", "c", "--contrast_sources", "d", "e"), ERR_USAGE,
         "2 contrast sources for 3"},
        {WORDS("-i", "a", "--contrast_sources", "\xFF"), ERR_FORMAT,
         "the contrast source is not UTF-8 (at byte 0)"},
        {WORDS("-i", "a", "--foil", "x"), ERR_USAGE, "--foil x is not a step"},
        {WORDS("-i", "a", "--foil", ""), ERR_USAGE, "is not a step"},
        {WORDS("-i", "a", "--foil", "0"), ERR_USAGE, "--foil 0 is not a step"},
        {WORDS("-i", "a", "--foil", "3:"), ERR_USAGE, "--foil 3: is not a step"},
        {WORDS("-i", "a", "--foil", "3:0"), ERR_USAGE, "--foil 3:0 is not a step"},
        {WORDS("-i", "a", "--foil", "3="), ERR_USAGE, "--foil 3= is not a step"},
        {WORDS("-i", "a", "--foil", "3x"), ERR_USAGE, "--foil 3x is not a step"},
        {WORDS("-i", "a", "--foil", "9999999999"), ERR_USAGE, "is not a step"},
        {WORDS("-i", "a", "--foil", "3=\xFF"), ERR_FORMAT, "the foil is not UTF-8"},
        {WORDS("-i", "a", "--foil", "3", "--contrast_targets", "b"), ERR_USAGE,
         "leave --contrast_targets"},
        {WORDS("-i", "a\xFF"), ERR_FORMAT, "the input text is not UTF-8 (at byte 1)"},
        {WORDS("-i", "a", "-g", "\xC3"), ERR_FORMAT, "the generated text is not UTF-8"},
        {WORDS("-i", "a", "--model_kwargs", "{\"x\": 1}"), ERR_USAGE,
         "--model_kwargs: nothing here is called \"x\""},
        {WORDS("-i", "a", "--tokenizer_kwargs", "nonsense"), ERR_USAGE,
         "--tokenizer_kwargs is no JSON"},
        {WORDS("-i", "a", "--generate_from_target_prefix"), ERR_USAGE, "give the prefix with -g"},
        {WORDS("-i", "a", "--seed", "-1"), ERR_USAGE, "negative"},
        {WORDS("-i", "a", "-a", "salency"), ERR_USAGE, "saliency"},
        {WORDS("-i", "a", "-fn", "probabilty"), ERR_USAGE, "probability"},
        {WORDS("-i", "a", "--attribution_kwargs", "{"), ERR_USAGE, "JSON"},
        {WORDS("-i", "a", "--generation_kwargs", "[]", "--seed", "3"), ERR_USAGE,
         "generation_kwargs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_arguments a;
        struct attribute_request r;
        struct err e = {0};
        cr_assert_eq(parse(&a, CLI_ATTRIBUTE, &e, cases[i].words), ERR_OK, "%s", e.message);
        cr_expect_eq(cli_request(&r, &a, 0, &e), cases[i].code, "%s", cases[i].message);
        cr_expect(strstr(e.message, cases[i].message), "%s, not %s", e.message, cases[i].message);
        request_dispose(&r);
        cli_arguments_dispose(&a);
    }
}

/* A file of these bytes; its name is owned by the caller. */
static char *file_of(const char *bytes, size_t n) {
    char *path = mem_text("/tmp/tinseq-texts-XXXXXX");
    const int fd = mkstemp(path);
    cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    return path;
}

Test(cli, texts_are_lines_of_files_or_between_nul_bytes) {
    const struct {
        const char *bytes;
        size_t n;
        const char *nul; /* -0, or another flag */
        size_t n_texts;
        const char *texts[4];
    } cases[] = {
        {"a\nb c\n", 6, "-q", 3, {"first", "a", "b c"}},
        {"a\r\n\nb", 5, "-q", 4, {"first", "a", "", "b"}},
        {"a\nb\0\0c", 6, "-0", 4, {"first", "a\nb", "", "c"}},
        {"a\r\n\0", 4, "--nul-separated", 2, {"first", "a\r\n"}},
        {"\n", 1, "-q", 2, {"first", ""}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_arguments a;
        struct err e = {0};
        char *path = file_of(cases[i].bytes, cases[i].n);
        const struct cli_value *v = &a.values[CLI_OPT_INPUT];
        cr_assert_eq(
            parse(&a, CLI_ATTRIBUTE, &e, WORDS("--input_file", path, cases[i].nul, "-i", "first")),
            ERR_OK, "%s", e.message);
        cr_assert_eq(cli_inputs_read(&a, CLI_ATTRIBUTE, &e), ERR_OK, "%s", e.message);
        cr_assert_eq(v->n, cases[i].n_texts, "%zu: %zu", i, v->n);
        for (size_t k = 0; k < v->n; k++)
            cr_expect_str_eq(v->texts[k], cases[i].texts[k]);
        cli_arguments_dispose(&a);
        unlink(path);
        free(path);
    }
}

Test(cli, files_of_texts_that_cannot_be_read_are_errors) {
    char *empty = file_of("", 0), *nul = file_of("a\nb\0c", 5);
    const struct {
        enum cli_command command;
        const char *const *words;
        enum err_code code;
        const char *message;
    } cases[] = {
        {CLI_ATTRIBUTE, WORDS("--input_file", "/nowhere/x"), ERR_IO, "/nowhere/x"},
        {CLI_ATTRIBUTE, WORDS("--input_file", empty), ERR_USAGE, "holds no text"},
        {CLI_ATTRIBUTE, WORDS("--input_file", nul), ERR_FORMAT, "NUL byte in line 2"},
        {CLI_ATTRIBUTE, WORDS("-i", "-", "--input_file", "-"), ERR_USAGE, "can be read once"},
        {CLI_ATTRIBUTE, WORDS("-i", "-", "a", "-"), ERR_USAGE, "given 2 times"},
        {CLI_ATTRIBUTE, WORDS("-i", "a", "-0"), ERR_USAGE, "-0 is about --input_file"},
        {CLI_START, WORDS("-i", "-"), ERR_USAGE, "the terminal program's keys"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_arguments a;
        struct err e = {0};
        cr_assert_eq(parse(&a, cases[i].command, &e, cases[i].words), ERR_OK, "%s", e.message);
        cr_expect_eq(cli_inputs_read(&a, cases[i].command, &e), cases[i].code, "%s", e.message);
        cr_expect(strstr(e.message, cases[i].message), "%s", e.message);
        cli_arguments_dispose(&a);
    }
    unlink(empty);
    unlink(nul);
    free(empty);
    free(nul);
}

Test(cli, output_options_are_checked_first) {
    const struct {
        const char *const *words;
        const char *message;
    } cases[] = {
        {WORDS("--attribution_aggregators", "vnrm"), "did you mean vnorm?"},
        {WORDS("-m", "x", "-a", "saliency", "--attribution_aggregators", "mean", "mean"),
         "2 aggregations for 1 dimension beyond"},
        {WORDS("--normalize_attributions", "--rescale_attributions"), "not both"},
        {WORDS("--color", "sometimes"), "auto, always or never"},
        {WORDS("--theme", "drak"), "did you mean dark?"},
        {WORDS("--colour_map", "virids"), "did you mean viridis?"},
        {WORDS("-o", "/no/such/folder/x.json"), "there is no folder"},
        {WORDS("--viz_path", "/tmp"), "is a folder"},
        {WORDS("--export", "/no/such/folder/x.tsv"), "there is no folder"},
        {WORDS("--export", "x.tsv", "--export", "y"), "y: a name must end in one of .html"},
        {WORDS("--export", ""), "a file name is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_arguments a;
        struct err e = {0};
        cr_assert_eq(parse(&a, CLI_ATTRIBUTE, &e, cases[i].words), ERR_OK, "%s", e.message);
        cr_expect_neq(cli_check_output(&a, cli_text(&a, CLI_OPT_METHOD), &e), ERR_OK);
        cr_expect(strstr(e.message, cases[i].message), "%s, not %s", e.message, cases[i].message);
        cli_arguments_dispose(&a);
    }
}

Test(cli, help_lists_every_option_of_a_command) {
    size_t n;
    const struct subcommand *const *commands = cli_subcommands(&n);
    cr_assert_eq(n, 16);
    for (size_t i = 0; i < n; i++) {
        struct text_buffer b = {0};
        cli_write_help(&b, commands[i]);
        cr_expect(strstr(b.text, "--help"));
        cr_expect_eq(strstr(b.text, "--attribution_aggregators") != NULL,
                     (commands[i]->id & CLI_SCORES) != 0);
        cr_expect_eq(strstr(b.text, "--export FILE") != NULL, (commands[i]->id & CLI_MAPS) != 0);
        cr_expect_eq(strstr(b.text, "--attribution_kwargs JSON") != NULL,
                     (commands[i]->id & CLI_MODELS) != 0);
        text_buffer_dispose(&b);
    }
}

/* The program's own help names every command that is for people, and what it is for. */
Test(cli, the_help_lists_every_command) {
    size_t n;
    const struct subcommand *const *commands = cli_subcommands(&n);
    struct text_buffer b = {0};
    cli_write_help(&b, commands[CLI_BIT_START]);
    for (size_t i = 0; i < n; i++) {
        char *row = mem_format("tinseq %s%s%s", commands[i]->name ? commands[i]->name : "",
                               commands[i]->name ? " " : "", commands[i]->synopsis);
        cr_expect_eq(strstr(b.text, row) == NULL, commands[i]->hidden, "%s", row);
        cr_expect_eq(strstr(b.text, commands[i]->title) == NULL, commands[i]->hidden, "%s",
                     commands[i]->title);
        cr_expect(commands[i]->run);
        free(row);
    }
    text_buffer_dispose(&b);
}

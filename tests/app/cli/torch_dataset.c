/* attribute-dataset as Inseq has it, on the tiny models; and what only Tinseq has. */
#include "app/cli/subcommands.h"

#include "app/dataset/split.h"
#include "app/files/result_rows.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_WORDS 40

static char *fixture(const char *name) {
    return mem_format("%s/%s", getenv("TINSEQ_FIXTURES"), name);
}

/* A new folder, which is the current one. */
static void enter_folder(void) {
    char folder[] = "/tmp/tinseq-dataset-XXXXXX";
    cr_assert(mkdtemp(folder) && chdir(folder) == 0);
}

static void put_file(const char *name, const char *text) {
    struct err e;
    cr_assert_eq(file_write(name, text, strlen(text), &e), ERR_OK, "%s", e.message);
}

static char *read_file(const char *name) {
    char *text;
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&text, &n, name, 1 << 24, &e), ERR_OK, "%s", e.message);
    return text;
}

/* The command with these words behind the model's; they end with NULL. */
static enum err_code run(const char *model, const char *const *words, struct err *e) {
    char *tiny = fixture(model), *argv[MOST_WORDS] = {"-m", tiny, "-q"};
    struct cli_arguments a;
    int n = 3;
    for (size_t i = 0; words[i] && n < MOST_WORDS; i++)
        argv[n++] = (char *)words[i];
    enum err_code code = cli_parse(&a, CLI_DATASET, n, argv, e);
    if (!code) {
        code = cli_subcommand_find("attribute-dataset")->run(&a, e);
        cli_arguments_dispose(&a);
    }
    free(tiny);
    return code;
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LLAMA "tiny/llama"

static void good(const char *const *words) {
    struct err e = {0};
    cr_assert_eq(run(LLAMA, words, &e), ERR_OK, "%s", e.message);
}

static void refused(const char *const *words, const char *said) {
    struct err e = {0};
    cr_expect_eq(run(LLAMA, words, &e), ERR_USAGE, "%s", e.message);
    cr_expect(strstr(e.message, said), "\"%s\" should say \"%s\"", e.message, said);
}

static struct attribution *row_of(const char *path, size_t i, size_t n) {
    struct result_rows *rows;
    struct attribution *one;
    struct err e;
    cr_assert_eq(result_rows_open(&rows, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(result_rows_count(rows), n, "%zu rows", result_rows_count(rows));
    cr_assert_eq(result_rows_load(&one, rows, i, &e), ERR_OK, "%s", e.message);
    result_rows_close(rows);
    return one;
}

/* --- as Inseq has it --- */

static void expect_numbers(const cJSON *wanted, const float *data, const char *where) {
    const cJSON *x;
    size_t i = 0;
    cr_assert(data, "%s", where);
    cJSON_ArrayForEach(x, wanted) {
        if (cJSON_IsNull(x))
            cr_expect(isnan(data[i]), "%s: %zu", where, i);
        else
            cr_expect_float_eq(data[i], x->valuedouble, 2e-5, "%s: %zu: %g rather than %g", where,
                               i, (double)data[i], x->valuedouble);
        i++;
    }
}

static void expect_row(const cJSON *wanted, const struct attribution *a, const char *name) {
    const struct attribution_sequence *s = &a->sequences[0];
    const cJSON *x, *scores = cJSON_GetObjectItem(wanted, "scores");
    const int64_t n = attribution_steps(s);
    size_t i = 0;
    cJSON_ArrayForEach(x, cJSON_GetObjectItem(wanted, "target")) {
        cr_assert_lt(i, s->target.n, "%s", name);
        char *piece = token_written(&s->target.items[i++]);
        cr_expect_str_eq(piece, x->valuestring, "%s", name);
        free(piece);
    }
    cr_expect_eq(s->target.n, i, "%s", name);
    cr_expect_eq(s->attr_pos_start, cJSON_GetObjectItem(wanted, "start")->valueint, "%s", name);
    i = 0;
    cJSON_ArrayForEach(x, scores)
        expect_numbers(x, s->target_attributions.data + (int64_t)i++ * n, name);
    cJSON_ArrayForEach(x, cJSON_GetObjectItem(wanted, "step_scores")) {
        const struct scores *own = attribution_find_step_scores(s, x->string);
        expect_numbers(x, own ? own->data : NULL, x->string);
    }
}

static void expect_case(const cJSON *c, const char *out) {
    const char *name = cJSON_GetObjectItem(c, "name")->valuestring, *words[MOST_WORDS];
    const cJSON *x, *rows = cJSON_GetObjectItem(c, "rows");
    char *model = mem_format("tiny/%s", cJSON_GetObjectItem(c, "model")->valuestring);
    size_t n = 0, i = 0;
    struct err e = {0};
    cJSON_ArrayForEach(x, cJSON_GetObjectItem(c, "arguments")) words[n++] = x->valuestring;
    words[n++] = "-o";
    words[n++] = out;
    words[n] = NULL;
    cr_assert_eq(run(model, words, &e), ERR_OK, "%s: %s", name, e.message);
    cJSON_ArrayForEach(x, rows) {
        struct attribution *a = row_of(out, i, (size_t)cJSON_GetArraySize(rows));
        expect_row(x, a, name);
        cr_expect_str_eq(
            info_text_of(&a->info.input_texts, 0),
            cJSON_GetArrayItem(cJSON_GetObjectItem(c, "input_texts"), (int)i)->valuestring);
        attribution_release(a);
        i++;
    }
    free(model);
}

static cJSON *inseq_cases(void) {
    char *path = fixture("dataset.json"), *text = read_file(path);
    cJSON *all = cJSON_Parse(text);
    cr_assert(all);
    free(text);
    free(path);
    return all;
}

Test(attribute_dataset, is_as_inseq_has_it, .timeout = 200) {
    cJSON *all = inseq_cases();
    const cJSON *c;
    char folder[] = "/tmp/tinseq-dataset-XXXXXX", *files = fixture("datasets");
    cr_assert(mkdtemp(folder) && chdir(files) == 0);
    char *out = file_join(folder, "out.jsonl");
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(all, "cases")), 4);
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(all, "cases")) expect_case(c, out);
    free(out);
    free(files);
    cJSON_Delete(all);
}

Test(attribute_dataset, splits_are_those_of_datasets) {
    cJSON *all = inseq_cases();
    const cJSON *c;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(all, "splits")) {
        const int64_t n = cJSON_GetArrayItem(c, 1)->valueint;
        int64_t from, to;
        struct split s;
        struct err e;
        cr_assert_eq(split_parse(&s, cJSON_GetArrayItem(c, 0)->valuestring, &e), ERR_OK);
        split_place(&from, &to, &s, n);
        cr_expect_eq(from, cJSON_GetArrayItem(c, 2)->valueint);
        cr_expect_eq(to < n ? to : n, cJSON_GetArrayItem(c, 3)->valueint);
    }
    cJSON_Delete(all);
}

/* --- what only Tinseq has --- */

static const char facts[] = "relation,subject,true,false,from\n"
                            "The dog of {} barks,the nurse,at,in,\n"
                            "{} went to the city,They,again,there,-1\n"
                            "short\n"
                            "no hole,x,y,z,\n"
                            "{} said hi,The manager,to,no,\n";
#define FACTS                                                                                      \
    "-d", "facts.csv", "-i", "{relation|fill:subject}", "-g", "{prompt} {true}",                   \
        "--contrast_targets", "{prompt} {false}", "-fn", "contrast_prob_diff"

Test(attribute_dataset, a_table_of_facts_is_one_command, .timeout = 200) {
    struct err e;
    enter_folder();
    put_file("facts.csv", facts);
    cr_expect_eq(run(LLAMA, WORDS(FACTS, "-o", "facts.jsonl"), &e), ERR_FORMAT);
    cr_expect_str_eq(e.message, "2 of 5 rows failed, and are in facts.failed.jsonl");
    struct attribution *a = row_of("facts.jsonl", 1, 3);
    cr_expect_str_eq(info_text_of(&a->info.input_texts, 0), "They went to the city");
    cr_expect_str_eq(info_text_of(&a->info.generated_texts, 0), "They went to the city again");
    cr_expect_str_eq(info_text_of(&a->info.function_args.contrast.targets, 0),
                     "They went to the city there");
    cr_expect_str_eq(
        info_text_of(&a->info.fields, 0),
        "{\"relation\":\"{} went to the city\",\"subject\":\"They\",\"true\":\"again\","
        "\"false\":\"there\",\"from\":\"-1\"}");
    attribution_release(a);
    char *failed = read_file("facts.failed.jsonl");
    cr_expect_str_eq(
        failed, "{\"file\":\"facts.csv\",\"line\":4,\"row\":2,\"reason\":\"it has 1 field, and "
                "there are 5 columns\"}\n"
                "{\"file\":\"facts.csv\",\"line\":5,\"row\":3,\"reason\":\"\\\"no hole\\\" has no "
                "{} that \\\"subject\\\" could fill\",\"fields\":{\"relation\":\"no hole\","
                "\"subject\":\"x\",\"true\":\"y\",\"false\":\"z\",\"from\":\"\"}}\n");
    free(failed);
}

Test(attribute_dataset, strict_ends_at_the_first_bad_row, .timeout = 200) {
    struct err e;
    enter_folder();
    put_file("facts.csv", facts);
    cr_expect_eq(run(LLAMA, WORDS(FACTS, "-o", "facts.jsonl", "--strict"), &e), ERR_FORMAT);
    cr_expect_str_eq(e.message, "facts.csv, line 4: it has 1 field, and there are 5 columns");
    cr_expect_not(file_exists("facts.jsonl"));
}

/* Positions and foils of each row's own. */
Test(attribute_dataset, positions_spans_and_foils_are_columns_too, .timeout = 200) {
    enter_folder();
    put_file("rows.jsonl", "{\"t\": \"They went\", \"g\": \"They went there again\", \"from\": 6, "
                           "\"to\": 8, \"foil\": \"2=x\"}\n"
                           "{\"t\": \"They went\", \"g\": \"They went there again\", \"from\": 5, "
                           "\"to\": -1, \"foil\": \"3\"}\n");
    good(WORDS("-d", "rows.jsonl", "-i", "t", "-g", "g", "-s", "{from}", "-e", "{to}", "-o",
               "positions.jsonl"));
    for (size_t i = 0; i < 2; i++) {
        struct attribution *a = row_of("positions.jsonl", i, 2);
        cr_expect_eq(a->sequences[0].attr_pos_start, i ? 5 : 6);
        cr_expect_eq(a->sequences[0].attr_pos_end, i ? (int64_t)a->sequences[0].target.n - 1 : 8);
        attribution_release(a);
    }
    good(WORDS("-d", "rows.jsonl", "-i", "t", "-g", "g", "--span", "{from}:7", "-o", "span.jsonl"));
    struct attribution *a = row_of("span.jsonl", 1, 2);
    cr_expect_eq(a->info.span.start.value, 5);
    attribution_release(a);
    good(WORDS("-d", "rows.jsonl", "-i", "t", "-g", "g", "--foil", "{foil}", "-fn",
               "contrast_prob_diff", "-o", "foil.jsonl"));
    a = row_of("foil.jsonl", 0, 2);
    cr_expect(a->info.foil_id.given);
    attribution_release(a);
}

Test(attribute_dataset, pages_are_made_of_all_rows, .timeout = 200) {
    enter_folder();
    put_file("rows.csv", "t,g\nThey,They went\nThe dog,The dog barks\n");
    good(WORDS("-d", "rows.csv", "-i", "t", "-g", "g", "-o", "rows.jsonl", "--viz_path",
               "rows.html", "--export", "rows.tsv", "--unit", "word", "--scores_precision",
               "float16"));
    char *page = read_file("rows.html"), *table = read_file("rows.tsv");
    cr_expect(strstr(page, "barks") && strstr(page, "went"));
    cr_expect(strstr(table, "barks") && strstr(table, "went"));
    free(page);
    free(table);
    refused(WORDS("-d", "rows.csv", "-i", "t", "--viz_path", "rows.html"), "name one with -o");
    refused(WORDS("-d", "rows.csv", "-i", "t", "-o", "a.jsonl", "--export", "rows.tsv", "--shard",
                  "0/2"),
            "this is one part of them (--shard)");
}

Test(attribute_dataset, what_cannot_be_done_is_said_before_a_model_is_loaded) {
    enter_folder();
    put_file("a.csv", "x,y\n1,2\n");
    put_file("b.csv", "x\n1\n");
    put_file("c.parquet", "PAR1");
    refused(WORDS("-d", "a.csv", "-i", "z"), "a.csv has no column \"z\"; it has: x, y");
    refused(WORDS("-d", "a.csv", "b.csv", "-i", "x", "-g", "y"), "b.csv has no column \"y\"");
    refused(WORDS("-d", "a.csv", "-i", "{x|uper}"), "did you mean upper?");
    refused(WORDS("-d", "a.csv"), "with -i");
    refused(WORDS("-d", "a.csv", "-i", "x", "-in", "y"), "are the same: give one");
    refused(WORDS("-i", "x"), "with -d");
    refused(WORDS("-d", "csv", "-i", "x"), "takes --dataset_files");
    refused(WORDS("-d", "a.csv", "--files", "b.csv", "-i", "x"), "it says the format");
    refused(WORDS("-d", "c.parquet", "-i", "x"), "pandas.read_parquet(");
    refused(WORDS("-d", "stanfordnlp/imdb", "--split", "test", "-i", "x"),
            "load_dataset('stanfordnlp/imdb', split='test').to_json('data.jsonl')");
    struct err e = {0};
    cr_expect_eq(run(LLAMA, WORDS("-d", "nosuch.csv", "-i", "x"), &e), ERR_IO);
    cr_expect_str_eq(e.message, "there is no file nosuch.csv");
    refused(WORDS("-d", "a.csv", "-i", "x", "--config", "en"), "--dataset_config: it chooses");
    refused(WORDS("-d", "a.csv", "-i", "x", "--revision", "v1"), "--dataset_revision: ");
    refused(WORDS("-d", "a.csv", "-i", "x", "--auth", "t"), "--dataset_auth_token: ");
    refused(WORDS("-d", "a.csv", "-i", "x", "--split", "test"), "files have one split");
    refused(WORDS("-d", "a.csv", "-i", "x", "--dataset_kwargs", "{\"sep\": \";;\"}"),
            "sep is one byte");
    refused(WORDS("-d", "a.csv", "-i", "x", "--dataset_kwargs", "{\"skiprows\": 1}"),
            "what can: sep, delimiter");
    refused(WORDS("-d", "a.csv", "-i", "x", "-a", "salency"), "the nearest is \"saliency\"");
    refused(WORDS("-d", "a.csv", "-i", "x", "-s", "x"),
            "takes a whole number or a template like '{from}', not \"x\"");
}

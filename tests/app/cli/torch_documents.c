/* Documents as the context, and what an answer cites of them, on the tiny GPT-2. */
#include "tests/app/cli/context_cases.h"
#include "tests/app/cli/documents_cases.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_WORDS 40

static const char *const three[] = {"The city was small.\n", "It had a river.\n",
                                    "The river was very wide and cold.\n"};

/* The tiny GPT-2's command with these documents; *out: what it saved. */
static enum err_code command(cJSON **out, const char *const *texts, size_t n,
                             const char *const *words, struct err *e) {
    char *path = mem_format("%s/tiny/gpt2", getenv("TINSEQ_FIXTURES"));
    const char *all[MOST_WORDS] = {"--input_current_text", "They went", "--document"};
    size_t n_all = 3;
    struct document_files files;
    cr_assert(document_files_write(&files, texts, n));
    for (size_t i = 0; i < n; i++)
        all[n_all++] = files.paths[i];
    for (size_t i = 0; words && words[i]; i++)
        all[n_all++] = words[i];
    const enum err_code code = context_command(out, path, all, e);
    document_files_remove(&files);
    free(path);
    return code;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ANSWER "--output_current_text", "to the small city. The river was cold."

static cJSON *good(const char *const *words) {
    struct err e = {0};
    cJSON *out = NULL;
    cr_assert_eq(command(&out, three, 3, words, &e), ERR_OK, "%s", e.message);
    cr_assert_not_null(documents_cited(out));
    return out;
}

static void refused(enum err_code wanted, const char *const *texts, size_t n,
                    const char *const *words, const char *said) {
    struct err e = {0};
    cJSON *out = NULL;
    const enum err_code code = command(&out, texts, n, words, &e);
    cr_expect_eq(code, wanted, "%s", e.message);
    cr_expect_not_null(strstr(e.message, said), "\"%s\" should say \"%s\"", e.message, said);
    cJSON_Delete(out);
}

static double number_of(const cJSON *object, const char *name) {
    const cJSON *v = cJSON_GetObjectItem(object, name);
    return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

Test(documents, cite_as_mirages_rule_does, .timeout = 200) {
    char *path = mem_format("%s/tiny/gpt2", getenv("TINSEQ_FIXTURES"));
    char *wrong = documents_cases_check("gpt2", path);
    cr_expect_str_empty(wrong, "%s", wrong);
    free(wrong);
    free(path);
}

/* All tokens of the context are some document's, one behind another; the sentences are the answer.
 */
Test(documents, have_their_tokens) {
    cJSON *out = good(WORDS(ANSWER));
    const cJSON *c = documents_cited(out), *one;
    double at = 0;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(c, "documents")) {
        cr_expect_eq(number_of(one, "from"), at);
        at = number_of(one, "to");
    }
    cr_expect_eq(at, cJSON_GetArraySize(cJSON_GetObjectItem(out, "input_context_tokens")));
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(c, "sentences")), 2);
    cr_expect_str_eq(cJSON_GetObjectItem(out, "input_context")->valuestring,
                     "Document [1]: The city was small.\nDocument [2]: It had a river.\nDocument "
                     "[3]: The river was very wide and cold.\n");
    cr_expect_null(cJSON_GetObjectItem(c, "closed_book"));
    cr_expect_null(cJSON_GetObjectItem(c, "precision"), "nothing is given");
    cJSON_Delete(out);
}

/* A translator's documents are in its source. */
Test(documents, are_in_a_translators_source) {
    char *path = mem_format("%s/tiny/marian", getenv("TINSEQ_FIXTURES"));
    static const char *const two[] = {"The nurse is here. ", "The city was small. "};
    struct document_files files;
    struct err e = {0};
    cJSON *out = NULL;
    cr_assert(document_files_write(&files, two, 2));
    const char *const words[] = {"--document",
                                 files.paths[0],
                                 files.paths[1],
                                 "--input_template",
                                 "{document_1} {document_2} {current}",
                                 "--input_current_text",
                                 "She said hello.",
                                 "--output_current_text",
                                 "Ela disse oi.",
                                 NULL};
    cr_assert_eq(context_command(&out, path, words, &e), ERR_OK, "%s", e.message);
    const cJSON *c = documents_cited(out), *one;
    double n = 0;
    cr_expect_str_eq(cJSON_GetObjectItem(c, "side")->valuestring, "source");
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(c, "documents")) n +=
        number_of(one, "to") - number_of(one, "from");
    cr_expect_eq(n, cJSON_GetArraySize(cJSON_GetObjectItem(out, "input_context_tokens")));
    document_files_remove(&files);
    cJSON_Delete(out);
    free(path);
}

/* What is said without them does not depend on them. */
Test(documents, closed_book_is_without_them) {
    const char *const words[] = {"--closed_book", "--generation_kwargs", "{\"max_new_tokens\": 6}",
                                 NULL};
    struct err e = {0};
    cJSON *first = good(words), *second = NULL;
    cr_assert_eq(command(&second, three + 2, 1, words, &e), ERR_OK, "%s", e.message);
    const cJSON *a = cJSON_GetObjectItem(documents_cited(first), "closed_book"),
                *b = cJSON_GetObjectItem(documents_cited(second), "closed_book"), *token;
    const cJSON *said = cJSON_GetObjectItem(first, "output_current");
    cr_assert_not_null(a);
    cr_expect_str_eq(cJSON_GetObjectItem(a, "answer")->valuestring,
                     cJSON_GetObjectItem(b, "answer")->valuestring);
    cr_expect_gt(strlen(cJSON_GetObjectItem(a, "answer")->valuestring), 0);
    const cJSON *answer = cJSON_GetObjectItem(first, "output_current_tokens");
    int i = 0;
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(a, "tokens")), cJSON_GetArraySize(answer));
    cJSON_ArrayForEach(token, cJSON_GetObjectItem(a, "tokens")) {
        const bool alike = strcmp(cJSON_GetObjectItem(token, "piece")->valuestring,
                                  cJSON_GetArrayItem(answer, i++)->valuestring) == 0;
        cr_expect_eq(alike, cJSON_IsTrue(cJSON_GetObjectItem(token, "same")));
        cr_expect_lt(number_of(token, "probability"), 1);
    }
    cr_expect_not_null(said);
    cJSON_Delete(first);
    cJSON_Delete(second);
}

/* The number of a list's line is no sentence, nor is a mark at the end. */
Test(documents, numbers_go_with_what_follows) {
    cJSON *out = good(WORDS("--output_current_text", "1. to the city. 2. The river was cold. !"));
    const cJSON *sentences = cJSON_GetObjectItem(documents_cited(out), "sentences");
    cr_expect_eq(cJSON_GetArraySize(sentences), 2, "%d", cJSON_GetArraySize(sentences));
    cJSON_Delete(out);
}

/* They are taken out of the answer, and are of the sentence that they stand behind. */
Test(documents, the_answers_own_citations_are_compared) {
    cJSON *out = good(WORDS("--citations", "marks", "--output_current_text",
                            "to the small city [2].[1] The river was cold. [3, 9]"));
    const cJSON *sentences = cJSON_GetObjectItem(documents_cited(out), "sentences");
    static const char *const wanted[] = {"[1,2]", "[3]"};
    cr_expect_str_eq(cJSON_GetObjectItem(out, "output_current")->valuestring,
                     "to the small city. The river was cold.");
    for (int i = 0; i < 2; i++) {
        char *given =
            cJSON_PrintUnformatted(cJSON_GetObjectItem(cJSON_GetArrayItem(sentences, i), "given"));
        cr_expect_str_eq(given, wanted[i], "%s", given);
        free(given);
    }
    cJSON_Delete(out);
}

/* Before its sentences, where the answer begins with one. */
Test(documents, citations_may_stand_before_their_sentences) {
    cJSON *out = good(WORDS("--citations", "marks", "--output_current_text",
                            "[3] to the small city. [1] The river was cold."));
    const cJSON *sentences = cJSON_GetObjectItem(documents_cited(out), "sentences");
    for (int i = 0; i < 2; i++) {
        const cJSON *given = cJSON_GetObjectItem(cJSON_GetArrayItem(sentences, i), "given");
        cr_assert_eq(cJSON_GetArraySize(given), 1);
        cr_expect_eq(given->child->valueint, i ? 1 : 3);
    }
    cJSON_Delete(out);
}

/* A saved answer tells what to look for in another one. */
Test(documents, are_calibrated_on_saved_answers) {
    struct document_files saved;
    cJSON *out = good(WORDS(ANSWER, "--citations", "|", "--context_sensitivity_std_threshold", "-9",
                            "--citation_sensitivity", "calibrate"));
    const cJSON *c = documents_cited(out);
    char *text = cJSON_Print(out);
    double most = 0;
    const cJSON *token;
    cJSON_ArrayForEach(token, cJSON_GetObjectItem(c, "tokens")) most =
        fmax(most, number_of(token, "sensitivity"));
    cr_expect(cJSON_IsTrue(cJSON_GetObjectItem(c, "calibrated")));
    cr_expect_eq(number_of(c, "sensitivity"), most, "nothing is given: as little as can be");
    cr_assert(document_files_write(&saved, &(const char *){text}, 1));
    cJSON *other = good(
        WORDS(ANSWER, "--citation_sensitivity", "calibrate", "--calibrate_on", saved.paths[0]));
    cr_expect_eq(number_of(documents_cited(other), "sensitivity"), most);
    free(text);
    document_files_remove(&saved);
    cJSON_Delete(other);
    cJSON_Delete(out);
}

/* The result itself has them, and tells the command with their files. */
Test(documents, stay_with_the_result) {
    char path[] = "/tmp/tinseq-documents-result-XXXXXX.json", *text;
    struct err e;
    size_t n;
    const int file = mkstemps(path, 5);
    cr_assert_geq(file, 0);
    (void)close(file);
    cJSON_Delete(good(WORDS(ANSWER, "--export", path)));
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cr_expect_not_null(strstr(text, "\"citations\""));
    cr_expect_not_null(strstr(text, "--document='/tmp/tinseq-documents-"));
    (void)unlink(path);
    free(text);
}

Test(documents, what_cannot_be_is_refused) {
    static const char *const bad[][2] = {
        {"The city.", "a\xFF"}, {"The city.", " \n"}, {"The city.", ""}};
    refused(ERR_FORMAT, bad[0], 2, NULL, "2.txt is not UTF-8 at byte 1");
    refused(ERR_USAGE, bad[1], 2, NULL, "document 2 (2.txt) is empty");
    refused(ERR_USAGE, bad[2], 2, NULL, "document 2 (2.txt) is empty");
    refused(ERR_IO, three, 3, WORDS("--document", "/nowhere/a.txt"), "document 4: /nowhere/a.txt");
    refused(ERR_USAGE, three, 3, WORDS("--input_context_text", "A city."), "either --document or");
    refused(ERR_USAGE, three, 3, WORDS("--input_template", "{document_4} {current}"),
            "there are 3 documents");
    refused(ERR_USAGE, three, 3, WORDS("--citations", "1|4"), "no document 4 of 3");
    refused(ERR_USAGE, three, 3, WORDS(ANSWER, "--citations", "1|2|3"), "has 3 sentences");
    refused(ERR_USAGE, three, 3, WORDS("--citation_rule", "150%"), "150%");
    refused(ERR_USAGE, three, 3, WORDS("--citation_sensitivity", "calibrate"), "--calibrate_on");
    refused(ERR_USAGE, three, 3, WORDS("--calibrate_on", "x"), "--citation_sensitivity");
    refused(ERR_USAGE, three, 3, WORDS("--citation_sensitivity", "-1"), "-1");
}

/* A template's own documents, and options of documents, need documents. */
Test(documents, options_of_documents_need_some) {
    char *path = mem_format("%s/tiny/gpt2", getenv("TINSEQ_FIXTURES"));
    static const char *const options[][2] = {{"--closed_book", NULL},
                                             {"--citations", "1"},
                                             {"--citation_rule", "5%"},
                                             {"--document_template", "{text}"},
                                             {"--input_template", "{document_1} {current}"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *const words[] = {"--input_current_text", "They went", options[i][0],
                                     options[i][1], NULL};
        struct err e = {0};
        cJSON *out = NULL;
        cr_expect_eq(context_command(&out, path, words, &e), ERR_USAGE, "%s", e.message);
        cr_expect_not_null(strstr(e.message, "--document"), "%s", e.message);
    }
    free(path);
}

Test(documents, that_do_not_fit_are_named) {
    struct text_buffer b = {0};
    for (int i = 0; i < 40; i++)
        text_buffer_puts(&b, "The river was wide. ");
    const char *const texts[] = {"The city.", b.text};
    refused(ERR_USAGE, texts, 2, NULL, "the longest is document 2");
    text_buffer_dispose(&b);
}

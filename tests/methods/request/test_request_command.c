/* A request as a command: bash parts it into the words that were meant, whatever they hold. */
#include "methods/request/request_command.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command_model here = {.model = "/some where/it's", .dtype = "float32"};

/* What bash gives a program for the command: each word, then a byte 1. Owned by the caller. */
static char *words_of(const char *command) {
    char name[] = "/tmp/tinseq-command-XXXXXX", line[4096];
    const int fd = mkstemp(name);
    FILE *script = fdopen(fd, "w");
    struct text_buffer b = {0};
    fprintf(script, "tinseq() { printf '%%s\\001' \"$@\"; }\n%s\n", command);
    fclose(script);
    char *run = mem_format("bash %s", name);
    FILE *out = popen(run, "r");
    for (size_t n; (n = fread(line, 1, sizeof line, out)) > 0;)
        text_buffer_add(&b, line, n);
    cr_expect_eq(pclose(out), 0, "%s", command);
    unlink(name);
    free(run);
    return text_buffer_take(&b);
}

static void check_as(const char *name, const struct attribute_request *r, const char *expected) {
    char *command = request_command(r, &here), *words = words_of(command);
    char *all = mem_format("%s\1--model_name_or_path=/some where/it's\1--dtype=float32\1%s", name,
                           expected);
    cr_expect_str_eq(words, all, "%s", command);
    for (const char *c = command; *c; c++)
        cr_expect((unsigned char)*c >= 0x20 && *c != 0x7f, "a control character: %s", command);
    free(all);
    free(words);
    free(command);
}

static void check(const struct attribute_request *r, const char *expected) {
    check_as("attribute", r, expected);
}

Test(request_command, a_shell_reads_what_was_said) {
    static const char *const scores[] = {"entropy", "logit(y) - 0.5*entropy()"};
    check(&(struct attribute_request){.input_text = "a"}, "--input_texts=a\1");
    check(&(struct attribute_request){.input_text = "$(touch x) `y` \"z\" 'q' \\ !! \xC3\xA9"},
          "--input_texts=$(touch x) `y` \"z\" 'q' \\ !! \xC3\xA9\1");
    check(&(struct attribute_request){.input_text = "a\n\x1b[31m'\\1\x7f"},
          "--input_texts=a\n\x1b[31m'\\1\x7f\1");
    check(&(struct attribute_request){.input_text = "",
                                      .generated_text = "-g",
                                      .from_target_prefix = true,
                                      .step_scores = {scores, 2},
                                      .attr_pos_start = {true, -3},
                                      .generation_kwargs = "{\"num_beams\": 2}"},
          "--input_texts=\1--generated_texts=-g\1--generate_from_target_prefix\1"
          "--step_scores=entropy\1--step_scores=logit(y) - 0.5*entropy()\1--start_pos=-3\1"
          "--generation_kwargs={\"num_beams\": 2}\1");
    check(&(struct attribute_request){.input_text = "a",
                                      .foil = {.step = {true, 4}, .text = "it's"},
                                      .contrast_alignment = {.rule = ALIGN_DIFF}},
          "--input_texts=a\1--contrast_targets_alignments=diff\1--foil=5=it's\1");
}

Test(request_command, of_a_context_is_another_command) {
    static const char *const foils[] = {" office", "it's"};
    check_as("attribute-context",
             &(struct attribute_request){.input_text = "He came",
                                         .attributed_fn = "contrast_prob_diff",
                                         .input_context = "George was\nsick.",
                                         .input_template = "{context}\t{current}",
                                         .output_current = "",
                                         .separator = "",
                                         .context_metric = "pcxmi",
                                         .context_threshold = {true, 0.25},
                                         .context_most = 2,
                                         .context_foils = {foils, 2},
                                         .cue_threshold = {true, -1},
                                         .cue_most = 3},
             "--input_current_text=He came\1--attributed_fn=contrast_prob_diff\1"
             "--input_context_text=George was\nsick.\1--input_template={context}\t{current}\1"
             "--output_current_text=\1--decoder_input_output_separator=\1"
             "--context_sensitivity_metric=pcxmi\1--context_sensitivity_std_threshold=0.25\1"
             "--context_sensitivity_topk=2\1--contextless_output_next_tokens= office\1"
             "--contextless_output_next_tokens=it's\1--attribution_std_threshold=-1\1"
             "--attribution_topk=3\1");
}

Test(request_command, says_what_a_model_was_opened_with) {
    const struct command_model m = {.model = "m",
                                    .tokenizer = "t",
                                    .tokenizer_kwargs = "{\"src_lang\": \"x\", \"legacy\": false}"};
    const struct attribute_request r = {.input_text = "a", .source_language = "de"};
    char *command = request_command(&r, &m);
    cr_expect_str_eq(
        command, "tinseq attribute --model_name_or_path='m' --tokenizer='t' "
                 "--tokenizer_kwargs='{\"src_lang\":\"de\",\"legacy\":false}' --input_texts='a'");
    free(command);
}

Test(request_command, there_is_none_for_a_foil_by_its_id) {
    const struct attribute_request r = {.input_text = "a", .foil = {.step = {true, 0}, .id = 7}};
    cr_expect_null(request_command(&r, &here));
}

/*
 * The command line: parsing by one table of options, and the commands. Nothing here opens the
 * tensor module but `attribute`. Main thread only.
 */
#ifndef TINSEQ_APP_CLI_H
#define TINSEQ_APP_CLI_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/request/attribute.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which commands take an option. START is the program without a command: the terminal program with
 * its form filled in. */
enum cli_command {
    CLI_START = 1,
    CLI_ATTRIBUTE = 2,
    CLI_SHOW = 4,
    CLI_OPEN = 8,
    CLI_LIST = 16,
    CLI_EXPLAIN = 32,
    CLI_EVALUATE = 64
};

enum cli_kind {
    CLI_TEXT,    /* one value */
    CLI_TEXTS,   /* one or more */
    CLI_EACH,    /* one value, and the option again for each other one */
    CLI_FLAG,    /* none, or true / false */
    CLI_INTEGER, /* one whole number */
    CLI_INTEGERS
};

/* One row an option: id, names (Inseq's first; "-" and "_" are the same in long ones), kind,
 * commands, value, help. */
/* clang-format off */
#define CLI_RUN (CLI_START | CLI_ATTRIBUTE | CLI_EVALUATE)
#define CLI_OUT (CLI_ATTRIBUTE | CLI_SHOW)
#define CLI_SCORES (CLI_OUT | CLI_EVALUATE)
#define CLI_TERMINAL (CLI_START | CLI_OPEN)
#define CLI_OPTIONS(X, G)                                                                                                                          \
    G("What to explain")                                                                                                                           \
    X(MODEL, "--model_name_or_path -m", TEXT, CLI_RUN, "MODEL", "a folder, a GGUF file, or a name that 'tinseq list models' prints")              \
    X(INPUT, "--input_texts -i", TEXTS, CLI_RUN, "TEXT", "the prompts, or the texts to translate")                                                \
    X(GENERATED, "--generated_texts -g", TEXTS, CLI_RUN, "TEXT", "the output to explain instead of the model's own (decoder-only: with the prompt)") \
    X(START, "--start_pos -s", INTEGER, CLI_RUN, "N", "first position to explain")                                                                \
    X(END, "--end_pos -e", INTEGER, CLI_RUN, "N", "position to stop before; negative counts from the end")                                        \
    X(SPAN, "--span", TEXT, CLI_START | CLI_ATTRIBUTE, "A:B", "positions A to before B as one target")                                                       \
    X(SPAN_REDUCE, "--span_reduce", TEXT, CLI_START | CLI_ATTRIBUTE, "RULE", "sum or mean of what is explained over the span (sum)")                          \
    X(ATTRIBUTE_TARGET, "--attribute_target", FLAG, CLI_RUN, NULL, "encoder-decoder: the generated prefix's part too")                            \
    G("How to explain it")                                                                                                                         \
    X(METHOD, "--attribution_method -a", TEXT, CLI_RUN, "METHOD", "see 'tinseq list methods' (saliency)")                                         \
    X(FUNCTION, "--attributed_fn -fn", TEXT, CLI_RUN, "FUNCTION", "what is explained: see 'tinseq list step_functions' (probability)")            \
    X(CONTRAST, "--contrast_targets", TEXTS, CLI_RUN, "TEXT", "the whole text to contrast with (decoder-only: with the prompt)")                  \
    X(CONTRAST_SOURCES, "--contrast_sources", TEXTS, CLI_RUN, "TEXT", "encoder-decoder: the source of the contrast instead of the input")\
    X(ALIGNMENTS, "--contrast_targets_alignments", TEXT, CLI_RUN, "RULE", "auto, position, diff, or JSON pairs [[3, 2]] (from the end)")\
    X(FORCE_CONTRAST, "--contrast_force_inputs", FLAG, CLI_RUN, NULL, "what is explained looks at the contrast's own run too")    \
    X(FOIL, "--foil", TEXT, CLI_RUN, "STEP", "contrast one step (from 1) with the model's best other choice; 3:2 with its second, 3=TEXT with a word")\
    X(STEP_FUNCTION, "--step_function", TEXTS, ~0, "FILE", "load a step function of your own: see tinseq-step.h")                                      \
    X(STEP_SCORES, "--step_scores", TEXTS, CLI_RUN, "FUNCTION", "functions to report for every step")                                             \
    X(ATTRIBUTION_KWARGS, "--attribution_kwargs", TEXT, CLI_RUN, "JSON", "options of the method and the functions, e.g. '{\"n_steps\": 100}'")      \
    X(EOS_BASELINE, "--include_eos_baseline --eos", FLAG, CLI_RUN, NULL, "replace EOS in baselines too")                                          \
    X(SKIP_SPECIAL, "--skip_special_tokens", FLAG, CLI_RUN, NULL, "encode without special tokens")                                                \
    G("How to generate")                                                                                                                           \
    X(GENERATION_KWARGS, "--generation_kwargs", TEXT, CLI_RUN, "JSON", "e.g. '{\"max_new_tokens\": 40, \"num_beams\": 4}'")                         \
    X(SEED, "--seed", INTEGER, CLI_RUN, "N", "seed of sampling")                                                                                  \
    X(DEVICE, "--device --dev", TEXT, CLI_RUN, "DEVICE", "cpu, cuda or cuda:N (cpu)")                                                             \
    X(DTYPE, "--dtype", TEXT, CLI_RUN, "TYPE", "float32, float64, or bfloat16: faster, rougher (float32)")                                                       \
    X(THREADS, "--threads", INTEGER, CLI_RUN, "N", "threads to compute with (the machine's cores)")                                               \
    X(BATCH_SIZE, "--batch_size -bs", INTEGER, CLI_RUN, "N", "accepted for Inseq's sake: batches are sized by the memory there is")               \
    G("Scores per token")                                                                                                                          \
    X(AGGREGATORS, "--attribution_aggregators", TEXTS, CLI_SCORES, "NAME", "from the last dimension on: see 'tinseq list aggregators'")              \
    X(SELECTORS, "--attribution_selectors", INTEGERS, CLI_SCORES, "N", "take this entry (a head, then a layer) instead of aggregating")              \
    X(NORMALIZE, "--normalize_attributions", FLAG, CLI_SCORES, NULL, "every column sums to 1 in magnitude")                                          \
    X(RESCALE, "--rescale_attributions", FLAG, CLI_SCORES, NULL, "divide by the largest magnitude")                                                  \
    G("Output")                                                                                                                                    \
    X(SAVE, "--save_path -o", TEXT, CLI_SCORES, "FILE", "save raw scores as Inseq's JSON (gzip when it ends in .gz)")                                \
    X(AGGREGATE_OUTPUT, "--aggregate_output", FLAG, CLI_OUT, NULL, "save the aggregated scores instead")                                          \
    X(JSON, "--json", FLAG, CLI_SCORES, NULL, "print the JSON of -o instead of the table")                                                           \
    X(VIZ, "--viz_path", TEXT, CLI_OUT, "FILE", "save a page (HTML) with the heatmap")                                                            \
    X(EXPORT, "--export", EACH, CLI_OUT, "FILE", "save in the format of the ending; again for more: see 'tinseq list exports'")           \
    X(HIDE, "--hide_attributions --hide", FLAG, CLI_OUT, NULL, "no table")                                                                        \
    X(QUIET, "--quiet -q", FLAG, CLI_SCORES, NULL, "no table, no progress, no notices")                                                              \
    X(COLOUR, "--color --colour", TEXT, CLI_OUT, "WHEN", "auto, always or never (auto)")                                                          \
    X(COLOUR_MAP, "--colour_map --color_map", TEXT, CLI_OUT | CLI_TERMINAL, "MAP", "see 'tinseq list colour_maps'")                                \
    X(THEME, "--theme", TEXT, CLI_OUT | CLI_TERMINAL, "THEME", "see 'tinseq list themes' (dark)")                                                 \
    X(TIMINGS, "--timings", FLAG, CLI_ATTRIBUTE, NULL, "print a line of JSON with seconds and memory to standard error")                          \
    G("Evaluation")                                                                                                                                      \
    X(METHODS, "--methods", TEXTS, CLI_EVALUATE, "METHOD", "evaluate these methods side by side, instead of -a")                                         \
    X(POINTS, "--points", INTEGER, CLI_EVALUATE, "N", "points of a curve (10)")                                                                          \
    X(PARTS, "--parts", TEXTS, CLI_EVALUATE, "PERCENT", "percents of the tokens to take away or leave (1 5 10 20 50)")                                   \
    X(COUNTS, "--counts", FLAG, CLI_EVALUATE, NULL, "--parts are numbers of tokens instead")                                                             \
    X(RANDOM, "--random", INTEGER, CLI_EVALUATE, "N", "random orders for comparison (3)")                                                                \
    X(TOP, "--top", INTEGER, CLI_EVALUATE, "N", "tokens whose agreement between methods is counted (5)")                                                 \
    X(NOISE, "--noise", TEXT, CLI_EVALUATE, "SHARE", "length of the noise against each embedding's (0.01)")                                              \
    X(NOISE_SAMPLES, "--noise_samples", INTEGER, CLI_EVALUATE, "N", "noisy runs of each method; 0: none (5)")                                            \
    G("The terminal program")                                                                                                                      \
    X(DEPTH, "--colour_depth --color_depth", TEXT, CLI_TERMINAL, "DEPTH", "direct, 256, 16, 8 or mono (found out)")                               \
    X(ASCII, "--ascii", FLAG, CLI_TERMINAL, NULL, "only ASCII on the screen")                                                                     \
    X(NO_MOUSE, "--no_mouse", FLAG, CLI_TERMINAL, NULL, "leave the mouse to the terminal")                                                        \
    G("Other options of Inseq's")                                                                                                                  \
    X(MODEL_KWARGS, "--model_kwargs", TEXT, CLI_RUN, "JSON", "only {}: use --dtype and --device")                                                 \
    X(TOKENIZER_KWARGS, "--tokenizer_kwargs", TEXT, CLI_RUN, "JSON", "only {}")                                                                   \
    X(TARGET_PREFIX, "--generate_from_target_prefix", FLAG, CLI_RUN, NULL, "only false")                                                          \
    X(STEP_ATTRIBUTIONS, "--output_step_attributions", FLAG, CLI_RUN, NULL, "only false")                                                         \
    X(VERBOSE, "--verbose -v", FLAG, CLI_RUN, NULL, "accepted: notices are shown unless --quiet")                                                 \
    X(VERY_VERBOSE, "--very_verbose -vv", FLAG, CLI_RUN, NULL, "the same")                                                                        \
    X(HELP, "--help -h", FLAG, ~0, NULL, "this text")
/* clang-format on */

enum cli_option_id {
#define X(id, names, kind, commands, value, help) CLI_OPT_##id,
#define G(title)
    CLI_OPTIONS(X, G)
#undef X
#undef G
        CLI_OPTION_COUNT
};

struct cli_value {
    bool given;
    bool flag;          /* FLAG */
    const char **texts; /* TEXT, TEXTS: borrowed from argv; numbers as written */
    int64_t *integers;  /* INTEGER, INTEGERS: [n] */
    size_t n;
};

struct cli_arguments {
    struct cli_value values[CLI_OPTION_COUNT];
    const char **words; /* what is neither option nor value */
    size_t n_words;
};

/* Parses argv [n] (without the program's and the command's names). ERR_USAGE names the nearest
 * known option. */
enum err_code cli_parse(struct cli_arguments *out, enum cli_command command, int n,
                        char *const *argv, struct err *e) ERR_CHECKED;
void cli_arguments_dispose(struct cli_arguments *a);
const char *cli_text(const struct cli_arguments *a,
                     enum cli_option_id id);                         /* the last value, or NULL */
bool cli_flag(const struct cli_arguments *a, enum cli_option_id id); /* false when not given */
int64_t cli_integer(const struct cli_arguments *a, enum cli_option_id id, int64_t otherwise);

/* The options of a command as help text. */
void cli_write_options(struct text_buffer *b, enum cli_command command);
void cli_write_help(struct text_buffer *b, enum cli_command command); /* usage, examples, options */

/* A request out of the options, for the n-th input (−1: the first, if any), that owns all it refers
 * to. Checks what can be checked without a model. */
enum err_code cli_request(struct attribute_request *out, const struct cli_arguments *a,
                          int64_t i_input, struct err *e) ERR_CHECKED;

/* What becomes of a result: saved, printed, drawn, as the options say. The table is still printed
 * when a file could not be written. */
enum err_code cli_deliver(const struct attribution *result, const struct cli_arguments *a,
                          struct err *e) ERR_CHECKED;
/* Names in the output options that are wrong, and folders that are not there, before anything is
 * computed. `method` may be NULL. */
enum err_code cli_check_output(const struct cli_arguments *a, const char *method,
                               struct err *e) ERR_CHECKED;

/* Scores per token of a raw sequence, as the options say. */
enum err_code cli_aggregate(struct attribution_sequence *out, const struct attribution_sequence *in,
                            const struct cli_arguments *a, struct err *e) ERR_CHECKED;

/* Ctrl-C and SIGTERM set the flag that is returned; a second one ends the program at once. */
atomic_bool *cli_catch_interrupts(void);

/* Prints to standard output; ERR_IO when that fails (a full disk). */
enum err_code cli_print(const char *text, size_t n, struct err *e) ERR_CHECKED;

/* The commands; each returns the process's exit status. argv [n] starts after the command's name.
 */
int cli_attribute(int n, char *const *argv);
int cli_evaluate(int n, char *const *argv);
int cli_show(int n, char *const *argv);
int cli_list(int n, char *const *argv);
int cli_explain(int n, char *const *argv);
int cli_start(enum cli_command command, int n, char *const *argv); /* the terminal program */

/* Exit status of an error: 2 for wrong usage, 130 when cancelled, else 1; complains. */
int cli_exit(enum err_code code, const struct err *e);
/* Tells a person something beside the output, on standard error; text need not be sanitised. */
void cli_note(const char *text);

#endif

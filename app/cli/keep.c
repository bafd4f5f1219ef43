#include "app/cli/keep.h"

#include "app/cli/print.h"

#include <math.h>
#include <string.h>

static bool read_precision(enum scores_type *out, const char *word) {
    for (int i = 0; i < SCORES_I64; i++)
        if (strcmp(word, scores_type_about((enum scores_type)i)->word) == 0) {
            *out = (enum scores_type)i;
            return true;
        }
    return false;
}

static enum err_code check_precision(const struct cli_arguments *a, struct err *e) {
    static const char *const words[] = {"float32", "float16", "float8"};
    const char *word = cli_text(a, CLI_OPT_PRECISION);
    enum scores_type ignored;
    if (!word || read_precision(&ignored, word))
        return ERR_OK;
    return cli_unknown("unknown precision", word, words, 3, "float32, float16 or float8", e);
}

/* The first of some options that is given; NULL: none. */
static const char *given_of(const struct cli_arguments *a, bool rows) {
    static const struct {
        enum cli_option_id id;
        const char *name;
        bool rows; /* rows follow it, too */
    } options[] = {{CLI_OPT_SPLIT, "--split_sequences", false},
                   {CLI_OPT_PRIMITIVES, "--use_primitives", false},
                   {CLI_OPT_COMPACT, "--ndarray_compact", false},
                   {CLI_OPT_PRECISION, "--scores_precision", true},
                   {CLI_OPT_COMPRESS, "--compress", true}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (a->values[options[i].id].given && !(rows && options[i].rows))
            return options[i].name;
    return NULL;
}

enum err_code cli_keep_check(const struct cli_arguments *a, bool keeps, bool rows, struct err *e) {
    enum err_code code = check_precision(a, e);
    if (code)
        return code;
    if (rows && given_of(a, true))
        return err_set(e, ERR_USAGE, "%s is of JSON (.json), which rows (.jsonl) are not",
                       given_of(a, true));
    if (!keeps && given_of(a, false))
        return err_set(e, ERR_USAGE, "%s says how a result is kept: name a file with -o",
                       given_of(a, false));
    return ERR_OK;
}

struct export_how cli_keep_how(const struct cli_arguments *a) {
    const struct cli_value *compact = &a->values[CLI_OPT_COMPACT],
                           *aggregate = &a->values[CLI_OPT_AGGREGATE_OUTPUT];
    struct export_how how = {.primitives = cli_flag(a, CLI_OPT_PRIMITIVES),
                             .lists = compact->given && !compact->flag,
                             .raw = aggregate->given && !aggregate->flag,
                             .compress = cli_flag(a, CLI_OPT_COMPRESS)};
    if (cli_text(a, CLI_OPT_PRECISION))
        (void)read_precision(&how.precision, cli_text(a, CLI_OPT_PRECISION));
    return how;
}

/* --- what is lost by it --- */

struct loss {
    int64_t n, zero, gone; /* numbers; those that become 0, and those that become no number */
};

static void count(struct loss *l, const struct scores *s, enum scores_type type) {
    const int64_t n = s->integer ? 0 : scores_count(s);
    for (int64_t i = 0; i < n; i++) {
        unsigned char bytes[8];
        float after;
        scores_encode(bytes, &s->data[i], 1, type);
        scores_decode(&after, bytes, 1, type);
        l->n += isfinite(s->data[i]);
        l->zero += isfinite(s->data[i]) && s->data[i] != 0 && after == 0;
        l->gone += isfinite(s->data[i]) && !isfinite(after);
    }
}

static void count_sequence(struct loss *l, const struct attribution_sequence *s,
                           enum scores_type type) {
    count(l, &s->source_attributions, type);
    count(l, &s->target_attributions, type);
    for (size_t i = 0; i < s->n_step_scores; i++)
        count(l, &s->step_scores[i].scores, type);
    for (size_t i = 0; i < s->n_sequence_scores; i++)
        count(l, &s->sequence_scores[i].scores, type);
}

void cli_keep_tell(const struct export_input *in) {
    const enum scores_type type = in->how.precision;
    const char *word = scores_type_about(type)->word;
    struct loss l = {0};
    if (type == SCORES_F32)
        return;
    for (size_t i = 0; i < in->result->n_sequences; i++)
        count_sequence(&l, &in->result->sequences[i], type);
    if (l.zero)
        export_tell(in, "%lld of %lld scores are too small for %s and are saved as 0",
                    (long long)l.zero, (long long)l.n, word);
    if (l.gone)
        export_tell(in, "%lld of %lld scores are too large for %s and are saved as %s",
                    (long long)l.gone, (long long)l.n, word,
                    type == SCORES_F16 ? "infinite" : "NaN");
}

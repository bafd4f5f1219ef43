#include "app/cli/alignments.h"

#include "aggregators/aggregate.h"
#include "aggregators/word_alignment.h"
#include "app/cli/print.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

/* What --alignments can be. */
static const struct {
    const char *id;
    void (*write)(struct text_buffer *b, const struct word_alignment *a);
} formats[] = {{"pharaoh", word_alignment_write}};
#define N_FORMATS (sizeof formats / sizeof *formats)

bool cli_aligns(const struct cli_arguments *a) {
    return a->values[CLI_OPT_WORD_ALIGNMENTS].given;
}

static enum err_code find_format(size_t *out, const char *id, struct err *e) {
    const char *names[N_FORMATS];
    for (size_t i = 0; i < N_FORMATS; i++) {
        names[i] = formats[i].id;
        if (strcmp(formats[i].id, id) == 0) {
            *out = i;
            return ERR_OK;
        }
    }
    return cli_unknown("--alignments: unknown form", id, names, N_FORMATS, "there is pharaoh", e);
}

static enum err_code find_way(const struct word_alignment_way **out, const char *id,
                              struct err *e) {
    const char *names[16];
    size_t n;
    const struct word_alignment_way *ways = word_alignment_ways(&n);
    *out = word_alignment_way_find(id);
    if (*out)
        return ERR_OK;
    for (size_t i = 0; i < n && i < 16; i++)
        names[i] = ways[i].id;
    return cli_unknown("--alignment_symmetrize: unknown way", id, names, n,
                       "see 'tinseq list symmetrizations'", e);
}

static enum err_code read_how(struct word_alignment_how *how, const struct cli_arguments *a,
                              struct err *e) {
    const char *threshold = cli_text(a, CLI_OPT_ALIGNMENT_THRESHOLD),
               *way = cli_text(a, CLI_OPT_ALIGNMENT_SYMMETRIZE);
    size_t n;
    char *end = NULL;
    *how = (struct word_alignment_how){.way = word_alignment_ways(&n)};
    enum err_code code = way ? find_way(&how->way, way, e) : ERR_OK;
    if (code || !threshold)
        return code;
    how->threshold = strtod(threshold, &end);
    if (end != threshold && !*end && how->threshold > 0 && how->threshold <= 1)
        return ERR_OK;
    char *shown = text_sanitise(threshold, strlen(threshold), false);
    (void)err_set(e, ERR_USAGE,
                  "--alignment_threshold is a share, more than 0 and at most 1, not \"%.40s\"",
                  shown);
    free(shown);
    return ERR_USAGE;
}

/* What is printed instead of the table already, or leaves no words of two texts. */
static enum err_code check_others(const struct cli_arguments *a, struct err *e) {
    static const struct {
        enum cli_option_id id;
        const char *name;
    } others[] = {{CLI_OPT_CSV, "--csv"},
                  {CLI_OPT_JSON, "--json"},
                  {CLI_OPT_SUMMARY, "--summary"},
                  {CLI_OPT_PAIR, "--pair"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (a->values[others[i].id].given)
            return err_set(e, ERR_USAGE, "--alignments or %s, not both", others[i].name);
    return ERR_OK;
}

enum err_code cli_alignments_check(const struct cli_arguments *a, struct err *e) {
    struct word_alignment_how how;
    size_t format;
    if (!cli_aligns(a)) {
        if (a->values[CLI_OPT_ALIGNMENT_THRESHOLD].given ||
            a->values[CLI_OPT_ALIGNMENT_SYMMETRIZE].given)
            return err_set(e, ERR_USAGE,
                           "--alignment_threshold and --alignment_symmetrize say how words are "
                           "aligned: they need --alignments pharaoh");
        return ERR_OK;
    }
    enum err_code code = find_format(&format, cli_text(a, CLI_OPT_WORD_ALIGNMENTS), e);
    if (code)
        return code;
    code = check_others(a, e);
    if (code)
        return code;
    return read_how(&how, a, e);
}

enum err_code cli_alignments_check_model(const struct cli_arguments *a, bool encoder_decoder,
                                         struct err *e) {
    if (!cli_aligns(a) || encoder_decoder)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "--alignments pairs words of a source with words of a text: a decoder-only "
                   "model has no source, its rows are its own text");
}

static void tell(struct info_texts *told, int64_t n) {
    if (n == 0)
        return;
    char *text = mem_format("Words of the text that are in no pair, because nothing of the source "
                            "counts for them, or not as much as is asked: %lld.",
                            (long long)n);
    info_texts_add(told, text);
    free(text);
}

static enum err_code put_line(struct text_buffer *b, int64_t *unpaired,
                              const struct attribution_sequence *s, size_t format,
                              const struct word_alignment_how *how, struct err *e) {
    struct attribution_sequence flat;
    struct word_alignment pairs = {0};
    enum err_code code = aggregate_default(&flat, s, e);
    if (code)
        return code;
    code = word_alignment_of(&pairs, &flat, how, e);
    if (code)
        goto out;
    formats[format].write(b, &pairs);
    *unpaired += word_alignment_unpaired(&pairs, &flat);
out:
    word_alignment_dispose(&pairs);
    attribution_sequence_dispose(&flat);
    return code;
}

enum err_code cli_alignments_print(const struct attribution *shown, const struct cli_arguments *a,
                                   struct info_texts *told, struct err *e) {
    struct text_buffer b = {0};
    struct word_alignment_how how;
    int64_t unpaired = 0;
    size_t format;
    enum err_code code = find_format(&format, cli_text(a, CLI_OPT_WORD_ALIGNMENTS), e);
    if (code)
        return code;
    code = read_how(&how, a, e);
    for (size_t i = 0; i < shown->n_sequences && !code; i++)
        code = put_line(&b, &unpaired, &shown->sequences[i], format, &how, e);
    if (code)
        goto out;
    tell(told, unpaired);
    code = cli_print(b.text, b.n, e);
out:
    text_buffer_dispose(&b);
    return code;
}

/* Which part of what the model wrote is the output's context. As prepare_outputs of Inseq 0.7.1's
 * attribute_context_helpers.py tries it (the template's words, two sentences, an encoder that
 * aligns a translation with the input's context), but that the text stays as the model wrote it: a
 * mark behind the context belongs to it, where there one character is lost. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"
#include "methods/request/align.h"

#include <stdlib.h>
#include <string.h>

/* What may stand between two sentences, besides blanks. */
#define PUNCTUATION ".?!,;:)]}"

/* The first of exactly two parts with `separator` between them; NULL: it does not part so. */
static char *first_of_two(const char *text, const char *separator) {
    const char *at = *separator ? strstr(text, separator) : NULL;
    if (!at || strstr(at + strlen(separator), separator))
        return NULL;
    return at == text ? NULL : mem_text_n(text, (size_t)(at - text));
}

/* The same with runs of punctuation and blanks between; those at the ends part nothing. */
static char *first_of_sentences(const char *text) {
    static const char all[] = PUNCTUATION CONTEXT_BLANKS;
    size_t n = 0, first = 0;
    for (const char *at = text + strspn(text, all); *at;) {
        at += strcspn(at, all);
        if (!n++)
            first = (size_t)(at - text);
        at += strspn(at, all);
    }
    return n == 2 ? mem_text_n(text, first) : NULL;
}

/* What an encoder aligns with the input's context rather than with its current text. Where there is
 * none, nothing is found, and `lacks` says so. */
static enum err_code first_of_translation(char **out, struct err *lacks, const char *text,
                                          const struct context_request *r,
                                          const struct context_events *events,
                                          const struct run_ctl *ctl, struct err *e) {
    struct aligner aligner = {0};
    struct context_filled input = {0};
    size_t end = 0;
    enum err_code code = context_fill(&input, "--input_template", context_input_template(r),
                                      r->input_current, r->input_context, e);
    if (code || aligner_find(&aligner, &(struct alignment){.rule = ALIGN_AUTO}, lacks))
        goto out;
    code = aligner_part(&aligner, &end, input.text, input.context.from, input.context.to, text, ctl,
                        e);
    if (code)
        goto out;
    char *notice = aligner_notice(&aligner, "The output");
    if (notice)
        context_tell(events, "%s", notice);
    free(notice);
    if (end)
        *out = mem_text_n(text, end);
out:
    aligner_dispose(&aligner);
    free(input.text);
    return code;
}

static bool follows(const char *text, size_t n, const char *words) {
    return strncmp(text + n, words, strlen(words)) == 0;
}

/* With the marks behind it, where the template's words follow these. */
static void take_marks(char **found, const char *text, const char *words) {
    size_t n = *found ? strlen(*found) : 0;
    if (!*found || strncmp(text, *found, n) != 0)
        return;
    const size_t end = n + strspn(text + n, PUNCTUATION);
    while (n < end && !follows(text, n, words))
        n++;
    if (follows(text, n, words))
        mem_replace(found, mem_text_n(text, n));
}

static enum err_code find(char **out, struct err *lacks, const char *text, const char *words,
                          struct model *m, const struct context_request *r,
                          const struct context_events *events, const struct run_ctl *ctl,
                          struct err *e) {
    enum err_code code = ERR_OK;
    *out = first_of_two(text, words);
    if (!*out)
        *out = first_of_sentences(text);
    if (!*out && model_config(m)->encoder_decoder && r->input_context)
        code = first_of_translation(out, lacks, text, r, events, ctl, e);
    take_marks(out, text, words);
    return code;
}

static enum err_code not_known(const struct context_request *r, const char *text,
                               const struct err *lacks, struct err *e) {
    const char *why = "";
    if (r->strategy != CONTEXT_AUTO)
        why = ", and there is no terminal to ask on (--handle_output_context_strategy auto)";
    else if (lacks->code)
        why = " (no encoder to align it with the input's context is on this machine: \"make models "
              "ALIGN=1\" fetches one)";
    return err_set(e, ERR_USAGE,
                   "which part of the output \"%.80s\" is its context is not known%s: give it with "
                   "--output_context_text",
                   text, why);
}

/* What a person says, or what was found. */
static enum err_code choose(char **context, char *found, const char *text, const struct err *lacks,
                            const struct context_request *r, const struct context_events *events,
                            const struct run_ctl *ctl, struct err *e) {
    if (r->strategy == CONTEXT_AUTO)
        *context = mem_text(found);
    else if (events && events->ask_context)
        *context = events->ask_context(events->base.user, text, found);
    if (run_cancelled(ctl))
        return err_set(e, ERR_CANCELLED, "cancelled");
    if (!*context)
        return not_known(r, text, lacks, e);
    if (strncmp(text, *context, strlen(*context)) != 0)
        return err_set(e, ERR_USAGE,
                       "the output \"%.80s\" does not begin with the context \"%.80s\"", text,
                       *context);
    return ERR_OK;
}

enum err_code context_part(char **context, char **text, struct model *m,
                           const struct context_request *r, const struct context_events *events,
                           const struct run_ctl *ctl, struct err *e) {
    struct context_frame frame = context_frame_of(context_output_template(r));
    const char *words = frame.between;
    char *found = NULL;
    struct err lacks = {0};
    *context = NULL;
    enum err_code code = find(&found, &lacks, *text, words, m, r, events, ctl, e);
    if (code)
        goto out;
    code = choose(context, found, *text, &lacks, r, events, ctl, e);
    if (code)
        goto out;
    const size_t n = strlen(*context);
    const bool whole = follows(*text, n, words);
    if (!whole)
        context_tell(events,
                     "Between context and output the template has \"%.40s\", where the model wrote "
                     "\"%.40s\".",
                     words, *text + n);
    mem_replace(text, mem_text(*text + n + (whole ? strlen(words) : 0)));
out:
    context_frame_dispose(&frame);
    free(found);
    return code;
}

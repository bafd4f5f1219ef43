/* How a contrast is aligned, and what of a span is explained. */
#include "app/form/own.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct form_choice alignments[] = {{CHOICE_ALIGN_END, "from the end"},
                                                {"position", "by position"},
                                                {"diff", "by what they share"},
                                                {"auto", "by meaning (an encoder)"},
                                                {CHOICE_PAIRS, "by hand"}};
static const struct form_choice reductions[] = {{"sum", "sum"}, {"mean", "mean"}};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static void add_alignment(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)of;
    struct form_field *field = form_add(
        f, FIELD_ALIGNMENT, FORM_CHOICE, GROUP_CONTRAST, "Alignment",
        "Which token of the contrast each step is held against: counted from the end (as Inseq "
        "does), by position, by what the texts share, by meaning with an encoder model, or pairs "
        "given by hand.",
        NULL);
    form_field_choices(field, alignments, COUNT(alignments));
    form_keep(f, before, FIELD_ALIGNMENT);
    if (strcmp(form_chosen(f, FIELD_ALIGNMENT), CHOICE_PAIRS) == 0)
        form_add(f, FIELD_PAIRS, FORM_TEXT, GROUP_CONTRAST, "  pairs",
                 "Positions as a JSON list of [target, contrast]; steps that are not listed are "
                 "counted from the end.",
                 "[[6, 6], [7, 8]]");
}

static void fill_alignment(struct form_fields *f, const struct attribute_request *r) {
    const struct alignment *a = &r->contrast_alignment;
    char *text = alignment_text(a);
    const char *rule = text ? text : CHOICE_ALIGN_END;
    form_field_choose(form_find(&f->form, FIELD_ALIGNMENT),
                      a->rule == ALIGN_PAIRS ? CHOICE_PAIRS : rule);
    form_fields_refresh(f);
    form_set_text(f, FIELD_PAIRS, text);
    free(text);
}

static enum err_code collect_alignment(struct attribute_request *out, struct form_fields *f,
                                       struct err *e) {
    const char *rule = form_chosen(&f->form, FIELD_ALIGNMENT);
    struct form_field *pairs = form_find(&f->form, FIELD_PAIRS);
    struct err ignored;
    if (!pairs)
        return strcmp(rule, CHOICE_ALIGN_END) == 0
                   ? ERR_OK
                   : alignment_parse(&out->contrast_alignment, rule, e);
    if (alignment_parse(&out->contrast_alignment, edit_text(&pairs->edit), &ignored) == ERR_OK &&
        out->contrast_alignment.rule == ALIGN_PAIRS)
        return ERR_OK;
    return form_fail(f, pairs, e, "not a list of pairs such as [[6, 6], [7, 8]]");
}

const struct own_field own_ALIGNMENT = {add_alignment, fill_alignment, collect_alignment};

static void add_reduce(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)before, (void)of;
    struct form_field *field =
        form_add(f, FIELD_SPAN_REDUCE, FORM_CHOICE, GROUP_STEPS, "  of a span",
                 "What is explained of the function over a span's tokens.", NULL);
    form_field_choices(field, reductions, COUNT(reductions));
}

static void fill_reduce(struct form_fields *f, const struct attribute_request *r) {
    form_field_choose(form_find(&f->form, FIELD_SPAN_REDUCE), span_reduce_name(&r->span));
}

static enum err_code collect_reduce(struct attribute_request *out, struct form_fields *f,
                                    struct err *e) {
    if (!span_given(&out->span))
        return ERR_OK;
    return span_reduce_parse(&out->span, form_chosen(&f->form, FIELD_SPAN_REDUCE), e);
}

const struct own_field own_SPAN_REDUCE = {add_reduce, fill_reduce, collect_reduce};

void form_fields_set_span(struct form_fields *f, const struct span *span) {
    char *text = span_text(span);
    form_set_text(f, FIELD_SPAN, text);
    form_bind_span(f);
    form_field_choose(form_find(&f->form, FIELD_SPAN_REDUCE), span_reduce_name(span));
    free(text);
    if (!span_given(span))
        return;
    form_set_text(f, FIELD_START, NULL);
    form_set_text(f, FIELD_END, NULL);
}

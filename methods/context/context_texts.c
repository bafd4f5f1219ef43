/* Templates, and the tokens of texts with and without their context. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void context_tell(const struct context_events *events, const char *format, ...) {
    if (!events || !events->base.notice)
        return;
    char text[ERR_MESSAGE_SIZE];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    events->base.notice(events->base.user, text);
}

/* --- templates --------------------------------------------------------------------------- */

/* A brace of the text's own. */
static bool is_brace(const char *at) {
    return strncmp(at, "{{", 2) == 0 || strncmp(at, "}}", 2) == 0;
}

size_t context_template_count(const char *template, const char *placeholder) {
    size_t n = 0;
    for (const char *at = template; *at; at += is_brace(at) ? 2 : 1)
        n += !is_brace(at) && strncmp(at, placeholder, strlen(placeholder)) == 0;
    return n;
}

bool context_template_has(const char *template, const char *placeholder) {
    return context_template_count(template, placeholder) > 0;
}

static const char *template_or_usual(const char *template, const char *context) {
    if (template)
        return template;
    return context ? "{context} {current}" : "{current}";
}

const char *context_input_template(const struct context_request *r) {
    return template_or_usual(r->input_template, r->input_context);
}

const char *context_output_template(const struct context_request *r) {
    return template_or_usual(r->output_template, r->output_context);
}

static struct context_range put(struct text_buffer *b, const char *text) {
    const size_t from = b->n;
    text_buffer_puts(b, text);
    return (struct context_range){true, from, b->n};
}

/* The placeholder or brace at `at`; how many bytes of the template it takes, 0: it is neither. */
static size_t fill_one(struct context_filled *out, struct text_buffer *b, const char *at,
                       const char *current, const char *context) {
    static const char of_current[] = "{current}", of_context[] = "{context}";
    if (is_brace(at)) {
        text_buffer_add(b, at, 1);
        return 2;
    }
    if (strncmp(at, of_current, strlen(of_current)) == 0) {
        out->current = put(b, current);
        return strlen(of_current);
    }
    if (context && strncmp(at, of_context, strlen(of_context)) == 0) {
        out->context = put(b, context);
        return strlen(of_context);
    }
    return 0;
}

enum err_code context_fill(struct context_filled *out, const char *name, const char *template,
                           const char *current, const char *context, struct err *e) {
    struct text_buffer b = {0};
    *out = (struct context_filled){0};
    for (const char *at = template; *at;) {
        const size_t plain = strcspn(at, "{}");
        text_buffer_add(&b, at, plain);
        at += plain;
        const size_t taken = *at ? fill_one(out, &b, at, current, context) : 0;
        if (*at && !taken) {
            text_buffer_dispose(&b);
            return err_set(e, ERR_USAGE,
                           "%s: at \"%.40s\": it may have {current}%s; braces of its own are {{ "
                           "and }}",
                           name, at, context ? " and {context}" : " alone");
        }
        at += taken;
    }
    out->text = text_buffer_take(&b);
    if (out->current.given)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "%s lacks {current}: \"%.100s\"", name, template);
}

struct context_frame context_frame_of(const char *template) {
    struct context_filled f;
    struct err checked_before;
    struct context_frame out = {0};
    (void)!context_fill(&f, "template", template, "", "", &checked_before);
    const size_t end = f.context.given ? f.context.from : f.current.from;
    out.before = mem_text_n(f.text, end);
    out.between = mem_text_n(f.text + end, f.current.from - end);
    out.behind = mem_text(f.text + f.current.to);
    free(f.text);
    return out;
}

void context_frame_dispose(struct context_frame *f) {
    free(f->before);
    free(f->between);
    free(f->behind);
    *f = (struct context_frame){0};
}

static const char *separator_of(const struct context_request *r) {
    return r->separator ? r->separator : " ";
}

static bool ends_with(const char *text, const char *end) {
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

const char *context_between(const struct context_request *r, const char *before,
                            const char *after) {
    const char *separator = separator_of(r);
    const bool there =
        ends_with(before, separator) || strncmp(after, separator, strlen(separator)) == 0;
    return there ? "" : separator;
}

/* --- tokens ------------------------------------------------------------------------------ */

static bool kept(const struct context_request *r, const char *piece) {
    for (size_t i = 0; i < r->keep.n; i++)
        if (strcmp(r->keep.items[i], piece) == 0)
            return true;
    return false;
}

static void add(struct token_list *to, const struct token *t) {
    token_list_add(to, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    to->items[to->n - 1].from = t->from;
    to->items[to->n - 1].to = t->to;
}

enum err_code context_encode(struct token_list *out, const struct model *m,
                             const struct context_request *r, const struct context_events *events,
                             enum text_side side, const char *text, struct err *e) {
    const int32_t bos = model_config(m)->bos_token_id;
    struct token_list all = {0};
    enum err_code code =
        tokenizer_encode(model_tokenizer(m), side, text, strlen(text), true, &all, e);
    for (size_t i = 0; i < all.n && !code; i++) {
        const struct token *t = &all.items[i];
        const bool doubled = i == 1 && bos >= 0 && t->id == bos && all.items[0].id == bos,
                   written = t->special && !token_is_unknown(t) && t->to > t->from;
        if (doubled)
            continue;
        if (written && !kept(r, t->piece))
            context_tell(events,
                         "The special token %s in the texts is left out; --special_tokens_to_keep "
                         "keeps it.",
                         t->piece);
        else
            add(out, t);
    }
    token_list_dispose(&all);
    return code;
}

enum err_code context_decode(char **out, const struct model *m, const struct context_request *r,
                             const int32_t *ids, size_t n, struct err *e) {
    const struct tokenizer *tokenizer = model_tokenizer(m);
    struct token_list tokens = {0};
    int32_t *left = mem_alloc((n + 1) * sizeof *left);
    size_t n_left = 0;
    enum err_code code = ERR_OK;
    *out = NULL;
    for (size_t i = 0; i < n && !code; i++)
        code = tokenizer_token(tokenizer, TEXT_TARGET, ids[i], &tokens, e);
    for (size_t i = 0; i < n && !code; i++)
        if (!tokens.items[i].special || token_is_unknown(&tokens.items[i]) ||
            kept(r, tokens.items[i].piece))
            left[n_left++] = ids[i];
    if (!code)
        code = tokenizer_decode(tokenizer, TEXT_TARGET, left, n_left, false, out, e);
    token_list_dispose(&tokens);
    free(left);
    return code;
}

/* The mark of a word's beginning, where it is a piece of its own. */
static bool begins_word(const struct token *t) {
    return !t->special && strcmp(t->piece, "\xE2\x96\x81") == 0;
}

/* The tokens, from `offset` on those of a text, whose last byte is in a range: what has only its
 * blank before it belongs to what follows, and so does the mark of that blank. */
static struct context_span span_of(const struct token_place *places, const struct token_list *list,
                                   struct context_range range, int64_t offset) {
    const size_t n = list->n;
    struct context_span s = {0};
    for (size_t i = 0; i < n && range.given; i++) {
        const struct token_place *p = &places[i];
        if (!p->known || p->to == p->from || p->to - 1 < range.from || p->to - 1 >= range.to)
            continue;
        if (!s.given)
            s = (struct context_span){true, offset + (int64_t)i, 0};
        s.to = offset + (int64_t)i + 1;
    }
    if (s.given && s.from > offset && begins_word(&list->items[s.from - offset - 1]))
        s.from--;
    return s;
}

static struct context_range moved(struct context_range r, size_t by) {
    return (struct context_range){r.given, r.from + by, r.to + by};
}

/* Each document of the input's context. A token that two of them share is the later one's. */
static void find_documents(struct context_side *out, const struct context_request *r,
                           const struct token_place *places, const struct token_list *list,
                           struct context_range context) {
    int64_t behind = 0;
    if (!context.given || !r->n_documents)
        return;
    out->documents = mem_alloc(r->n_documents * sizeof *out->documents);
    for (size_t i = 0; i < r->n_documents; i++) {
        struct context_span *s = &out->documents[i];
        *s = span_of(places, list, moved(r->documents[i], context.from), 0);
        s->from = s->given && s->from > behind ? s->from : behind;
        s->to = s->given ? s->to : behind;
        behind = s->to;
    }
}

/* A context that has no token of its own is still one, of nothing. */
static struct context_span context_of(const struct token_place *places,
                                      const struct token_list *list, struct context_range range,
                                      int64_t offset) {
    struct context_span s = span_of(places, list, range, offset);
    s.given = range.given;
    return s;
}

static enum err_code make_source(struct context_side *out, const struct model *m,
                                 const struct context_request *r,
                                 const struct context_events *events,
                                 const struct context_filled *input, struct err *e) {
    enum err_code code =
        context_encode(&out->tokens.source, m, r, events, TEXT_SOURCE, input->text, e);
    if (code)
        return code;
    const size_t n = out->tokens.source.n;
    struct token_place *places = mem_alloc((n + 1) * sizeof *places);
    token_places(places, &out->tokens.source, input->text, strlen(input->text));
    out->input_context = context_of(places, &out->tokens.source, input->context, 0);
    find_documents(out, r, places, &out->tokens.source, input->context);
    free(places);
    return ERR_OK;
}

/* The target's tokens; `start`: those before the text's. */
static enum err_code make_target(struct context_side *out, const struct model *m,
                                 const struct context_request *r,
                                 const struct context_events *events, struct err *e) {
    const struct model_config *c = model_config(m);
    struct token_list text = {0};
    enum err_code code = context_encode(&text, m, r, events, TEXT_TARGET, out->text, e);
    if (!code && c->encoder_decoder)
        code = tokenizer_token(model_tokenizer(m), TEXT_TARGET, c->decoder_start_token_id,
                               &out->tokens.target, e);
    for (size_t i = 0; i < text.n && !code; i++)
        add(&out->tokens.target, &text.items[i]);
    token_list_dispose(&text);
    return code;
}

/* Where texts of a side of n tokens from `offset` on are. */
static void find_spans(struct context_side *out, const struct context_request *r,
                       const struct context_filled *input, const struct context_filled *output,
                       size_t prompt, int64_t offset) {
    const struct token_list text = {out->tokens.target.items + offset,
                                    out->tokens.target.n - (size_t)offset};
    struct token_place *places = mem_alloc((text.n + 1) * sizeof *places);
    token_places(places, &text, out->text, strlen(out->text));
    const struct context_span current =
        span_of(places, &text, moved(output->current, prompt), offset);
    out->output_context = context_of(places, &text, moved(output->context, prompt), offset);
    if (!offset) {
        out->input_context = context_of(places, &text, input->context, 0);
        find_documents(out, r, places, &text, input->context);
    }
    out->tokens.attr_pos_start = current.from;
    out->tokens.attr_pos_end = current.to;
    free(places);
}

enum err_code context_side_make(struct context_side *out, const struct model *m,
                                const struct context_request *r,
                                const struct context_events *events,
                                const struct context_filled *input, const char *between,
                                const struct context_filled *output, struct err *e) {
    const bool two = model_config(m)->encoder_decoder;
    enum err_code code = ERR_OK;
    *out = (struct context_side){0};
    out->text =
        two ? mem_text(output->text) : mem_format("%s%s%s", input->text, between, output->text);
    out->input = mem_text(input->text);
    if (two)
        code = make_source(out, m, r, events, input, e);
    if (code)
        return code;
    code = make_target(out, m, r, events, e);
    if (code)
        return code;
    const size_t prompt = two ? 0 : strlen(input->text) + strlen(between);
    find_spans(out, r, input, output, prompt, two);
    out->current_at = prompt + output->current.from;
    if (out->tokens.attr_pos_end <= out->tokens.attr_pos_start)
        return err_set(e, ERR_USAGE, "the output's current text has no tokens: \"%.80s\"",
                       output->text);
    if (out->tokens.attr_pos_start < 1)
        return err_set(e, ERR_USAGE, "nothing stands before the output: give an input");
    for (int64_t i = 0; i < out->tokens.attr_pos_start && !two; i++)
        add(&out->tokens.source, &out->tokens.target.items[i]);
    return ERR_OK;
}

void context_side_dispose(struct context_side *s) {
    attribution_sequence_dispose(&s->tokens);
    free(s->text);
    free(s->input);
    free(s->documents);
    *s = (struct context_side){0};
}

/* The texts of a request as tokens: the input, what is forced, and what it is held against. */
#include "methods/request/attribute_job.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/foil_resolve.h"
#include "methods/request/positions.h"

#include <stdlib.h>
#include <string.h>

void job_tell(const struct attribute_job *j, struct run_arguments *a, const char *text) {
    if (j->events && j->events->notice)
        j->events->notice(j->events->user, text);
    if (a)
        run_arguments_tell(a, text);
}

void job_add_prefix(struct token_list *to, const struct token_list *from, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        const struct token *t = &from->items[i];
        token_list_add(to, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    }
}

void job_take_given(struct attribute_job *j) {
    const struct attribution_sequence *s = j->given;
    const bool two = j->config->encoder_decoder;
    const char *input = j->request->input_text;
    j->input_text = mem_text(input ? input : "");
    j->text = j->known ? mem_text(j->known->text) : NULL;
    j->n_prompt = two ? 1 : s->attr_pos_start;
    token_list_append(&j->target, &s->target);
    if (two)
        token_list_append(&j->source, &s->source);
    else
        job_add_prefix(&j->source, &s->target, s->attr_pos_start);
}

void job_dispose(struct attribute_job *j) {
    run_arguments_dispose(&j->arguments);
    aligner_dispose(&j->aligner);
    token_list_dispose(&j->source);
    token_list_dispose(&j->target);
    token_list_dispose(&j->written);
    token_list_dispose(&j->contrast);
    token_list_dispose(&j->contrast_source);
    result_info_dispose(&j->info);
    free(j->log_probabilities);
    free(j->alignment);
    free(j->input_text);
    free(j->text);
}

/* --- texts ------------------------------------------------------------------------------- */

/* Every occurrence of a piece; true: there was one. */
static bool remove_piece(char *text, const char *piece) {
    const size_t length = strlen(piece);
    bool found = false;
    for (char *at = text; length && (at = strstr(at, piece)); found = true)
        memmove(at, at + length, strlen(at + length) + 1);
    return found;
}

/* Takes the strings of special tokens out of a text, as Inseq does where skip_special_tokens is
 * set. An unknown character is a special token too, but its piece is not in the text. */
static enum err_code remove_special(const struct attribute_job *j, enum text_side side, char *text,
                                    struct err *e) {
    for (bool found = true; found;) {
        struct token_list tokens = {0};
        enum err_code code =
            tokenizer_encode(j->tokenizer, side, text, strlen(text), false, &tokens, e);
        found = false;
        for (size_t i = 0; i < tokens.n && !code; i++)
            if (tokens.items[i].special)
                found |= remove_piece(text, tokens.items[i].piece);
        token_list_dispose(&tokens);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* Encodes one text. skip_special_tokens adds no special tokens; a doubled BOS at the beginning
 * loses one. */
static enum err_code encode(const struct attribute_job *j, enum text_side side, const char *text,
                            struct token_list *out, struct err *e) {
    struct token_list all = {0};
    enum err_code code = tokenizer_encode(j->tokenizer, side, text, strlen(text),
                                          !j->arguments.skip_special, &all, e);
    int32_t bos = j->config->bos_token_id;
    for (size_t i = 0; i < all.n && !code; i++) {
        const struct token *t = &all.items[i];
        bool doubled = i == 1 && bos >= 0 && t->id == bos && all.items[0].id == bos;
        if (!doubled)
            token_list_add(out, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    }
    token_list_dispose(&all);
    return code;
}

enum err_code job_encode_target(const struct attribute_job *j, const char *text,
                                struct token_list *out, struct err *e) {
    const struct model_config *c = j->config;
    enum err_code code = ERR_OK;
    if (c->encoder_decoder)
        code = tokenizer_token(j->tokenizer, TEXT_TARGET, c->decoder_start_token_id, out, e);
    if (code)
        return code;
    return encode(j, TEXT_TARGET, text, out, e);
}

/* Whether an unknown token before the i-th stands for the same. */
static bool told_before(const struct token_list *tokens, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (token_is_unknown(&tokens->items[k]) &&
            strcmp(tokens->items[k].printable, tokens->items[i].printable) == 0)
            return true;
    return false;
}

void job_tell_of_unknown(struct attribute_job *j, const char *what,
                         const struct token_list *tokens) {
    struct text_buffer b = {0};
    size_t n = 0;
    for (size_t i = 0; i < tokens->n; i++) {
        const struct token *t = &tokens->items[i];
        if (!token_is_unknown(t) || told_before(tokens, i))
            continue;
        char *text = text_sanitise(t->bytes, t->n_bytes, true);
        text_buffer_format(&b, "%s\"%s\"", n++ ? ", " : "", text);
        free(text);
    }
    if (!n)
        return;
    char *list = text_buffer_take(&b),
         *notice = mem_format("The model's vocabulary lacks %s of %s: it reads an unknown token "
                              "there, whatever it was.",
                              list, what);
    job_tell(j, &j->arguments, notice);
    free(notice);
    free(list);
}

/* The text that an empty prompt stands for. */
static enum err_code take_bos(struct attribute_job *j, struct err *e) {
    struct token_list bos = {0};
    if (j->config->bos_token_id < 0)
        return err_set(e, ERR_USAGE,
                       "the prompt is empty, and this model has no beginning-of-sequence token to "
                       "start from");
    enum err_code code =
        tokenizer_token(j->tokenizer, TEXT_TARGET, j->config->bos_token_id, &bos, e);
    if (code)
        goto out;
    mem_replace(&j->input_text, mem_text(bos.items[0].piece));
    j->was_empty = true;
out:
    token_list_dispose(&bos);
    return code;
}

enum err_code job_encode_input(struct attribute_job *j, struct err *e) {
    const bool two = j->config->encoder_decoder;
    const enum text_side side = two ? TEXT_SOURCE : TEXT_TARGET;
    enum err_code code = ERR_OK;
    if (!j->request->input_text)
        return err_set(e, ERR_USAGE, "no input text is given");
    j->input_text = mem_text(j->request->input_text);
    if (j->arguments.skip_special)
        code = remove_special(j, side, j->input_text, e);
    if (code)
        return code;
    if (!*j->input_text && !two)
        code = take_bos(j, e);
    if (code)
        return code;
    code = encode(j, side, j->input_text, &j->source, e);
    if (!code && two)
        job_tell_of_unknown(j, "the input", &j->source);
    return code;
}

enum err_code job_encode_prefix(const struct attribute_job *j, int32_t first, int32_t **ids,
                                int64_t *n, struct err *e) {
    struct token_list tokens = {0};
    char *text = mem_text(j->request->generated_text);
    enum err_code code = ERR_OK;
    *ids = NULL;
    *n = 0;
    if (j->arguments.skip_special)
        code = remove_special(j, TEXT_TARGET, text, e);
    if (code)
        goto out;
    code = tokenizer_encode(j->tokenizer, TEXT_TARGET, text, strlen(text), false, &tokens, e);
    if (code)
        goto out;
    *ids = mem_alloc((tokens.n + 1) * sizeof **ids);
    if (first >= 0 && tokens.n)
        (*ids)[(*n)++] = first;
    for (size_t i = 0; i < tokens.n; i++)
        (*ids)[(*n)++] = tokens.items[i].id;
out:
    token_list_dispose(&tokens);
    free(text);
    return code;
}

enum err_code job_take_forced(struct attribute_job *j, struct err *e) {
    const char *input = j->input_text;
    enum err_code code = ERR_OK;
    j->text = mem_text(j->request->generated_text);
    if (j->arguments.skip_special)
        code = remove_special(j, TEXT_TARGET, j->text, e);
    if (code || j->config->encoder_decoder || strncmp(j->text, input, strlen(input)) == 0)
        return code;
    if (!j->was_empty)
        return err_set(
            e, ERR_USAGE,
            "a forced text of a decoder-only model must start with the prompt, letter for letter");
    mem_replace(&j->text, mem_format("%s %s", input, j->text));
    return ERR_OK;
}

enum err_code job_positions(const struct attribute_job *j, int64_t n, int64_t n_prompt,
                            int64_t *start, int64_t *end, struct err *e) {
    struct attribute_request placed = *j->request;
    if (j->given) {
        *start = j->given->attr_pos_start;
        *end = j->given->attr_pos_end;
        return ERR_OK;
    }
    placed.span = j->arguments.span; /* options may have it */
    return positions_place(start, end, &placed, n, n_prompt, j->config->encoder_decoder, e);
}

/* Special tokens, and those that stand for nothing alone, keep their names. */
static enum err_code clean(struct token_list *list, const struct attribute_job *j,
                           enum text_side side, struct err *e) {
    struct token_list cleaned = {0};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < list->n && !code; i++) {
        const struct token *t = &list->items[i];
        char *text = NULL;
        if (!t->special)
            code = tokenizer_decode(j->tokenizer, side, &t->id, 1, false, &text, e);
        if (text && *text)
            token_list_add(&cleaned, t->id, false, text, text, strlen(text));
        else
            token_list_add(&cleaned, t->id, t->special, t->piece, t->bytes, t->n_bytes);
        free(text);
    }
    token_list_dispose(list);
    *list = cleaned;
    return code;
}

enum err_code job_clean(struct attribute_job *j, struct err *e) {
    const enum text_side side = j->config->encoder_decoder ? TEXT_SOURCE : TEXT_TARGET;
    enum err_code code = ERR_OK;
    if (!j->arguments.clean_special)
        return ERR_OK;
    code = clean(&j->source, j, side, e);
    if (code)
        return code;
    code = clean(&j->target, j, TEXT_TARGET, e);
    return code ? code : clean(&j->contrast, j, TEXT_TARGET, e);
}

/* --- positions and contrast -------------------------------------------------------------- */

static enum err_code add_foil(struct attribute_job *j, size_t i, int64_t start, struct err *e) {
    const struct foil_choice choice = foil_choice_at(&j->request->foil, i);
    const struct foil one = {j->request->foil.step, choice.id, choice.rank, choice.text, NULL, 0};
    char *notice;
    enum err_code code = foil_resolve(&j->foil_ids[i], &notice, j->model, &one, &j->source,
                                      &j->target, start, j->ctl, e);
    if (!code && notice)
        job_tell(j, &j->arguments, notice);
    free(notice);
    if (code)
        return code;
    for (size_t k = 0; k < i; k++)
        if (j->foil_ids[k] == j->foil_ids[i])
            return err_set(e, ERR_USAGE, "foils %zu and %zu of this step are the same token", k + 1,
                           i + 1);
    return tokenizer_token(j->tokenizer, TEXT_TARGET, j->foil_ids[i], &j->contrast, e);
}

/* The text before the one step, then the foils. */
static enum err_code align_foil(struct attribute_job *j, int64_t start, struct err *e) {
    enum err_code code = ERR_OK;
    job_add_prefix(&j->contrast, &j->target, start);
    for (size_t i = 0; i < foil_count(&j->request->foil) && !code; i++) {
        j->alignment[i] = start + (int64_t)i;
        code = add_foil(j, i, start, e);
    }
    return code;
}

static enum err_code encode_contrast_source(struct attribute_job *j, struct err *e) {
    const char *text = j->arguments.contrast_sources;
    if (!text)
        return ERR_OK;
    if (!j->config->encoder_decoder)
        return err_set(e, ERR_USAGE,
                       "contrast_sources is for encoder-decoder models; give a decoder-only one "
                       "its other context in contrast_targets");
    enum err_code code = encode(j, TEXT_SOURCE, text, &j->contrast_source, e);
    job_tell_of_unknown(j, "the contrast's source", &j->contrast_source);
    if (!code && j->contrast_source.n == 0)
        code =
            err_set(e, ERR_USAGE, "contrast_sources has no token; leave it out to keep the input");
    return code;
}

static enum err_code encode_contrast(struct attribute_job *j, struct err *e) {
    const struct contrast_ids *given = &j->arguments.contrast_ids;
    enum err_code code = ERR_OK;
    if (!given->ids)
        return job_encode_target(j, j->arguments.contrast_targets, &j->contrast, e);
    for (size_t i = 0; i < given->n && !code; i++) {
        if (given->ids[i] >= j->config->n_vocab)
            return err_set(e, ERR_USAGE,
                           "contrast_ids has #%d, and the model's vocabulary ends at #%lld",
                           given->ids[i], (long long)j->config->n_vocab - 1);
        code = tokenizer_token(j->tokenizer, TEXT_TARGET, given->ids[i], &j->contrast, e);
    }
    return code;
}

static enum err_code align_text(struct attribute_job *j, int64_t start, int64_t end,
                                struct err *e) {
    const struct run_arguments *a = &j->arguments;
    enum err_code code = encode_contrast(j, e);
    job_tell_of_unknown(j, "the contrast text", &j->contrast);
    if (code)
        return code;
    code = positions_align_by(j->alignment, &j->target, &j->contrast, start, end,
                              &a->contrast_alignment, e);
    if (code || !j->aligner.folder)
        return code;
    return aligner_run(&j->aligner, j->alignment, &j->target, &j->contrast, start, end, j->ctl, e);
}

/* The same text, run on its own. */
static void align_itself(struct attribute_job *j, int64_t start, int64_t end) {
    token_list_append(&j->contrast, &j->target);
    for (int64_t c = 0; c < end - start; c++)
        j->alignment[c] = start + c;
}

/* As whoever knows the text says. */
static void align_known(struct attribute_job *j, int64_t n_steps) {
    const struct attribute_text *known = j->known;
    if (!known->contrast)
        return;
    token_list_append(&j->contrast, known->contrast);
    if (known->contrast_source)
        token_list_append(&j->contrast_source, known->contrast_source);
    memcpy(j->alignment, known->alignment, (size_t)n_steps * sizeof *j->alignment);
}

enum err_code job_align(struct attribute_job *j, int64_t start, int64_t end, struct err *e) {
    const struct run_arguments *a = &j->arguments;
    j->alignment = mem_alloc((size_t)job_columns(j, start, end) * sizeof *j->alignment);
    if (j->known) {
        align_known(j, end - start);
        return ERR_OK;
    }
    if (foil_given(&j->request->foil))
        return align_foil(j, start, e);
    enum err_code code = encode_contrast_source(j, e);
    if (code)
        return code;
    if (run_arguments_contrast(a))
        return align_text(j, start, end, e);
    if (a->contrast_sources || a->contrast_force_inputs)
        align_itself(j, start, end);
    return ERR_OK;
}

static bool contrast_matters(const struct run_arguments *a) {
    bool asked = a->target.function->decl.contrastive && a->method->decl.needs_attributed_fn;
    for (size_t i = 0; i < a->n_scores; i++)
        asked |= a->scores[i].function->decl.contrastive;
    return asked;
}

void job_tell_of_positions(struct attribute_job *j, int64_t start, int64_t end) {
    bool merged = false;
    for (size_t i = 0; !j->config->encoder_decoder && i < j->source.n && i < j->target.n; i++)
        merged |= j->source.items[i].id != j->target.items[i].id;
    if (merged)
        job_tell(j, &j->arguments,
                 "The prompt's last tokens merge with what follows them: the first attributed "
                 "token is not the first generated one.");
    if (foil_given(&j->request->foil) || !run_arguments_contrast(&j->arguments) ||
        !contrast_matters(&j->arguments))
        return;
    if (!j->config->encoder_decoder && j->arguments.contrast_targets &&
        strncmp(j->arguments.contrast_targets, j->input_text, strlen(j->input_text)) != 0)
        job_tell(j, &j->arguments,
                 "The contrast text does not begin with the prompt: it is the whole text, prompt "
                 "included, that is compared.");
    else if (j->contrast.n != j->target.n && j->arguments.contrast_alignment.rule == ALIGN_END)
        job_tell(j, &j->arguments,
                 "The contrast text has another number of tokens than the attributed one: they are "
                 "aligned from the end.");
    char *split = foil_split_notice(&j->target, &j->contrast, start, end, j->alignment);
    if (split)
        job_tell(j, &j->arguments, split);
    free(split);
    char *notice = aligner_notice(&j->aligner, "The contrast");
    if (notice)
        job_tell(j, &j->arguments, notice);
    free(notice);
}

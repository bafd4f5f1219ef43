/* The texts of a request as tokens: the input, what is forced, and what it is held against. The
 * order of Inseq 0.7.1; see attribute.c. */
#include "methods/request/attribute_job.h"

#include "backend/base/mem.h"
#include "methods/request/foil_resolve.h"
#include "methods/request/positions.h"

#include <stdlib.h>
#include <string.h>

void job_tell(const struct job *j, struct run_arguments *a, const char *text) {
    if (j->events && j->events->notice)
        j->events->notice(j->events->user, text);
    if (a && a->n_notices < sizeof a->notices / sizeof a->notices[0])
        a->notices[a->n_notices++] = mem_text(text);
}

int32_t *job_ids(const struct token_list *tokens) {
    int32_t *ids = mem_alloc((tokens->n + 1) * sizeof *ids);
    for (size_t i = 0; i < tokens->n; i++)
        ids[i] = tokens->items[i].id;
    return ids;
}

/* --- texts ------------------------------------------------------------------------------- */

/* Takes the strings of special tokens out of a text, as Inseq does where skip_special_tokens is
 * set. */
static enum err_code remove_special(const struct job *j, enum text_side side, char *text,
                                    struct err *e) {
    enum err_code code = ERR_OK;
    for (bool found = true; found && code == ERR_OK;) {
        struct token_list tokens = {0};
        found = false;
        code = tokenizer_encode(j->tokenizer, side, text, strlen(text), false, &tokens, e);
        for (size_t i = 0; i < tokens.n && code == ERR_OK; i++) {
            const char *piece = tokens.items[i].piece; /* an unknown character is a special token
                                                          too, but its piece is not in the text */
            size_t length = strlen(piece);
            for (char *at = text; tokens.items[i].special && length && (at = strstr(at, piece));
                 found = true)
                memmove(at, at + length, strlen(at + length) + 1);
        }
        token_list_dispose(&tokens);
    }
    return code;
}

/* Encodes one text. skip_special_tokens adds no special tokens; a doubled BOS at the beginning
 * loses one. */
static enum err_code encode(const struct job *j, enum text_side side, const char *text,
                            struct token_list *out, struct err *e) {
    struct token_list all = {0};
    enum err_code code = tokenizer_encode(j->tokenizer, side, text, strlen(text),
                                          !j->request->skip_special_tokens, &all, e);
    int32_t bos = j->config->bos_token_id;
    for (size_t i = 0; i < all.n && code == ERR_OK; i++) {
        const struct token *t = &all.items[i];
        bool doubled = i == 1 && bos >= 0 && t->id == bos && all.items[0].id == bos;
        if (!doubled)
            token_list_add(out, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    }
    token_list_dispose(&all);
    return code;
}

/* The target side of a text: decoder start first for encoder-decoders. */
enum err_code job_encode_target(const struct job *j, const char *text, struct token_list *out,
                                struct err *e) {
    enum err_code code = ERR_OK;
    if (j->config->encoder_decoder)
        code =
            tokenizer_token(j->tokenizer, TEXT_TARGET, j->config->decoder_start_token_id, out, e);
    return code == ERR_OK ? encode(j, TEXT_TARGET, text, out, e) : code;
}

/* The input; an empty prompt of a decoder-only model becomes its BOS. */
enum err_code job_encode_input(struct job *j, struct err *e) {
    enum text_side side = j->config->encoder_decoder ? TEXT_SOURCE : TEXT_TARGET;
    if (!j->request->input_text)
        return err_set(e, ERR_USAGE, "no input text is given");
    j->input_text = mem_text(j->request->input_text);
    if (j->request->skip_special_tokens) {
        enum err_code code = remove_special(j, side, j->input_text, e);
        if (code != ERR_OK)
            return code;
    }
    if (!*j->input_text && !j->config->encoder_decoder) {
        struct token_list bos = {0};
        if (j->config->bos_token_id < 0)
            return err_set(e, ERR_USAGE,
                           "the prompt is empty, and this model has no beginning-of-sequence token "
                           "to start from");
        enum err_code code =
            tokenizer_token(j->tokenizer, TEXT_TARGET, j->config->bos_token_id, &bos, e);
        if (code != ERR_OK)
            return code;
        free(j->input_text);
        j->input_text = mem_text(bos.items[0].piece);
        j->was_empty = true;
        token_list_dispose(&bos);
    }
    return encode(j, side, j->input_text, &j->source, e);
}

/* A forced target. Decoder-only: with its prompt, which it must continue. */
enum err_code job_take_forced(struct job *j, struct err *e) {
    const char *input = j->input_text;
    j->text = mem_text(j->request->generated_text);
    enum err_code code =
        j->request->skip_special_tokens ? remove_special(j, TEXT_TARGET, j->text, e) : ERR_OK;
    if (code != ERR_OK || j->config->encoder_decoder || strncmp(j->text, input, strlen(input)) == 0)
        return code;
    if (!j->was_empty)
        return err_set(
            e, ERR_USAGE,
            "a forced text of a decoder-only model must start with the prompt, letter for letter");
    char *text = mem_format("%s %s", input, j->text);
    free(j->text);
    j->text = text;
    return ERR_OK;
}

/* --- positions and contrast -------------------------------------------------------------- */

/* The contrast's tokens and which of them each column is held against. */
enum err_code job_align(struct job *j, int64_t start, int64_t end, struct err *e) {
    const struct attribute_request *r = j->request;
    j->alignment = mem_alloc((size_t)(end - start) * sizeof *j->alignment);
    if (foil_given(&r->foil)) {
        for (int64_t i = 0; i < start; i++) {
            const struct token *t = &j->target.items[i];
            token_list_add(&j->contrast, t->id, t->special, t->piece, t->bytes, t->n_bytes);
        }
        j->alignment[0] = start;
        char *notice;
        enum err_code code = foil_resolve(&j->foil_id, &notice, j->model, &r->foil, &j->source,
                                          &j->target, start, j->ctl, e);
        if (code == ERR_OK && notice)
            job_tell(j, &j->arguments, notice);
        free(notice);
        return code == ERR_OK
                   ? tokenizer_token(j->tokenizer, TEXT_TARGET, j->foil_id, &j->contrast, e)
                   : code;
    }
    const struct run_arguments *a = &j->arguments;
    enum err_code code = ERR_OK;
    if (a->contrast_sources && !j->config->encoder_decoder)
        return err_set(e, ERR_USAGE,
                       "contrast_sources is for encoder-decoder models; give a decoder-only one "
                       "its other context in contrast_targets");
    if (a->contrast_sources)
        code = encode(j, TEXT_SOURCE, a->contrast_sources, &j->contrast_source, e);
    if (code == ERR_OK && a->contrast_sources && j->contrast_source.n == 0)
        return err_set(e, ERR_USAGE,
                       "contrast_sources has no token; leave it out to keep the input");
    if (code == ERR_OK && a->contrast_targets) {
        code = job_encode_target(j, a->contrast_targets, &j->contrast, e);
        if (code == ERR_OK)
            code = positions_align_by(j->alignment, &j->target, &j->contrast, start, end,
                                      &a->contrast_alignment, e);
        return code == ERR_OK && j->aligner.folder
                   ? aligner_run(&j->aligner, j->alignment, &j->target, &j->contrast, start, end,
                                 j->ctl, e)
                   : code;
    }
    if (code != ERR_OK || (!a->contrast_sources && !a->contrast_force_inputs))
        return code;
    token_list_append(&j->contrast, &j->target); /* the same text, run on its own */
    for (int64_t c = 0; c < end - start; c++)
        j->alignment[c] = start + c;
    return ERR_OK;
}

static bool contrast_matters(const struct run_arguments *a) {
    bool asked = a->target.function->decl.contrastive && a->method->decl.needs_attributed_fn;
    for (size_t i = 0; i < a->n_scores; i++)
        asked |= a->scores[i].function->decl.contrastive;
    return asked;
}

/* What a person may not expect of where tokens are. */
void job_tell_of_positions(struct job *j, int64_t start, int64_t end) {
    bool merged = false;
    for (size_t i = 0; !j->config->encoder_decoder && i < j->source.n && i < j->target.n; i++)
        merged |= j->source.items[i].id != j->target.items[i].id;
    if (merged)
        job_tell(j, &j->arguments,
                 "The prompt's last tokens merge with what follows them: the first attributed "
                 "token is not the first generated one.");
    if (foil_given(&j->request->foil) || !j->arguments.contrast_targets ||
        !contrast_matters(&j->arguments))
        return;
    if (!j->config->encoder_decoder &&
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
    char *notice = aligner_notice(&j->aligner);
    if (notice)
        job_tell(j, &j->arguments, notice);
    free(notice);
}

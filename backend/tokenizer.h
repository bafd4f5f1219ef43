/*
 * Text ↔ tokens: tokenizer.json of any family (the tokenizers library), the older files of
 * Transformers' classes, sentencepiece models, GGUF metadata, Marian's vocabularies. Immutable
 * after opening but for its languages: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZER_H
#define TINSEQ_BACKEND_TOKENIZER_H

#include "backend/base/err.h"
#include "backend/config.h"
#include "backend/token.h"

struct tokenizer;
struct weights;

/* Opens the tokenizer whose files lie beside (or, in GGUF, in) a model's weights: they decide on
 * its kind, not the architecture. It may correct the special ids in `config` when only the
 * tokenizer's files know them. Errors: IO, FORMAT, UNSUPPORTED (names the pre-tokenizer or model
 * type not known). */
enum err_code tokenizer_open(struct tokenizer **out, const struct model_files *f,
                             const struct weights *w, struct model_config *config,
                             struct err *e) ERR_CHECKED;
/* Opens the tokenizer of what `path` names: a model, whether or not it runs here, or a folder or
 * file of a tokenizer alone. kwargs: as in model_files, or NULL. *notice, owned by the caller: what
 * a person should know, or NULL. Errors as above. */
enum err_code tokenizer_open_path(struct tokenizer **out, const char *path, const char *kwargs,
                                  char **notice, struct err *e) ERR_CHECKED;
void tokenizer_free(struct tokenizer *t);
/* Cheap signs that it cannot be opened, for a list of models: why, owned by the caller; NULL: none,
 * though opening may still find more. */
char *tokenizer_problem(const struct model_files *f, const struct weights *w);

enum text_side {
    TEXT_SOURCE,
    TEXT_TARGET
}; /* Marian tokenizes the two with different models; others ignore it */

/* Encodes UTF-8 `text` as Transformers' tokenizer(text) does: special-token strings become those
 * tokens; BOS / EOS are added where the tokenizer adds them when `add_special`. ERR_FORMAT (with
 * the byte position) if `text` is not UTF-8. Tokens are appended to *out. */
enum err_code tokenizer_encode(const struct tokenizer *t, enum text_side side, const char *text,
                               size_t n_text, bool add_special, struct token_list *out,
                               struct err *e) ERR_CHECKED;

/* Appends the token of one id (its piece, bytes, special flag). An id beyond the vocabulary, which
 * a model whose table is longer can generate, stands for no text: its piece is "<id N>", and it is
 * special. ERR_FORMAT if the id is negative. */
enum err_code tokenizer_token(const struct tokenizer *t, enum text_side side, int32_t id,
                              struct token_list *out, struct err *e) ERR_CHECKED;

/* Decodes ids as Transformers' decode(ids, skip_special_tokens=…) does: valid UTF-8 (broken
 * sequences become U+FFFD), NUL-terminated, owned by the caller. ERR_FORMAT as above. */
enum err_code tokenizer_decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                               size_t n, bool skip_special, char **text, struct err *e) ERR_CHECKED;

/* The tokenizer of one side's texts, for what follows: `t`, unless the two sides have vocabularies
 * of their own. */
const struct tokenizer *tokenizer_of_side(const struct tokenizer *t, enum text_side side);

/* Languages whose tokens stand around a translator's texts. */
struct tokenizer_languages {
    char *names;        /* that the vocabulary has a token for, separated by spaces */
    const char *format; /* of such a token, the name for %s; NULL: the name itself */
    char *own[2];       /* by side: what the files or --tokenizer_kwargs say; NULL: they do not */
    int32_t ids[2];     /* by side: of the tokens that stand there now; −1: not known */
    bool in_front;      /* they stand in front of a text: generation begins with the target's */
};
/* NULL: it has none. Borrowed. */
const struct tokenizer_languages *tokenizer_languages(const struct tokenizer *t);
/* Makes a language that of a side's texts, for all that follows; NULL: the tokenizer's own. Not
 * while another thread uses it. ERR_USAGE: there is no such language. */
enum err_code tokenizer_speak(struct tokenizer *t, const char *source, const char *target,
                              struct err *e) ERR_CHECKED;

int64_t tokenizer_vocab_size(const struct tokenizer *t);
/* As the token's flag; of a negative id false. */
bool tokenizer_is_special(const struct tokenizer *t, int32_t id);
/* Id of a piece, or -1. */
int32_t tokenizer_piece_id(const struct tokenizer *t, const char *piece);

#endif

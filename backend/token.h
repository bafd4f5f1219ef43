/*
 * Tokens as plain data: what a tokenizer yields, a result keeps and a screen shows. No model, no
 * library. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKEN_H
#define TINSEQ_BACKEND_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One token. All strings are owned by the token list that holds it. */
struct token {
    /* vocabulary id; -1 for a joined or contrastive token ("foil → token"), as in Inseq */
    int32_t id;
    bool special; /* BOS, EOS, PAD, UNK, decoder start, added control tokens */
    char *piece;  /* the vocabulary's own piece exactly as Transformers' convert_ids_to_tokens gives
                     it ("ĠParis", "▁o"),  UTF-8, NUL-terminated; goes into JSON unchanged */
    char *bytes;  /* the exact bytes it stands for in text (" Paris"); may be part of a character,
                     may hold NUL */
    size_t n_bytes;
    size_t from, to; /* the bytes of the encoded text that it stands for, as the offsets of
                        Transformers' fast tokenizers; both 0: none, or not told */
    char *printable; /* an unknown token with what it stands for: "<unk:·茶>"; sanitised for
                        terminal, HTML and logs: valid UTF-8 with a leading space as '·', a newline
                        as '⏎', a tab as '⇥', control and bidi characters as <U+202E>, stray bytes
                        as <E6>; never NULL */
};

struct token_list {
    struct token *items;
    size_t n;
};

/* Appends a copy of a token; computes `printable` from bytes (see base/text.h). Dies cleanly when
 * memory is out. */
void token_list_add(struct token_list *list, int32_t id, bool special, const char *piece,
                    const char *bytes, size_t n_bytes);

/* Whether it is the token of what the vocabulary lacks and its bytes are that text: a special token
 * otherwise has no bytes, or its piece. */
bool token_is_unknown(const struct token *t);

/* Its piece; of an unknown token with what it stands for, "<unk:▁茶>", so that files can tell
 * several of them apart. Owned by the caller. */
char *token_written(const struct token *t);

/* Deep copy of `from` at the end of `to`. */
void token_list_append(struct token_list *to, const struct token_list *from);

/* Their ids, owned by the caller; never NULL. */
int32_t *token_list_ids(const struct token_list *list);

/* How many tokens from i on make whole characters together: 1, or a few while their bytes are only
 * valid UTF-8 joined. */
size_t token_list_whole(const struct token_list *list, size_t i);
/* n tokens from i on as running text, sanitised, blanks as blanks; owned by the caller. */
char *token_list_text(const struct token_list *list, size_t i, size_t n);

/* Bytes [from, to) of a text that a token stands for; not known: nothing there, as of a BOS that a
 * tokenizer adds. Tokens that are parts of one normalised character share its place. */
struct token_place {
    size_t from, to;
    bool known;
};
/* The places, out [list.n], of tokens that the n bytes of a UTF-8 text were cut into. */
void token_places(struct token_place *out, const struct token_list *list, const char *text,
                  size_t n);

/* Frees all tokens; the list is empty afterwards. NULL is legal. */
void token_list_dispose(struct token_list *list);

#endif

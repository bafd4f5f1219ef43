/*
 * What a vocabulary piece stands for, when only the piece is known (a result file): byte-level BPE
 * writes bytes as letters ("Ġ" is a space), sentencepiece writes a space as "▁" and single bytes
 * as "<0x0A>". Any thread.
 */
#ifndef TINSEQ_APP_PIECE_TEXT_H
#define TINSEQ_APP_PIECE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum piece_kind { PIECE_PLAIN, PIECE_BYTE_LEVEL, PIECE_SENTENCEPIECE };

/* Whether a piece of this kind of vocabulary is evident from this one; PIECE_PLAIN: it could be
 * any. */
enum piece_kind piece_kind_of(const char *piece);

/* The bytes of a piece; *n_out of them and a NUL, owned by the caller. */
char *piece_bytes(size_t *n_out, enum piece_kind kind, const char *piece);

/* What an unknown token stands for ("▁茶") inside a piece that token_written made ("<unk:▁茶>"),
 * its n bytes; NULL: it is another piece. Borrowed. */
const char *piece_unknown(size_t *n, const char *piece);

/* A piece as it is shown; that of a joined token ("Ġfoil → Ġtoken", "Ġfirst … Ġlast") part
 * by part. Owned by the caller. */
char *piece_printable(enum piece_kind kind, const char *piece, bool joined);

/* By its looks a control token: "</s>", "<|im_end|>", "[CLS]". */
bool piece_is_special(const char *piece);

#endif

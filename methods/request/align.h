/* Aligning by links between tokens, however they were found: by hand or by an encoder. Internal to
 * methods/. */
#ifndef TINSEQ_METHODS_ALIGN_H
#define TINSEQ_METHODS_ALIGN_H

#include "backend/base/run_ctl.h"
#include "methods/declare/alignment.h"
#include "methods/request/positions.h"

/* Sorts the links and changes alignment [end − start] where a token has any to the contrast's
 * n_contrast tokens: to the first that no earlier token is held against, else to its first (Inseq
 * 0.7.1, utils/alignment_utils.py, get_adjusted_alignments). */
void align_by_links(int64_t *alignment, int64_t n_contrast, int64_t start, int64_t end,
                    struct align_link *links, size_t n_links);

/* What aligns texts when the rule is ALIGN_AUTO. Zero-initialised: another rule. */
struct aligner {
    char *folder, *name;           /* of the encoder, owned; see encoder_find */
    bool cut;                      /* the texts were longer than it can read */
    char notice[ERR_MESSAGE_SIZE]; /* of its settings; see encoder_notice */
};

/* Finds the encoder where that is the rule. ERR_IO: there is none, and what to do. */
enum err_code aligner_find(struct aligner *out, const struct alignment *a,
                           struct err *e) ERR_CHECKED;
void aligner_dispose(struct aligner *a);

/* What a person should know of it: another encoder than Inseq's, texts too long. `what` was
 * aligned: "The contrast". Owned by the caller; NULL: nothing. */
char *aligner_notice(const struct aligner *a, const char *what);

/* Changes an alignment that positions_align has filled. Words are aligned whose pieces' states, two
 * thirds up the encoder, attend to each other: the softmax of their products is above 0.001 in both
 * directions (Dou and Neubig 2021, "Word alignment by fine-tuning embeddings on parallel corpora",
 * section 2.1); tokens are aligned as the words they are of, special ones in order. As Inseq's
 * auto_align_sequences, but: tokens may be parts of characters, of what is too long for the encoder
 * the end counts, and the contrast's first token is nobody's foil. The computing thread. Errors:
 * those of encoder.h. */
enum err_code aligner_run(struct aligner *a, int64_t *alignment, const struct token_list *target,
                          const struct token_list *contrast, int64_t start, int64_t end,
                          const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* Where, in bytes, `other` is best parted into what goes with the words in bytes [from, to) of
 * `text` and, behind that, what goes with its other words, between sentences where the former end
 * with one; 0: nothing goes with them. (Inseq's
 * get_output_context_from_aligned_inputs takes the last word that goes with any of the former, for
 * which one mark at the end is enough, and words' places from an unordered set.) The computing
 * thread. Errors as above. */
enum err_code aligner_part(struct aligner *a, size_t *end, const char *text, size_t from, size_t to,
                           const char *other, const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

#endif

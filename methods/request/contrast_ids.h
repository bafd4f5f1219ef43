/* A contrast as ids and their mask: contrast_ids and contrast_attention_mask, as Inseq's
 * contrastive functions took them up to 0.4, instead of a text. Any thread. */
#ifndef TINSEQ_METHODS_CONTRAST_IDS_H
#define TINSEQ_METHODS_CONTRAST_IDS_H

#include "backend/base/err.h"
#include "backend/base/json.h"
#include "backend/base/mem.h"

#include <stdint.h>

struct contrast_ids {
    int32_t *ids;        /* owned: the whole contrast, decoder start or prompt included */
    unsigned char *mask; /* owned, of 0 and 1; NULL: none is given */
    size_t n, n_mask;
};

/* Takes a member of one of the two names: a list of whole numbers, or of one such list. *known is
 * false for another name. ERR_USAGE. */
enum err_code contrast_ids_read(struct contrast_ids *c, const struct json_value *v, bool *known,
                                struct err *e) ERR_CHECKED;
/* Leaves out what the mask hides, which is padding: at the beginning or at the end. ERR_USAGE (a
 * mask without ids, of another length, with a hole, of nothing). */
enum err_code contrast_ids_mask(struct contrast_ids *c, struct err *e) ERR_CHECKED;
/* The ids as a JSON list, owned by the caller. */
char *contrast_ids_text(const struct contrast_ids *c);
void contrast_ids_dispose(struct contrast_ids *c);

#endif

/* Two results of the same texts beside each other on the page. Internal to the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_PAIR_H
#define TINSEQ_VIEWS_EXPORT_HTML_PAIR_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "views/export/export.h"

#include <stddef.h>

/* One scale for text i of both, so that the same colour is the same score; not given where they
 * have no scores. Errors: SHAPE, NOMEM. */
enum err_code html_pair_ends(struct heat_ends *out, const struct export_pair *pair, size_t i,
                             struct err *e) ERR_CHECKED;

#endif

/* Step scores as pictures in the page: a bar for each generated token. Internal to the page. Any
 * thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_PLOT_H
#define TINSEQ_VIEWS_EXPORT_HTML_PLOT_H

#include "backend/base/mem.h"
#include "methods/result/attribution.h"

/* Of the first `columns` steps; nothing where there are no step scores, or one step alone. */
void html_plots(struct text_buffer *b, const struct attribution_sequence *s, int64_t columns);

#endif

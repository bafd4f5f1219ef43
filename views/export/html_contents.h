/* The page's table of contents. Internal to the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_CONTENTS_H
#define TINSEQ_VIEWS_EXPORT_HTML_CONTENTS_H

#include "backend/base/mem.h"
#include "methods/result/result_info.h"

#include <stddef.h>

#define HTML_CONTENTS_FROM 6 /* texts; fewer are found by scrolling */

/* Links to the texts "text-1" to "text-n", each with how it begins. */
void html_contents(struct text_buffer *b, const struct result_info *info, size_t n);

#endif

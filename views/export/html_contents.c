#include "views/export/html_contents.h"

#include "backend/base/text.h"
#include "views/export/html_details.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_COLUMNS 60

/* How text i begins; nothing where no text is known. */
static void put_beginning(struct text_buffer *b, const struct result_info *info, size_t i) {
    const char *text = info_text_of(&info->input_texts, i);
    char fitted[4 * SHOWN_COLUMNS + 8];
    if (!text)
        text = info_text_of(&info->generated_texts, i);
    if (!text)
        return;
    char *clean = text_clean_start(text);
    text_fit(fitted, sizeof fitted, clean, SHOWN_COLUMNS, false);
    text_buffer_puts(b, " <bdi>");
    html_text(b, fitted, strlen(fitted), false);
    text_buffer_puts(b, "</bdi>");
    free(clean);
}

void html_contents(struct text_buffer *b, const struct result_info *info, size_t n) {
    if (n < HTML_CONTENTS_FROM)
        return;
    text_buffer_format(b, "<nav aria-label=\"%zu texts\"><ol>\n", n);
    for (size_t i = 1; i <= n; i++) {
        text_buffer_format(b, "<li><a href=\"#text-%zu\">%zu", i, i);
        put_beginning(b, info, i - 1);
        text_buffer_puts(b, "</a></li>\n");
    }
    text_buffer_puts(b, "</ol></nav>\n");
}

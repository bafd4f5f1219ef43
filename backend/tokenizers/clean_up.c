#include "backend/tokenizers/clean_up.h"

#include "backend/base/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct change {
    const char *from, *to;
};

static char *replace_all(const char *text, const struct change *c) {
    struct text_buffer out = {0};
    for (const char *at; (at = strstr(text, c->from)); text = at + strlen(c->from)) {
        text_buffer_add(&out, text, (size_t)(at - text));
        text_buffer_puts(&out, c->to);
    }
    text_buffer_puts(&out, text);
    return text_buffer_take(&out);
}

static char *change_all(const char *text, const struct change *changes, size_t n) {
    char *now = mem_text(text);
    for (size_t i = 0; i < n; i++)
        if (strstr(now, changes[i].from))
            mem_replace(&now, replace_all(now, &changes[i]));
    return now;
}

char *clean_up_words(const char *text) {
    static const struct change changes[] = {{" .", "."},     {" ?", "?"},           {" !", "!"},
                                            {" ,", ","},     {" ' ", "'"},          {" n't", "n't"},
                                            {" 'm", "'m"},   {" do not", " don't"}, {" 's", "'s"},
                                            {" 've", "'ve"}, {" 're", "'re"}};
    return change_all(text, changes, sizeof changes / sizeof *changes);
}

char *clean_up_text(const char *text) {
    static const struct change changes[] = {
        {" .", "."},     {" ?", "?"},   {" !", "!"},   {" ,", ","},     {" ' ", "'"},
        {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    return change_all(text, changes, sizeof changes / sizeof *changes);
}

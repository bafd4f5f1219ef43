#include "backend/architectures/tensor_name.h"

#include <stdio.h>
#include <string.h>

/* A file may leave out the layout's prefix from all names. */
static struct stack_names of_model(const struct model_config *c, const struct weights *w) {
    const struct family_layout *l = &c->family->layouts[c->layout];
    const char *first = family_row(l, 0)->name;
    const bool bare =
        l->prefix && !weights_find(w, first) && weights_find(w, first + strlen(l->prefix));
    return (struct stack_names){l, "", bare};
}

struct names names_of(const struct model_config *c, const struct weights *w) {
    struct names n = {.config = c, .weights = w};
    if (c->family->pair) {
        n.stacks[STACK_ENCODER] =
            (struct stack_names){&c->sides[STACK_ENCODER]->layout, "encoder.", true};
        n.stacks[STACK_DECODER] =
            (struct stack_names){&c->sides[STACK_DECODER]->layout, "decoder.", false};
        if (c->tied_sides)
            n.stacks[STACK_ENCODER] = n.stacks[STACK_DECODER];
    } else {
        n.stacks[STACK_ENCODER] = n.stacks[STACK_DECODER] = of_model(c, w);
    }
    return n;
}

/* What {…} at `from` stands for, appended to out; returns what follows it. */
static const char *expand(struct name *out, size_t n, const char *from, const struct names *names,
                          const struct place *at, bool bias) {
    const char *end = strchr(from, '}'), * or = memchr(from, '|', (size_t)(end - from)),
               *side = memchr(from, '/', (size_t)(end - from));
    const size_t room = sizeof out->text - n;
    char *to = out->text + n;
    if (or &&bias)
        snprintf(to, room, "%.*s", (int)(end - or -1), or +1);
    else if (or)
        snprintf(to, room, "%.*s", (int)(or -from - 1), from + 1);
    else if (side && at->stack == STACK_ENCODER)
        snprintf(to, room, "%.*s", (int)(side - from - 1), from + 1);
    else if (side)
        snprintf(to, room, "%.*s", (int)(end - side - 1), side + 1);
    else if (strncmp(from, "{expert}", 8) == 0)
        snprintf(to, room, "%lld", (long long)at->expert);
    else if (strncmp(from, "{head}", 6) == 0)
        snprintf(to, room, "%lld", (long long)at->head);
    else if (strncmp(from, "{layer}", 7) == 0)
        snprintf(to, room, "%lld",
                 (long long)at->layer + names->stacks[at->stack].layout->first_layer);
    else
        snprintf(to, room, "%s", at->stack == STACK_ENCODER ? "encoder" : "decoder");
    return end + 1;
}

struct name name_in_file(const struct names *names, const char *pattern, const struct place *at,
                         bool bias) {
    const struct stack_names *own = &names->stacks[at->stack];
    const char *prefix = own->layout->prefix;
    struct name out = {""};
    snprintf(out.text, sizeof out.text, "%s", own->before);
    pattern += *pattern == '?';
    if (own->bare && strncmp(pattern, prefix, strlen(prefix)) == 0)
        pattern += strlen(prefix);
    for (size_t n = strlen(out.text); *pattern && n + 1 < sizeof out.text; n = strlen(out.text)) {
        if (*pattern == '{')
            pattern = expand(&out, n, pattern, names, at, bias);
        else
            out.text[n] = *pattern++;
    }
    return out;
}

#include "backend/tokenizer.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/tokenizers/tokenizer_class.h"
#include "backend/tokenizers/tokenizer_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tokenizer_ops *const kinds[] = {
#define TOKENIZER(id) &tokenizer_##id,
#include "backend/tokenizers/tokenizers.def"
#undef TOKENIZER
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* Of a folder without tokenizer.json: what is wrong with its files is told when they are used. */
static void find_class(char class[64], const struct model_files *f) {
    struct token_settings s;
    struct err ignored;
    *class = '\0';
    if (f->layout != LAYOUT_HUGGING_FACE || path_given(f->tokenizer_json))
        return;
    if (token_settings_read(&s, f, &ignored) == ERR_OK)
        snprintf(class, 64, "%s", tokenizer_class_named(&s));
    token_settings_dispose(&s);
}

/* NULL: none is there. */
static const struct tokenizer_ops *find_kind(const struct model_files *f, const struct weights *w) {
    char class[64];
    find_class(class, f);
    for (int i = 0; i < N_KINDS; i++)
        if (kinds[i]->there(f, w, class))
            return kinds[i];
    return NULL;
}

/* "neither a, nor b". Owned by the caller. */
static char *none_there(void) {
    struct text_buffer b = {0};
    for (int i = 0; i < N_KINDS; i++)
        text_buffer_format(&b, "%s %s", i ? ", nor" : "neither", kinds[i]->files);
    return text_buffer_take(&b);
}

/* ERR_IO, with the class that was asked for in vain. */
static enum err_code nothing_there(const struct model_files *f, struct err *e) {
    struct token_settings s;
    struct err ignored;
    char *looked_for = none_there();
    const bool named = !token_settings_read(&s, f, &ignored) && *s.class_name;
    char *class = named ? mem_format(" (%s is named)", s.class_name) : mem_text("");
    enum err_code code = err_set(e, ERR_IO, "%s has no tokenizer that is read here%s: %s",
                                 f->folder, class, looked_for);
    token_settings_dispose(&s);
    free(class);
    free(looked_for);
    return code;
}

/* What a person asks of a tokenizer that only follows its files must not be lost. */
static enum err_code check_kwargs(const struct tokenizer_ops *kind, const struct model_files *f,
                                  struct err *e) {
    if (kind->takes_kwargs || !path_given(f->tokenizer_kwargs))
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "--tokenizer_kwargs %.200s: this tokenizer (%s) follows its files alone",
                   f->tokenizer_kwargs, kind->files);
}

enum err_code tokenizer_open(struct tokenizer **out, const struct model_files *f,
                             const struct weights *w, struct model_config *config, struct err *e) {
    const struct tokenizer_ops *kind = find_kind(f, w);
    *out = NULL;
    if (kind) {
        enum err_code code = check_kwargs(kind, f, e);
        return code ? code : kind->open(out, f, w, config, e);
    }
    return nothing_there(f, e);
}

char *tokenizer_problem(const struct model_files *f, const struct weights *w) {
    const struct tokenizer_ops *kind = find_kind(f, w);
    if (kind)
        return kind->problem ? kind->problem(f, w) : NULL;
    char *looked_for = none_there(), *problem = mem_format("no tokenizer: %s", looked_for);
    free(looked_for);
    return problem;
}

void tokenizer_free(struct tokenizer *t) {
    if (t)
        t->ops->free(t);
}

const struct tokenizer *tokenizer_of_side(const struct tokenizer *t, enum text_side side) {
    return side == TEXT_TARGET && t->target ? t->target : t;
}

const struct tokenizer_languages *tokenizer_languages(const struct tokenizer *t) {
    return t->languages;
}

enum err_code tokenizer_speak(struct tokenizer *t, const char *source, const char *target,
                              struct err *e) {
    const char *asked = source ? source : target;
    if (t->languages)
        return t->ops->speak(t, (const char *const[]){source, target}, e);
    if (asked)
        return err_set(e, ERR_USAGE, "texts of this model have no language (%.40s)", asked);
    return ERR_OK;
}

int64_t tokenizer_vocab_size(const struct tokenizer *t) {
    return t->vocabulary->n;
}

int32_t tokenizer_piece_id(const struct tokenizer *t, const char *piece) {
    return vocabulary_find(t->vocabulary, piece, strlen(piece));
}

/* Whether the id is a row of the model's table that the tokenizer has no token for: tables are
 * often longer, to be a multiple of something. */
static bool is_beyond(const struct tokenizer *t, int32_t id) {
    return id >= t->vocabulary->n;
}

bool tokenizer_is_special(const struct tokenizer *t, int32_t id) {
    return id >= 0 && (is_beyond(t, id) || t->ops->special(t, id));
}

static enum err_code check_id(int32_t id, struct err *e) {
    return id >= 0 ? ERR_OK : err_set(e, ERR_FORMAT, "token id %d is negative", id);
}

static void add_beyond(struct token_list *out, int32_t id) {
    char *piece = mem_format("<id %d>", id);
    token_list_add(out, id, true, piece, "", 0);
    free(piece);
}

enum err_code tokenizer_token(const struct tokenizer *t, enum text_side side, int32_t id,
                              struct token_list *out, struct err *e) {
    enum err_code code = check_id(id, e);
    if (code)
        return code;
    t = tokenizer_of_side(t, side);
    if (is_beyond(t, id)) {
        add_beyond(out, id);
        return ERR_OK;
    }
    struct text_buffer bytes = {0};
    t->ops->token(t, id, &bytes);
    token_list_add(out, id, t->ops->special(t, id), vocabulary_piece(t->vocabulary, id, NULL),
                   bytes.text ? bytes.text : "", bytes.n);
    text_buffer_dispose(&bytes);
    return ERR_OK;
}

struct gather {
    const struct tokenizer *t;
    enum text_side side;
    struct token_list *out;
    struct err *e;
    enum err_code code;
};

static void gather(void *user, const struct found_token *found) {
    struct gather *g = user;
    if (g->code)
        return;
    if (found->unknown)
        token_list_add(g->out, found->id, true, vocabulary_piece(g->t->vocabulary, found->id, NULL),
                       found->unknown, found->n_unknown);
    else
        g->code = tokenizer_token(g->t, g->side, found->id, g->out, g->e);
    if (g->code)
        return;
    struct token *last = &g->out->items[g->out->n - 1];
    last->from = found->from;
    last->to = found->to;
}

enum err_code tokenizer_encode(const struct tokenizer *t, enum text_side side, const char *text,
                               size_t n_text, bool add_special, struct token_list *out,
                               struct err *e) {
    size_t at;
    if (!text_valid_utf8(text, n_text, &at))
        return err_set(e, ERR_FORMAT, "the text is not valid UTF-8: byte %zu is 0x%02X", at,
                       (unsigned)(unsigned char)text[at]);
    if (n_text > UINT32_MAX - 1)
        return err_set(e, ERR_UNSUPPORTED, "the text has %zu bytes, 4 GiB or more", n_text);
    t = tokenizer_of_side(t, side);
    struct gather g = {t, side, out, e, ERR_OK};
    enum err_code code = t->ops->encode(t, side, text, n_text, add_special, gather, &g, e);
    return code ? code : g.code;
}

enum err_code tokenizer_decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                               size_t n, bool skip_special, char **text, struct err *e) {
    int32_t *known = mem_alloc((n + 1) * sizeof *known);
    size_t n_known = 0;
    enum err_code code = ERR_OK;
    *text = NULL;
    t = tokenizer_of_side(t, side);
    for (size_t i = 0; i < n; i++) {
        code = check_id(ids[i], e);
        if (code)
            goto out;
        if (!is_beyond(t, ids[i]))
            known[n_known++] = ids[i];
    }
    code = t->ops->decode(t, side, known, n_known, skip_special, text, e);
out:
    free(known);
    return code;
}

#include "backend/tokenizers/pipeline.h"

#include "backend/base/text.h"
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/clean_up.h"

#include <stdlib.h>
#include <string.h>

struct pipeline *pipeline_new(const struct tokenizer_ops *kind) {
    struct pipeline *p = mem_alloc(sizeof *p);
    p->base = (struct tokenizer){.ops = kind, .vocabulary = &p->vocabulary};
    p->most_added = -1;
    return p;
}

static void free_languages(struct tokenizer_languages *l) {
    if (!l)
        return;
    free(l->names);
    free(l->own[TEXT_SOURCE]);
    free(l->own[TEXT_TARGET]);
    free(l);
}

void pipeline_free(struct tokenizer *t) {
    struct pipeline *p = (struct pipeline *)t;
    free_languages(t->languages);
    if (p->model)
        p->model->ops->free(p->model);
    stages_dispose(&p->normalizers);
    stages_dispose(&p->pre_tokenizers);
    stages_dispose(&p->decoders);
    post_processor_dispose(&p->post);
    post_processor_dispose(&p->target);
    added_tokens_dispose(&p->added);
    vocabulary_dispose(&p->vocabulary);
    free(p->own);
    free(p->is_added);
    free(p);
}

enum err_code pipeline_hand_out(struct tokenizer **out, struct pipeline *p, enum err_code code) {
    if (code)
        pipeline_free(&p->base);
    *out = code ? NULL : &p->base;
    return code;
}

void pipeline_own(struct pipeline *p) {
    const struct vocabulary *v = &p->vocabulary;
    vocabulary_index(&p->vocabulary);
    p->own = mem_alloc((size_t)v->n + 1);
    p->is_added = mem_alloc((size_t)v->n + 1);
    p->n_own = 0;
    for (int32_t id = 0; id < v->n; id++) {
        size_t n;
        const char *piece = vocabulary_piece(v, id, &n);
        /* Of equal pieces one is found. */
        p->own[id] = n > 0;
        p->n_own += n > 0 && vocabulary_find(v, piece, n) == id;
    }
}

/* The id that the library gives to a token that is new: the model's size, or what follows the
 * greatest id of those that were added. */
static int64_t next_id(const struct pipeline *p) {
    return p->most_added >= p->n_own ? p->most_added + 1 : p->n_own;
}

static enum err_code add_new(struct pipeline *p, const char *text, size_t n, const char *where,
                             struct err *e) {
    const int64_t id = next_id(p);
    if (id != p->vocabulary.n || id >= VOCABULARY_MOST)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: the added token \"%.40s\" would have the id %lld in a vocabulary of %d "
                       "ids, which has gaps or is full",
                       where, text, (long long)id, p->vocabulary.n);
    vocabulary_append(&p->vocabulary, text, n);
    p->own = mem_resize(p->own, (size_t)p->vocabulary.n + 1);
    p->own[id] = 0;
    p->is_added = mem_resize(p->is_added, (size_t)p->vocabulary.n + 1);
    p->is_added[id] = 0;
    if (p->model)
        p->model->own = p->own;
    return ERR_OK;
}

enum err_code pipeline_add_token(struct pipeline *p, const struct added_token *token,
                                 const char *where, struct err *e) {
    const size_t n = strlen(token->text);
    struct added_token copy = *token;
    if (n == 0)
        return ERR_OK;
    enum err_code code = ERR_OK;
    if (vocabulary_find(&p->vocabulary, token->text, n) < 0)
        code = add_new(p, token->text, n, where, e);
    if (code)
        return code;
    copy.id = vocabulary_find(&p->vocabulary, token->text, n);
    p->most_added = copy.id > p->most_added ? copy.id : p->most_added;
    p->is_added[copy.id] = 1;
    added_tokens_add(&p->added, &copy);
    return ERR_OK;
}

bool pipeline_has_added(const struct pipeline *p, const char *text) {
    const int32_t id = vocabulary_find(&p->vocabulary, text, strlen(text));
    return id >= 0 && p->is_added[id];
}

enum err_code pipeline_finish(struct pipeline *p, const char *where, struct err *e) {
    return added_tokens_finish(&p->added, p->vocabulary.n, &p->normalizers, where, e);
}

/* --- text to ids --- */

struct encoding {
    const struct pipeline *p;
    const struct spans *spans;
    const char *text; /* as it was */
    size_t begin;     /* of the span at hand */
    size_t count;     /* tokens of the text so far */
    token_sink *token;
    void *user;
    struct err *e;
    enum err_code code; /* of what was found so far */
};

/* Whether a piece has the space of byte-level alphabets, or another, at s. */
static bool is_space(int32_t c) {
    return c == 0x120 || character_is_white(c);
}

/* Characters at one end of a piece that are spaces. */
static size_t count_spaces(const char *piece, size_t n, bool at_end) {
    size_t count = 0, length;
    for (size_t left = n; left > 0; left -= length, count++) {
        const int32_t c = at_end ? character_before(piece, left, &length)
                                 : character_at(piece + n - left, left, &length);
        if (!is_space(c))
            break;
    }
    return count;
}

/* Takes spaces at both ends of a piece out of its place, in characters, as process_offsets of the
 * library. */
static void trim(const struct encoding *x, struct found_token *found, const char *piece, size_t n) {
    size_t leading = count_spaces(piece, n, false), trailing = count_spaces(piece, n, true), length;
    const bool first = x->count == 0 || found->from == 0;
    if (first && x->p->post.add_prefix_space && leading == 1)
        leading = 0;
    for (; leading && found->from < found->to; leading--)
        found->from += character_length(x->text + found->from, found->to - found->from);
    for (; trailing && found->to > found->from; trailing--) {
        (void)character_before(x->text, found->to, &length);
        found->to -= length;
    }
}

/* A token of bytes [from, to) of the text as it became. */
static void give(struct encoding *x, int32_t id, size_t from, size_t to, bool added) {
    const struct origin *origins = x->spans->text.origins;
    struct found_token found = {.id = id, .from = origins[from].from, .to = origins[to - 1].to};
    if (!added && id == x->p->model->unk_id) {
        found.unknown = x->text + found.from;
        found.n_unknown = found.to > found.from ? found.to - found.from : 0;
    }
    size_t n = to - from;
    const char *piece = x->spans->text.text + from;
    if (!added) /* of one that was added, the text with the spaces that it took */
        piece = vocabulary_piece(&x->p->vocabulary, id, &n);
    if (x->p->post.trim_offsets)
        trim(x, &found, piece, n);
    x->count++;
    x->token(x->user, &found);
}

/* Bytes that nothing stands for would vanish from the text. */
static enum err_code refuse(const struct encoding *x, size_t from, size_t to) {
    const struct origin *origins = x->spans->text.origins;
    const char *s = x->text + origins[from].from;
    const size_t n = origins[to - 1].to - origins[from].from;
    if (n == 1)
        return err_set(x->e, ERR_UNSUPPORTED,
                       "this model's vocabulary has no token for byte 0x%02X of the text, and no "
                       "unknown token: leave it out",
                       (unsigned)(unsigned char)*s);
    return err_set(x->e, ERR_UNSUPPORTED,
                   "this model's vocabulary has no token for \"%.*s\" of the text, and no unknown "
                   "token: leave it out",
                   (int)(n < 40 ? n : 40), s);
}

static void give_word_token(void *user, int32_t id, size_t from, size_t to) {
    struct encoding *x = user;
    if (id < 0 && !x->code)
        x->code = refuse(x, x->begin + from, x->begin + to);
    if (x->code)
        return;
    give(x, id, x->begin + from, x->begin + to, false);
}

static void encode_spans(struct encoding *x) {
    const struct token_model *model = x->p->model;
    for (size_t i = 0; i < x->spans->n && !x->code; i++) {
        const struct span *s = &x->spans->items[i];
        x->begin = s->from;
        if (s->id >= 0)
            give(x, s->id, s->from, s->to, true);
        else
            model->ops->encode(model, x->spans->text.text + s->from, s->to - s->from,
                               give_word_token, x);
    }
}

static void give_special(const struct token_ids *ids, token_sink *token, void *user) {
    for (size_t i = 0; i < ids->n; i++)
        token(user, &(struct found_token){.id = ids->items[i]});
}

enum err_code pipeline_encode(const struct tokenizer *t, enum text_side side, const char *text,
                              size_t n, bool add_special, token_sink *token, void *user,
                              struct err *e) {
    const struct pipeline *p = (const struct pipeline *)t;
    struct spans spans = {0};
    struct encoding x = {
        .p = p, .spans = &spans, .text = text, .token = token, .user = user, .e = e};
    const bool other = p->sides_differ && side == TEXT_TARGET;
    const struct post_processor *post = other ? &p->target : &p->post;
    if (other && add_special && !p->target_known)
        return err_set(e, ERR_USAGE,
                       "the target's language is not known: --tokenizer_kwargs '{\"tgt_lang\": "
                       "…}' says it, or the form's field");
    enum err_code code = added_tokens_cut(&p->added, &p->normalizers, text, n, &spans, e);
    if (code)
        goto out;
    code = stages_cut(&p->pre_tokenizers, &spans, e);
    if (code)
        goto out;
    if (add_special)
        give_special(&post->before, token, user);
    encode_spans(&x);
    code = x.code;
    if (add_special)
        give_special(&post->after, token, user);
out:
    spans_dispose(&spans);
    return code;
}

/* --- ids to text --- */

bool pipeline_special(const struct tokenizer *t, int32_t id) {
    return added_tokens_kind(&((const struct pipeline *)t)->added, id) & ADDED_SPECIAL;
}

/* Added tokens are their own text. */
void pipeline_token(const struct tokenizer *t, int32_t id, struct text_buffer *bytes) {
    const struct pipeline *p = (const struct pipeline *)t;
    size_t n;
    const char *piece = vocabulary_piece(t->vocabulary, id, &n);
    if (added_tokens_kind(&p->added, id))
        text_buffer_add(bytes, piece, n);
    else
        stages_decode_piece(&p->decoders, piece, n, bytes);
}

static void join(const struct pieces *pieces, const char *between, struct text_buffer *out) {
    for (size_t i = 0; i < pieces->n; i++) {
        size_t n;
        const char *piece = pieces_get(pieces, i, &n);
        if (i)
            text_buffer_puts(out, between);
        text_buffer_add(out, piece, n);
    }
}

enum err_code pipeline_decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                              size_t n, bool skip_special, char **text, struct err *e) {
    const struct pipeline *p = (const struct pipeline *)t;
    struct pieces pieces = {0};
    struct text_buffer joined = {0};
    (void)side;
    for (size_t i = 0; i < n; i++) {
        size_t length;
        const char *piece = vocabulary_piece(t->vocabulary, ids[i], &length);
        if (length && !(skip_special && pipeline_special(t, ids[i])))
            pieces_add(&pieces, piece, length);
    }
    enum err_code code = stages_decode(&p->decoders, &pieces, e);
    if (code)
        goto out;
    join(&pieces, p->decoders.n ? "" : " ", &joined);
    *text = text_repaired(joined.text ? joined.text : "", joined.n);
    if (p->clean_up_spaces)
        mem_replace(text, clean_up_text(*text));
out:
    pieces_dispose(&pieces);
    text_buffer_dispose(&joined);
    return code;
}

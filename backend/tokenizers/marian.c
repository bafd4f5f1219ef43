/*
 * Tokenizers of Marian's models. Reference: transformers 4.57,
 * models/marian/tokenization_marian.py; marian-dev, src/data/sentencepiece_vocab.cpp.
 *
 * Transformers: source.spm cuts the source, target.spm the target, vocab.json numbers the pieces of
 * both; a language code (">>pt<<") in front of a source is a token; </s> ends every text. Native
 * students: one shared model whose own ids are the model's; </s> ends every text too.
 */
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/tokenizers/character_map.h"
#include "backend/tokenizers/sentencepiece.h"
#include "backend/tokenizers/sentencepiece_encoder.h"
#include "backend/tokenizers/tokenizer_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (64u << 20)
#define UNDERLINE "\xE2\x96\x81" /* U+2581 */

/* Sentencepiece models with Marian's conventions: one for each side, and between pieces and ids
 * either vocab.json (Transformers) or the model itself (native). */
struct marian {
    struct tokenizer base;
    const struct sentencepiece_api *library;
    /* by enum text_side; both the same where the vocabulary is shared */
    struct sentencepiece_model *sides[2];
    struct sentencepiece_encoder *encoders[2]; /* of the same; NULL: the library encodes */
    bool native;                               /* ids are sentencepiece's own */
    struct vocabulary vocabulary;
    unsigned char *special; /* [vocabulary.n] */
    int32_t eos_id, unk_id, pad_id;
};

static void free_marian(struct tokenizer *tokenizer) {
    struct marian *t = (struct marian *)tokenizer;
    if (t->sides[TEXT_SOURCE])
        t->library->free(t->sides[TEXT_SOURCE]);
    if (t->sides[TEXT_TARGET] && t->sides[TEXT_TARGET] != t->sides[TEXT_SOURCE])
        t->library->free(t->sides[TEXT_TARGET]);
    sentencepiece_encoder_free(t->encoders[TEXT_SOURCE]);
    if (t->encoders[TEXT_TARGET] != t->encoders[TEXT_SOURCE])
        sentencepiece_encoder_free(t->encoders[TEXT_TARGET]);
    vocabulary_dispose(&t->vocabulary);
    free(t->special);
    free(t);
}

static enum err_code take_native_vocabulary(struct marian *t, const char *path, struct err *e) {
    const struct sentencepiece_model *s = t->sides[TEXT_TARGET];
    int32_t n = t->library->size(s);
    vocabulary_init(&t->vocabulary, n);
    for (int32_t i = 0; i < n; i++) {
        const char *piece = t->library->piece(s, i);
        if (!text_valid_utf8(piece, strlen(piece), NULL)) /* pieces go into results as they are */
            return err_set(e, ERR_FORMAT, "%s: piece %d is not a text", path, i);
        vocabulary_add(&t->vocabulary, piece, strlen(piece));
    }
    vocabulary_index(&t->vocabulary);
    return ERR_OK;
}

static int32_t find(const struct marian *t, const char *piece) {
    return vocabulary_find(&t->vocabulary, piece, strlen(piece));
}

static void mark(struct marian *t, int32_t id) {
    if (id >= 0 && id < t->vocabulary.n)
        t->special[id] = 1;
}

static enum err_code open_side(struct marian *t, enum text_side side, const char *path,
                               struct err *e) {
    char *data;
    size_t n;
    enum err_code code = file_read(&data, &n, path, MAX_FILE, e);
    if (code)
        return code;
    code = character_map_check((const unsigned char *)data, n, path, e);
    if (code)
        goto out;
    code = t->library->open(&t->sides[side], data, n, path, e);
    if (code)
        goto out;
    code = sentencepiece_encoder_open(&t->encoders[side], path, e);
out:
    free(data);
    return code;
}

static enum err_code open_sides(struct marian *t, const struct model_files *f, struct err *e) {
    t->library = sentencepiece_load(e);
    if (!t->library)
        return e->code;
    enum err_code code = open_side(t, TEXT_SOURCE, f->source_spm, e);
    if (code)
        return code;
    if (strcmp(f->source_spm, f->target_spm) == 0) {
        t->sides[TEXT_TARGET] = t->sides[TEXT_SOURCE];
        t->encoders[TEXT_TARGET] = t->encoders[TEXT_SOURCE];
    } else {
        code = open_side(t, TEXT_TARGET, f->target_spm, e);
    }
    if (code)
        return code;
    if (!t->native)
        return vocabulary_read_file(&t->vocabulary, f->vocab_json, e);
    if (t->sides[0] != t->sides[1] &&
        t->library->size(t->sides[0]) != t->library->size(t->sides[1]))
        return err_set(
            e, ERR_UNSUPPORTED,
            "the model's two vocabularies differ in size; only a shared one is supported");
    return take_native_vocabulary(t, f->target_spm, e);
}

/* Which ids are special, and those that end a text and stand for what is unknown. */
static enum err_code find_special(struct marian *t, struct model_config *config, struct err *e) {
    const struct sentencepiece_model *s = t->sides[TEXT_TARGET];
    t->special = mem_alloc((size_t)t->vocabulary.n);
    t->eos_id = t->native ? t->library->eos(s) : find(t, "</s>");
    t->unk_id = t->native ? t->library->unk(s) : find(t, "<unk>");
    t->pad_id = t->native ? -1 : find(t, "<pad>");
    if (t->eos_id < 0 || t->unk_id < 0)
        return err_set(e, ERR_FORMAT, "the vocabulary has no </s> or no <unk>");
    mark(t, t->eos_id);
    mark(t, t->unk_id);
    mark(t, t->pad_id);
    for (int32_t i = 0; t->native && i < t->vocabulary.n; i++)
        if (t->library->is_special(s, i))
            t->special[i] = 1;
    if (config->unk_token_id < 0)
        config->unk_token_id = t->unk_id;
    if (config->eos_token_id < 0)
        config->eos_token_id = t->eos_id;
    return ERR_OK;
}

static enum err_code open_as(struct tokenizer **out, const struct tokenizer_ops *kind,
                             const struct model_files *f, struct model_config *config,
                             struct err *e) {
    struct marian *t = mem_alloc(sizeof *t);
    t->base = (struct tokenizer){.ops = kind, .vocabulary = &t->vocabulary};
    t->native = kind == &tokenizer_marian_native;
    enum err_code code = open_sides(t, f, e);
    if (code)
        goto out;
    code = find_special(t, config, e);
out:
    if (code)
        free_marian(&t->base);
    *out = code ? NULL : &t->base;
    return code;
}

/* '▁' is a space. */
static void add_text(struct text_buffer *out, const char *piece, size_t n) {
    for (size_t i = 0; i < n;) {
        bool space = i + 3 <= n && memcmp(piece + i, UNDERLINE, 3) == 0;
        text_buffer_add(out, space ? " " : piece + i, 1);
        i += space ? 3 : 1;
    }
}

struct sink {
    const struct marian *t;
    token_sink *token;
    void *user;
    size_t base;     /* where the segment begins in the text */
    size_t from, to; /* of the piece at hand; both 0: not told */
};

/* A piece that the vocabulary lacks, as the text that it stands for. */
static void take_unknown(const struct sink *s, const char *piece, size_t n) {
    struct text_buffer text = {0};
    add_text(&text, piece, n);
    s->token(s->user, &(struct found_token){.id = s->t->unk_id,
                                            .from = s->from,
                                            .to = s->to,
                                            .unknown = text.text ? text.text : "",
                                            .n_unknown = text.n});
    text_buffer_dispose(&text);
}

static void take_piece(void *user, const char *piece, size_t n, int32_t id) {
    const struct sink *s = user;
    if (!s->t->native)
        id = vocabulary_find(&s->t->vocabulary, piece, n);
    if (id < 0 || id == s->t->unk_id)
        take_unknown(s, piece, n);
    else
        s->token(s->user, &(struct found_token){.id = id, .from = s->from, .to = s->to});
}

static void take_placed(void *user, const char *piece, size_t n, int32_t id, size_t from,
                        size_t to) {
    struct sink *s = user;
    s->from = s->base + from;
    s->to = s->base + to;
    take_piece(s, piece, n, id);
}

static enum err_code encode_segment(struct sink *sink, enum text_side side, const char *text,
                                    size_t begin, size_t n, struct err *e) {
    const struct sentencepiece_encoder *encoder = sink->t->encoders[side];
    const char *s = text + begin;
    if (n == 0)
        return ERR_OK;
    /* Python's ">>.+<<", greedy, within the first line. */
    if (!sink->t->native && n > 4 && memcmp(s, ">>", 2) == 0) {
        const char *line = memchr(s, '\n', n), *limit = line ? line : s + n, *end = NULL;
        for (const char *p = s + 3; p + 2 <= limit; p++)
            if (memcmp(p, "<<", 2) == 0)
                end = p + 2;
        if (end) {
            sink->from = begin;
            sink->to = (size_t)(end - text);
            take_piece(sink, s, (size_t)(end - s), -1);
            n -= (size_t)(end - s);
            s = end;
        }
    }
    sink->base = (size_t)(s - text);
    sink->from = sink->to = 0;
    if (n && !encoder)
        return sink->t->library->encode(sink->t->sides[side], s, n, take_piece, sink, e);
    if (n)
        sentencepiece_encode(encoder, s, n, take_placed, sink);
    return ERR_OK;
}

/* The special token that stands written out at the beginning of a text: its length, or 0. */
static size_t special_at(const struct marian *t, const char *text, size_t n, int32_t *id) {
    static const char *const specials[] = {"</s>", "<unk>", "<pad>"};
    for (int i = 0; i < 3; i++) {
        const size_t length = strlen(specials[i]);
        if (length > n || memcmp(text, specials[i], length) != 0)
            continue;
        *id = find(t, specials[i]);
        if (*id >= 0)
            return length;
    }
    return 0;
}

static enum err_code encode(const struct tokenizer *tokenizer, enum text_side side,
                            const char *text, size_t n, bool add_special, token_sink *token,
                            void *user, struct err *e) {
    const struct marian *t = (const struct marian *)tokenizer;
    struct sink sink = {.t = t, .token = token, .user = user};
    enum err_code code = ERR_OK;
    size_t begin = 0;
    for (size_t at = 0; !t->native && at < n;) {
        int32_t id;
        const size_t length = special_at(t, text + at, n - at, &id);
        if (length) {
            code = encode_segment(&sink, side, text, begin, at - begin, e);
            if (code)
                return code;
            token(user, &(struct found_token){.id = id, .from = at, .to = at + length});
            begin = at + length;
        }
        at += length ? length : 1;
    }
    code = encode_segment(&sink, side, text, begin, n - begin, e);
    if (code)
        return code;
    if (add_special)
        token(user, &(struct found_token){.id = t->eos_id});
    return ERR_OK;
}

static bool is_special(const struct tokenizer *t, int32_t id) {
    return ((const struct marian *)t)->special[id];
}

/* '▁' is a space, "<0xE6>" of byte fallback is a byte; special tokens have none. */
static void bytes_of(const struct tokenizer *t, int32_t id, struct text_buffer *out) {
    size_t n;
    unsigned byte;
    const char *piece = vocabulary_piece(t->vocabulary, id, &n);
    if (is_special(t, id))
        return;
    if (n == 6 && sscanf(piece, "<0x%2X>", &byte) == 1) {
        text_buffer_add(out, (char[]){(char)byte}, 1);
        return;
    }
    add_text(out, piece, n);
}

/* Removes spaces at both ends, in place. */
static void strip(char *s) {
    size_t n = strlen(s), begin = strspn(s, " ");
    while (n > begin && s[n - 1] == ' ')
        n--;
    memmove(s, s + begin, n - begin);
    s[n - begin] = '\0';
}

static enum err_code decode(const struct tokenizer *tokenizer, enum text_side side,
                            const int32_t *ids, size_t n, bool skip_special, char **text,
                            struct err *e) {
    const struct marian *t = (const struct marian *)tokenizer;
    const char **pieces = mem_alloc((n + 1) * sizeof *pieces);
    struct text_buffer out = {0};
    size_t waiting = 0;
    enum err_code code = ERR_OK;
    for (size_t i = 0; i <= n; i++) {
        bool special = i < n && t->special[ids[i]];
        if (i < n && !special) {
            pieces[waiting++] = vocabulary_piece(&t->vocabulary, ids[i], NULL);
            continue;
        }
        if (special && skip_special)
            continue;
        char *decoded = NULL;
        code = waiting ? t->library->decode(t->sides[side], pieces, waiting, &decoded, e) : ERR_OK;
        if (decoded)
            text_buffer_puts(&out, decoded);
        free(decoded);
        waiting = 0;
        if (special)
            text_buffer_format(&out, "%s ", vocabulary_piece(&t->vocabulary, ids[i], NULL));
        if (code)
            goto out;
    }
out:
    free(pieces);
    if (code) {
        text_buffer_dispose(&out);
        return code;
    }
    char *result = text_buffer_take(&out), *from = result, *to = result;
    while (*from) { /* what sentencepiece left of its mark */
        bool mark_here = strncmp(from, UNDERLINE, 3) == 0;
        *to++ = mark_here ? ' ' : *from;
        from += mark_here ? 3 : 1;
    }
    *to = '\0';
    strip(result);
    *text = result;
    return ERR_OK;
}

/* --- the two kinds --- */

/* The first of the three files that Transformers needs. Owned by the caller; NULL: none. */
static char *missing_part(const struct model_files *f, const struct weights *w) {
    const struct {
        const char *path, *name;
    } parts[] = {{f->source_spm, "source.spm"},
                 {f->target_spm, "target.spm"},
                 {f->vocab_json, "vocab.json"}};
    (void)w;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!path_given(parts[i].path))
            return mem_format("%s is missing", parts[i].name);
    return NULL;
}

static enum err_code open_transformers(struct tokenizer **out, const struct model_files *f,
                                       const struct weights *w, struct model_config *config,
                                       struct err *e) {
    char *missing = missing_part(f, w);
    enum err_code code = missing ? err_set(e, ERR_IO, "%s: %s", f->folder, missing)
                                 : open_as(out, &tokenizer_marian, f, config, e);
    free(missing);
    return code;
}

static enum err_code open_native(struct tokenizer **out, const struct model_files *f,
                                 const struct weights *w, struct model_config *config,
                                 struct err *e) {
    (void)w;
    return open_as(out, &tokenizer_marian_native, f, config, e);
}

static bool pair_there(const struct model_files *f, const struct weights *w, const char *class) {
    (void)w, (void)class;
    return path_given(f->source_spm) || path_given(f->target_spm);
}

static bool shared_there(const struct model_files *f, const struct weights *w, const char *class) {
    return f->layout == LAYOUT_MARIAN_NATIVE && pair_there(f, w, class);
}

#define SHARED_OPS                                                                                 \
    .free = free_marian, .encode = encode, .token = bytes_of, .special = is_special,               \
    .decode = decode

const struct tokenizer_ops tokenizer_marian = {.files = "source.spm with target.spm and vocab.json",
                                               .there = pair_there,
                                               .problem = missing_part,
                                               .open = open_transformers,
                                               SHARED_OPS};

const struct tokenizer_ops tokenizer_marian_native = {
    .files = "Marian's vocab.*.spm", .there = shared_there, .open = open_native, SHARED_OPS};

#include "backend/tokenizers/model_json.h"

#include "backend/tokenizers/bpe.h"
#include "backend/tokenizers/unigram.h"
#include "backend/tokenizers/word_models.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    struct pipeline *p;
    const cJSON *model;
    const char *where; /* "…/tokenizer.json: model" */
};

/* Ids far beyond the number of pieces would make a small file take much memory. */
static bool is_sparse(int64_t n_pieces, int64_t n_ids) {
    return n_ids > 65536 + 16 * n_pieces;
}

/* How many ids an object of pieces has. */
static enum err_code count_ids(int32_t *n, const struct reading *r, const cJSON *vocab,
                               struct err *e) {
    const cJSON *v;
    int64_t n_pieces = 0;
    *n = 0;
    cJSON_ArrayForEach(v, vocab) {
        const double id = v->valuedouble;
        if (!cJSON_IsNumber(v) || !(id >= 0 && id < VOCABULARY_MOST) || id != (double)(int32_t)id)
            return err_set(e, ERR_FORMAT,
                           "%s.vocab: the id of \"%.40s\" is not a number from 0 to %d", r->where,
                           v->string, VOCABULARY_MOST);
        *n = (int32_t)id >= *n ? (int32_t)id + 1 : *n;
        n_pieces++;
    }
    if (is_sparse(n_pieces, *n))
        return err_set(e, ERR_FORMAT, "%s.vocab: %lld pieces have ids up to %d", r->where,
                       (long long)n_pieces, *n - 1);
    return ERR_OK;
}

/* Pieces by name with their ids. */
static enum err_code read_vocabulary(const struct reading *r, struct err *e) {
    const cJSON *vocab = tokenizer_json_get(r->model, "vocab"), *v;
    struct vocabulary *out = &r->p->vocabulary;
    int32_t n;
    if (!cJSON_IsObject(vocab))
        return err_set(e, ERR_FORMAT, "%s.vocab is missing or no object", r->where);
    enum err_code code = count_ids(&n, r, vocab, e);
    if (code)
        return code;
    const char **by_id = mem_alloc(((size_t)n + 1) * sizeof *by_id);
    cJSON_ArrayForEach(v, vocab) by_id[(int32_t)v->valuedouble] = v->string;
    vocabulary_init(out, n);
    for (int32_t i = 0; i < n; i++)
        vocabulary_add(out, by_id[i] ? by_id[i] : "", by_id[i] ? strlen(by_id[i]) : 0);
    free(by_id);
    pipeline_own(r->p);
    return ERR_OK;
}

/* The id of the member "unk_token"; −1 where it is missing or null. */
static enum err_code find_unknown(int32_t *id, const struct reading *r, bool needed,
                                  struct err *e) {
    const char *name = tokenizer_json_text(r->model, "unk_token");
    *id = *name ? vocabulary_find(&r->p->vocabulary, name, strlen(name)) : -1;
    if (*id < 0 && (*name || needed))
        return err_set(e, ERR_FORMAT, "%s.unk_token \"%.40s\" is not in the vocabulary", r->where,
                       name);
    return ERR_OK;
}

/* --- BPE --- */

/* "a b", or ["a", "b"] since tokenizers 0.20. */
static enum err_code add_merge(struct bpe *b, const cJSON *m, int32_t rank, const struct reading *r,
                               struct err *e) {
    const char *left = NULL, *right = NULL;
    size_t n_left = 0;
    struct err inner;
    if (cJSON_IsString(m)) {
        left = m->valuestring;
        right = strchr(left, ' ');
        n_left = right ? (size_t)(right - left) : 0;
        right = right && !strchr(right + 1, ' ') ? right + 1 : NULL;
    } else if (cJSON_GetArraySize(m) == 2 && cJSON_IsString(m->child) &&
               cJSON_IsString(m->child->next)) {
        left = m->child->valuestring;
        n_left = strlen(left);
        right = m->child->next->valuestring;
    }
    if (!right)
        return err_set(e, ERR_FORMAT, "%s.merges[%d] is not a pair", r->where, rank);
    enum err_code code = bpe_add_merge(b, rank, left, n_left, right, strlen(right), &inner);
    return code ? err_set(e, code, "%s.merges: %s", r->where, inner.message) : ERR_OK;
}

static enum err_code read_merges(struct bpe *b, const struct reading *r, struct err *e) {
    const cJSON *merges = tokenizer_json_get(r->model, "merges"), *m;
    int32_t rank = 0;
    if (!cJSON_IsArray(merges))
        return err_set(e, ERR_FORMAT, "%s.merges is missing or no list", r->where);
    bpe_start_merges(b, (size_t)cJSON_GetArraySize(merges));
    cJSON_ArrayForEach(m, merges) {
        if (cJSON_IsString(m) && strncmp(m->valuestring, "#version", 8) == 0)
            continue;
        enum err_code code = add_merge(b, m, rank++, r, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code read_flags(struct bpe *b, const struct reading *r, struct err *e) {
    const struct {
        const char *key;
        bool *flag;
    } flags[] = {{"fuse_unk", &b->fuse_unk},
                 {"byte_fallback", &b->byte_fallback},
                 {"ignore_merges", &b->ignore_merges}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        enum err_code code =
            tokenizer_json_flag(flags[i].flag, r->model, flags[i].key, false, r->where, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code read_bpe(const struct reading *r, struct err *e) {
    const cJSON *dropout = tokenizer_json_get(r->model, "dropout");
    if (cJSON_IsNumber(dropout) && dropout->valuedouble != 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s.dropout is %g: merges left out at random are not for attribution",
                       r->where, dropout->valuedouble);
    enum err_code code = read_vocabulary(r, e);
    if (code)
        return code;
    struct bpe *b = bpe_new(&r->p->vocabulary, r->p->own);
    r->p->model = &b->base;
    code = read_flags(b, r, e);
    if (code)
        return code;
    mem_replace(&b->prefix, mem_text(tokenizer_json_text(r->model, "continuing_subword_prefix")));
    mem_replace(&b->suffix, mem_text(tokenizer_json_text(r->model, "end_of_word_suffix")));
    if (b->byte_fallback && (*b->prefix || *b->suffix))
        return err_set(e, ERR_UNSUPPORTED,
                       "%s.byte_fallback beside continuing_subword_prefix or end_of_word_suffix",
                       r->where);
    code = find_unknown(&b->base.unk_id, r, false, e);
    if (code)
        return code;
    code = read_merges(b, r, e);
    if (code)
        return code;
    bpe_finish(b);
    return ERR_OK;
}

/* --- Unigram --- */

static enum err_code read_piece(const struct reading *r, const cJSON *item, double *score,
                                struct err *e) {
    const cJSON *piece = item ? item->child : NULL, *value = piece ? piece->next : NULL;
    const int32_t id = r->p->vocabulary.n;
    if (!cJSON_IsArray(item) || !cJSON_IsString(piece) || !cJSON_IsNumber(value) || value->next)
        return err_set(e, ERR_FORMAT, "%s.vocab[%d] is not a piece with its score", r->where, id);
    vocabulary_add(&r->p->vocabulary, piece->valuestring, strlen(piece->valuestring));
    *score = value->valuedouble;
    return ERR_OK;
}

static enum err_code read_scores(const struct reading *r, double **scores, struct err *e) {
    const cJSON *vocab = tokenizer_json_get(r->model, "vocab"), *item;
    const int n = cJSON_IsArray(vocab) ? cJSON_GetArraySize(vocab) : 0;
    enum err_code code = ERR_OK;
    *scores = NULL;
    if (n == 0 || n >= VOCABULARY_MOST)
        return err_set(e, ERR_FORMAT, "%s.vocab is no list of 1 to %d pieces", r->where,
                       VOCABULARY_MOST);
    vocabulary_init(&r->p->vocabulary, n);
    *scores = mem_alloc(((size_t)n + 1) * sizeof **scores);
    cJSON_ArrayForEach(item, vocab) {
        code = read_piece(r, item, *scores + r->p->vocabulary.n, e);
        if (code)
            return code;
    }
    return code;
}

static enum err_code read_unigram(const struct reading *r, struct err *e) {
    double *scores;
    int64_t unk_id;
    bool byte_fallback;
    enum err_code code = read_scores(r, &scores, e);
    if (code)
        goto out;
    const int32_t n = r->p->vocabulary.n;
    code = tokenizer_json_count(&unk_id, r->model, "unk_id", -1, n - 1, r->where, e);
    if (code)
        goto out;
    code = tokenizer_json_flag(&byte_fallback, r->model, "byte_fallback", false, r->where, e);
    if (code)
        goto out;
    r->p->vocabulary.last_counts = true;
    pipeline_own(r->p);
    r->p->n_own = n; /* equal pieces count each */
    struct unigram *u = unigram_new(&r->p->vocabulary, r->p->own, scores, n, NULL);
    u->base.unk_id = (int32_t)unk_id;
    u->byte_fallback = byte_fallback;
    r->p->model = &u->base;
out:
    free(scores);
    return code;
}

/* --- WordPiece, WordLevel --- */

static enum err_code read_wordpiece(const struct reading *r, struct err *e) {
    int32_t unk_id;
    int64_t longest;
    const char *prefix = tokenizer_json_get(r->model, "continuing_subword_prefix")
                             ? tokenizer_json_text(r->model, "continuing_subword_prefix")
                             : "##";
    enum err_code code = read_vocabulary(r, e);
    if (code)
        return code;
    code = find_unknown(&unk_id, r, false, e);
    if (code)
        return code;
    code = tokenizer_json_count(&longest, r->model, "max_input_chars_per_word", 100, 1 << 30,
                                r->where, e);
    if (code)
        return code;
    r->p->model = wordpiece_model_new(&r->p->vocabulary, r->p->own, prefix, longest, unk_id);
    return ERR_OK;
}

static enum err_code read_word_level(const struct reading *r, struct err *e) {
    int32_t unk_id;
    enum err_code code = read_vocabulary(r, e);
    if (code)
        return code;
    code = find_unknown(&unk_id, r, false, e);
    if (code)
        return code;
    r->p->model = word_level_model_new(&r->p->vocabulary, r->p->own, unk_id);
    return ERR_OK;
}

/* Files from before 2021 do not tell the type; their members do. */
static const char *type_of(const cJSON *model) {
    const char *type = tokenizer_json_text(model, "type");
    if (*type)
        return type;
    if (tokenizer_json_get(model, "merges"))
        return "BPE";
    if (tokenizer_json_get(model, "max_input_chars_per_word"))
        return "WordPiece";
    return cJSON_IsArray(tokenizer_json_get(model, "vocab")) ? "Unigram" : "WordLevel";
}

enum err_code model_json_read(struct pipeline *p, const cJSON *model, const char *path,
                              struct err *e) {
    static const struct {
        const char *type;
        enum err_code (*read)(const struct reading *r, struct err *e);
    } kinds[] = {{"BPE", read_bpe},
                 {"Unigram", read_unigram},
                 {"WordPiece", read_wordpiece},
                 {"WordLevel", read_word_level}};
    const char *type = type_of(model);
    if (!cJSON_IsObject(model))
        return err_set(e, ERR_FORMAT, "%s: model is missing or no object", path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].type, type) != 0)
            continue;
        char *where = mem_format("%s: model", path);
        const struct reading r = {p, model, where};
        enum err_code code = kinds[i].read(&r, e);
        free(where);
        return code;
    }
    return err_set(e, ERR_UNSUPPORTED, "%s: model.type \"%.40s\" is not known here", path, type);
}

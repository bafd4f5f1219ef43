#include "backend/base/base64.h"
#include "backend/tokenizers/converted_parts.h"
#include "backend/tokenizers/score_merges.h"

#include <stdlib.h>
#include <string.h>

/* --- the pieces, by the model's ids --- */

static void count_word(void *user, const char *word, float score) {
    (void)word, (void)score;
    ++*(int32_t *)user;
}

static void add_piece(void *user, const char *word, float score) {
    struct converted *c = user;
    c->scores[c->pieces.n] = score;
    vocabulary_add(&c->pieces, word, strlen(word));
}

/* Old Gemma files lack the tab, which then takes the place of its byte. */
static const char *mended(const struct converted *c, const char *piece, float *score) {
    if (!c->class->names_tab || strcmp(piece, "<0x09>") != 0 ||
        vocabulary_find(&c->file.pieces, "\t", 1) >= 0)
        return piece;
    *score = 0;
    return "\t";
}

static enum err_code take_pieces(struct converted *c, struct err *e) {
    const struct sentencepiece_file *f = &c->file;
    int32_t n = f->pieces.n - c->class->skip;
    if (n < 0)
        return err_set(e, ERR_FORMAT, "%s has %d pieces: too few for a %s", c->path, f->pieces.n,
                       c->settings->class_name);
    converted_expand(c, c->class->head, count_word, &n);
    converted_expand(c, c->class->tail, count_word, &n);
    vocabulary_init(&c->pieces, n);
    c->scores = mem_alloc((size_t)n * sizeof *c->scores);
    converted_expand(c, c->class->head, add_piece, c);
    c->shift = c->pieces.n - c->class->skip;
    for (int32_t i = c->class->skip; i < f->pieces.n; i++) {
        float score = f->scores[i];
        add_piece(c, mended(c, vocabulary_piece(&f->pieces, i, NULL), &score), score);
    }
    converted_expand(c, c->class->tail, add_piece, c);
    vocabulary_index(&c->pieces);
    return ERR_OK;
}

/* --- the model --- */

static void add_unigram(const struct converted *c, cJSON *model) {
    cJSON *vocabulary = cJSON_AddArrayToObject(model, "vocab");
    cJSON_AddStringToObject(model, "type", "Unigram");
    cJSON_AddNumberToObject(model, "unk_id",
                            c->class->unk_id >= 0 ? c->class->unk_id : c->file.unk_id + c->shift);
    for (int32_t i = 0; i < c->pieces.n; i++) {
        cJSON *pair = cJSON_CreateArray();
        cJSON_AddItemToArray(pair,
                             cJSON_CreateStringReference(vocabulary_piece(&c->pieces, i, NULL)));
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)c->scores[i]));
        cJSON_AddItemToArray(vocabulary, pair);
    }
}

/* "left right", or both apart where one of them holds a space. */
static cJSON *merge_item(const struct score_merge *m) {
    char text[2 * 512 + 2];
    if (!memchr(m->piece, ' ', m->n)) {
        memcpy(text, m->piece, m->n_left);
        text[m->n_left] = ' ';
        memcpy(text + m->n_left + 1, m->piece + m->n_left, m->n - m->n_left);
        text[m->n + 1] = '\0';
        return cJSON_CreateString(text);
    }
    cJSON *pair = cJSON_CreateArray();
    char *left = mem_text_n(m->piece, m->n_left);
    cJSON_AddItemToArray(pair, cJSON_CreateString(left));
    cJSON_AddItemToArray(pair, cJSON_CreateString(m->piece + m->n_left));
    free(left);
    return pair;
}

static enum err_code add_bpe(struct converted *c, cJSON *model, struct err *e) {
    struct score_merge *merges;
    size_t n;
    cJSON_AddStringToObject(model, "type", "BPE");
    cJSON_AddStringToObject(model, "unk_token", c->file.unk_piece);
    cJSON_AddBoolToObject(model, "fuse_unk", true);
    cJSON *vocabulary = cJSON_AddObjectToObject(model, "vocab"),
          *list = cJSON_AddArrayToObject(model, "merges");
    for (int32_t i = 0; i < c->pieces.n; i++)
        cJSON_AddItemToObjectCS(vocabulary, vocabulary_piece(&c->pieces, i, NULL),
                                cJSON_CreateNumber(i));
    enum err_code code =
        score_merges(&merges, &n, &c->pieces, c->scores, &c->file.pieces, c->path, e);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, merge_item(&merges[i]));
    free(merges);
    return ERR_OK;
}

static enum err_code add_model(struct converted *c, struct err *e) {
    cJSON *model = cJSON_AddObjectToObject(c->root, "model");
    cJSON_AddBoolToObject(model, "byte_fallback", c->class->byte_fallback);
    if (c->file.algorithm == SENTENCEPIECE_BPE)
        return add_bpe(c, model, e);
    if (c->file.algorithm != SENTENCEPIECE_UNIGRAM)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: a sentencepiece model of words or characters; only BPE and unigram "
                       "models are read",
                       c->path);
    add_unigram(c, model);
    return ERR_OK;
}

/* The table that normalises goes before everything else. */
static void add_character_map(struct converted *c) {
    struct text_buffer encoded = {0};
    cJSON *list = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(c->root, "normalizer"), "normalizers");
    if (!c->class->character_map || c->file.character_map.n == 0 || !list)
        return;
    cJSON *map = cJSON_CreateObject();
    base64_add(&encoded, c->file.character_map.data, c->file.character_map.n);
    cJSON_AddStringToObject(map, "type", "Precompiled");
    cJSON_AddStringToObject(map, "precompiled_charsmap", encoded.text);
    cJSON_InsertItemInArray(list, 0, map);
    text_buffer_dispose(&encoded);
}

enum err_code converted_from_sentencepiece(struct converted *out, const char *path,
                                           const struct tokenizer_class *class,
                                           struct token_settings *s, struct err *e) {
    *out = (struct converted){
        .root = cJSON_CreateObject(), .class = class, .settings = s, .path = path};
    enum err_code code = sentencepiece_file_read(&out->file, path, e);
    if (code)
        return code;
    code = take_pieces(out, e);
    if (code)
        return code;
    converted_finish(out);
    add_character_map(out);
    return add_model(out, e);
}

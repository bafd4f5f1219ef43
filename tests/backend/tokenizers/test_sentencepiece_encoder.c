/* Pieces and ids of the tiny translators' models, as libsentencepiece has them. */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/tokenizers/sentencepiece.h"
#include "backend/tokenizers/sentencepiece_encoder.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct err error;

static void write_piece(void *user, const char *piece, size_t n, int32_t id) {
    text_buffer_format(user, "%.*s %d|", (int)n, piece, id);
}

struct places {
    struct text_buffer pieces;
    size_t end, n_text;
};

static void write_placed(void *user, const char *piece, size_t n, int32_t id, size_t from,
                         size_t to) {
    struct places *p = user;
    write_piece(&p->pieces, piece, n, id);
    cr_expect(from <= to && to >= p->end && to <= p->n_text, "\"%.*s\": bytes %zu to %zu", (int)n,
              piece, from, to);
    p->end = to;
}

struct both {
    const struct sentencepiece_api *library;
    struct sentencepiece_model *model;
    struct sentencepiece_encoder *encoder;
};

static struct both open_both(const char *name) {
    struct both b = {.library = sentencepiece_load(&error)};
    char *data, *path = mem_format("%s/tiny/%s", getenv("TINSEQ_FIXTURES"), name);
    size_t n;
    cr_assert_not_null(b.library, "%s", error.message);
    cr_assert_eq(file_read(&data, &n, path, 1 << 24, &error), ERR_OK, "%s", error.message);
    cr_assert_eq(b.library->open(&b.model, data, n, path, &error), ERR_OK, "%s", error.message);
    cr_assert_eq(sentencepiece_encoder_open(&b.encoder, path, &error), ERR_OK, "%s", error.message);
    cr_assert_not_null(b.encoder, "%s", name);
    free(data);
    free(path);
    return b;
}

static void close_both(struct both *b) {
    b->library->free(b->model);
    sentencepiece_encoder_free(b->encoder);
}

static void compare(const struct both *b, const char *text) {
    struct text_buffer theirs = {0};
    struct places ours = {.n_text = strlen(text)};
    cr_assert_eq(b->library->encode(b->model, text, strlen(text), write_piece, &theirs, &error),
                 ERR_OK, "%s", error.message);
    sentencepiece_encode(b->encoder, text, strlen(text), write_placed, &ours);
    char *a = text_buffer_take(&theirs), *c = text_buffer_take(&ours.pieces);
    cr_expect_str_eq(c, a, "\"%s\"", text);
    free(a);
    free(c);
}

Test(sentencepiece_encoder, equals_the_library) {
    static const char *const models[] = {"marian/source.spm", "marian/target.spm",
                                         "student/vocab.xx.spm"};
    char *data, *path = mem_format("%s/tokenizer_json/texts.json", getenv("TINSEQ_FIXTURES"));
    size_t n;
    cr_assert_eq(file_read(&data, &n, path, 1 << 20, &error), ERR_OK, "%s", error.message);
    cJSON *texts = cJSON_Parse(data), *text;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct both b = open_both(models[i]);
        cJSON_ArrayForEach(text, texts) compare(&b, text->valuestring);
        compare(&b, "the dog\xE3\x80\x80 \xE3\x80\x80 barks \t\n at  \xE2\x96\x81 \xE2\x96\x81");
        close_both(&b);
    }
    cJSON_Delete(texts);
    free(data);
    free(path);
}

/* The library copies the unknown characters before each that follows: 300,000 took 10 s. */
Test(sentencepiece_encoder, a_megabyte_of_unknown_characters_is_one_piece) {
    struct both b = open_both("marian/source.spm");
    struct text_buffer text = {0};
    struct places ours = {0};
    for (int i = 0; i < 350000; i++)
        text_buffer_puts(&text, "\u65e5");
    ours.n_text = text.n;
    sentencepiece_encode(b.encoder, text.text, text.n, write_placed, &ours);
    cr_expect_leq(strlen(ours.pieces.text), text.n + 20);
    cr_expect_eq(ours.end, text.n);
    text_buffer_dispose(&ours.pieces);
    text_buffer_dispose(&text);
    close_both(&b);
}

Test(sentencepiece_encoder, another_kind_of_model_is_left_to_the_library) {
    struct sentencepiece_encoder *x;
    cr_assert_eq(
        sentencepiece_encoder_open(&x, "tests/fuzz/corpus/sentencepiece/bytes.spm", &error), ERR_OK,
        "%s", error.message);
    cr_expect_null(x);
    cr_expect_eq(sentencepiece_encoder_open(&x, "/dev/null", &error), ERR_IO);
    cr_expect_null(x);
}

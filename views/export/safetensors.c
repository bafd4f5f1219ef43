/* The arrays of a result as safetensors: a header of JSON, then the data. Reference: the format's
 * README (huggingface/safetensors), and scores_text.c. */
#include "backend/base/json.h"
#include "views/export/arrays.h"
#include "views/export/export.h"

#include <stdlib.h>

/* Whole numbers first: they are eight bytes and so stay aligned. */
static void put_tensors(struct text_buffer *header, const struct export_arrays *all, bool integer,
                        size_t *at) {
    for (size_t i = 0; i < all->n; i++) {
        const struct scores *s = all->items[i].scores;
        if (export_array_is_integer(s) != integer)
            continue;
        struct text_buffer one = {0};
        json_put_string(&one, "dtype", integer ? "I64" : "F32");
        struct text_buffer shape = {0}, place = {0};
        for (int k = 0; k < s->n_dims; k++)
            text_buffer_format(&shape, "%s%lld", k ? "," : "[", (long long)s->dims[k]);
        text_buffer_puts(&shape, "]");
        text_buffer_format(&place, "[%zu,%zu]", *at, *at + export_array_bytes(s));
        *at += export_array_bytes(s);
        json_put_value(&one, "shape", shape.text);
        json_put_value(&one, "data_offsets", place.text);
        char *object = json_take_object(&one);
        json_put_value(header, all->items[i].name, object);
        free(object);
        text_buffer_dispose(&shape);
        text_buffer_dispose(&place);
    }
}

/* Tokens and positions of every sequence, as JSON. */
static void put_sequences(struct text_buffer *b, const struct attribution *a) {
    text_buffer_puts(b, "[");
    for (size_t i = 0; i < a->n_sequences; i++) {
        const struct attribution_sequence *s = &a->sequences[i];
        struct text_buffer one = {0}, source = {0}, target = {0};
        json_put_number(&one, "attr_pos_start", (double)s->attr_pos_start);
        json_put_number(&one, "attr_pos_end", (double)s->attr_pos_end);
        export_tokens_json(&source, &s->source);
        export_tokens_json(&target, &s->target);
        json_put_value(&one, "source", source.text);
        json_put_value(&one, "target", target.text);
        char *object = json_take_object(&one);
        text_buffer_format(b, "%s%s", i ? "," : "", object);
        free(object);
        text_buffer_dispose(&source);
        text_buffer_dispose(&target);
    }
    text_buffer_puts(b, "]");
}

/* What the arrays are of: texts, as all values there must be. */
static void put_metadata(struct text_buffer *header, const struct attribution *a) {
    struct text_buffer members = {0}, sequences = {0};
    char *info = result_info_text(&a->info);
    put_sequences(&sequences, a);
    json_put_string(&members, "format", "tinseq");
    json_put_string(&members, "info", info);
    json_put_string(&members, "sequences", sequences.text);
    char *object = json_take_object(&members);
    json_put_value(header, "__metadata__", object);
    free(object);
    free(info);
    text_buffer_dispose(&sequences);
}

static void put_data(struct text_buffer *b, const struct export_arrays *all, bool integer) {
    for (size_t i = 0; i < all->n; i++) {
        const struct scores *s = all->items[i].scores;
        void *owned;
        if (export_array_is_integer(s) != integer)
            continue;
        export_put_bytes(b, export_array_data(&owned, s), export_array_bytes(s));
        free(owned);
    }
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    (void)e;
    struct export_arrays all = export_arrays_of_all(in->result);
    struct text_buffer members = {0}, header = {0};
    size_t bytes = 0;
    put_metadata(&members, in->result);
    put_tensors(&members, &all, true, &bytes);
    put_tensors(&members, &all, false, &bytes);
    char *object = json_take_object(&members);
    text_buffer_puts(&header, object);
    free(object);
    while (header.n % 8)
        text_buffer_puts(&header, " ");
    const uint64_t length = header.n;
    text_buffer_add(b, (const char *)&length, sizeof length);
    export_put_bytes(b, header.text, header.n);
    put_data(b, &all, true);
    put_data(b, &all, false);
    text_buffer_dispose(&header);
    export_arrays_dispose(&all);
    return ERR_OK;
}

const struct export export_safetensors = {
    .id = "safetensors",
    .title = "safetensors",
    .noun = "the arrays",
    .help = "The arrays as they are, with tokens and parameters in the metadata, for PyTorch and "
            "others.",
    .endings = {".safetensors"},
    .keeps_result = true,
    .write = write,
};

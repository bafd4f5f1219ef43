/*
 * Named tensors in files on disk: safetensors and torch.save's files (one, or those of a sharded
 * index), GGUF v2 and v3, Marian's native binary. The file is memory-mapped and everything read
 * from it is bounds-checked: a damaged or hostile file yields an error, never a crash, and no file
 * can run code. Plain C, no libtorch. An open store may be read from several threads at once.
 *
 * Names and layouts are those of the file's own convention except where `weights_open` says
 * otherwise.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_H
#define TINSEQ_BACKEND_WEIGHTS_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum weight_format {
    WEIGHT_FORMAT_SAFETENSORS,
    WEIGHT_FORMAT_PYTORCH,
    WEIGHT_FORMAT_GGUF,
    WEIGHT_FORMAT_MARIAN
};

/* How elements are stored. Block formats (Q…) decode to float32 exactly as llama.cpp's reference
 * does. */
enum weight_type {
    WEIGHT_F64,
    WEIGHT_F32,
    WEIGHT_F16,
    WEIGHT_BF16,
    WEIGHT_F8_E4M3, /* without infinities; Open Compute Project's OFP8 1.0 */
    WEIGHT_F8_E5M2,
    WEIGHT_I8,
    WEIGHT_I16,
    WEIGHT_I32,
    WEIGHT_I64,
    WEIGHT_U8, /* and truth values */
    WEIGHT_U16,
    WEIGHT_U32,
    WEIGHT_U64,
    WEIGHT_Q4_0,
    WEIGHT_Q4_1,
    WEIGHT_Q5_0,
    WEIGHT_Q5_1,
    WEIGHT_Q8_0,
    WEIGHT_Q4_K,
    WEIGHT_Q5_K,
    WEIGHT_Q6_K,
    WEIGHT_Q2_K,
    WEIGHT_Q3_K,
    WEIGHT_IQ1_S,
    WEIGHT_IQ1_M,
    WEIGHT_IQ2_XXS,
    WEIGHT_IQ2_XS,
    WEIGHT_IQ2_S,
    WEIGHT_IQ3_XXS,
    WEIGHT_IQ3_S,
    WEIGHT_IQ4_NL,
    WEIGHT_IQ4_XS,
    WEIGHT_TQ1_0,
    WEIGHT_TQ2_0,
    WEIGHT_MXFP4,
    WEIGHT_NVFP4,
    WEIGHT_MARIAN_INT8
};

#define WEIGHT_MAX_DIMS 5 /* of films: no language model's */

struct weight_info {
    const char *name; /* borrowed until weights_close */
    enum weight_type type;
    int n_dims;
    /* row-major, slowest first (GGUF's order is reversed on reading) */
    int64_t dims[WEIGHT_MAX_DIMS];
    int64_t n_elements;
};

/* Whole numbers and truth values: no weights, but buffers, unless a table names them. */
static inline bool weight_type_is_whole(enum weight_type type) {
    return type >= WEIGHT_I8 && type <= WEIGHT_U64;
}

const char *weight_type_name(enum weight_type type); /* "Q4_K"; static */

struct weights; /* an open checkpoint */

/* Opens a .safetensors file, a file of torch.save, an index.json of either (its shards beside it),
 * a .gguf or a Marian .bin file. Errors: IO, FORMAT (what is damaged, at which byte where that
 * helps), UNSUPPORTED (a type or version not read here). */
enum err_code weights_open(struct weights **out, const char *path, struct err *e) ERR_CHECKED;
void weights_close(struct weights *w);

enum weight_format weights_format(const struct weights *w);
/* How most of the elements are stored, and how many there are. */
enum weight_type weights_main_type(const struct weights *w, int64_t *n_elements);
size_t weights_count(const struct weights *w);
const struct weight_info *weights_at(const struct weights *w, size_t i);
const struct weight_info *weights_find(const struct weights *w,
                                       const char *name); /* NULL: absent */

/* Decodes a whole tensor, row-major, into `out` of info->n_elements floats. Marian int8: value = q
 * / multiplier, and already transposed back to its declared shape [r, c]. One tensor is decoded on
 * the calling thread. Errors: FORMAT. */
enum err_code weights_read_f32(const struct weights *w, const struct weight_info *info, float *out,
                               struct err *e) ERR_CHECKED;
/* The same, rows [row, row + n_rows) of a tensor seen as [dims[0], rest]; lets several threads
 * share one large tensor. */
enum err_code weights_read_rows_f32(const struct weights *w, const struct weight_info *info,
                                    int64_t row, int64_t n_rows, float *out,
                                    struct err *e) ERR_CHECKED;

/* Decodes rows order[0], order[1], … order[n − 1]. FORMAT: the tensor has no such row. */
enum err_code weights_read_ordered_f32(const struct weights *w, const struct weight_info *info,
                                       const int64_t *order, int64_t n, float *out,
                                       struct err *e) ERR_CHECKED;

/* Raw element storage inside the mapping (F32, F16, BF16, F64 only; aligned for its type, else
 * NULL), borrowed until weights_close. */
const void *weights_raw(const struct weights *w, const struct weight_info *info);

/* ERR_IO when a file was cut short by someone else while it was open, and something was read that
 * is not there any more: it read as zeros. To be asked when reading is done. */
enum err_code weights_whole(const struct weights *w, struct err *e) ERR_CHECKED;

/* Weights in FP8 have a scale for each block of rows × columns, in a tensor of the same name with
 * "_scale_inv" behind it: value = element · scale. Those tensors become part of their weights, and
 * are no tensors of their own any more: infos that were handed out before are not valid. FORMAT: a
 * scale is missing, of another shape, or of no weight. Source: DeepSeek-V3's inference/kernel.py.
 */
enum err_code weights_take_scales(struct weights *w, int64_t rows, int64_t columns,
                                  struct err *e) ERR_CHECKED;

/* The same where a weight has one scale, or one for each of its rows, in a tensor with "_scale"
 * behind its name. *inputs: there were scales of what weights read ("input_scale"), too, which are
 * taken out. Source: compressed-tensors 0.9, compressors/quantized_compressors/naive_quantized.py.
 */
enum err_code weights_take_whole_scales(struct weights *w, bool *inputs, struct err *e) ERR_CHECKED;

/* Of a model that sees pictures too, the language model's tensors get the names that they would
 * have alone, and those of the other parts are taken out: how many, and of which parts (owned by
 * the caller). Infos that were handed out before are not valid. FORMAT: two have one name. */
enum err_code weights_unwrap(struct weights *w, char **left_out, size_t *n_left_out,
                             struct err *e) ERR_CHECKED;

/* A LoRA adapter's tensors join those of its base (wrapped: that of weights_unwrap), which takes
 * their checkpoint. FORMAT, SHAPE with the name of a tensor that does not fit, or is of nothing. */
struct adapter;
enum err_code weights_merge(struct weights *base, struct weights *taken,
                            const struct adapter *adapter, bool wrapped, struct err *e) ERR_CHECKED;

/* The first tensor with a number that is not finite, and at which element; NULL: there is none.
 * Decodes the whole checkpoint: for saying why a model's numbers are not finite. */
const struct weight_info *weights_damage(const struct weights *w, int64_t *element);

/* Tells the kernel that decoded pages are no longer wanted, so that they do not count as
 * resident. */
void weights_drop_pages(const struct weights *w);
/* The same for one tensor of a file. Nothing for bytes in memory. Several threads may still be
 * reading it. */
void weights_drop_tensor(const struct weights *w, const struct weight_info *info);

/* Metadata: GGUF key-values; Marian's special:model.yml through weights_meta_text "model.yml";
 * safetensors' __metadata__. Arrays are read element by element. All return false when the key is
 * absent or of another kind. Strings are borrowed until weights_close; GGUF strings may hold NUL,
 * hence the length. */
size_t weights_meta_count(const struct weights *w);
const char *weights_meta_key(const struct weights *w, size_t i);
bool weights_meta_text(const struct weights *w, const char *key, const char **text, size_t *n);
bool weights_meta_int(const struct weights *w, const char *key, int64_t *value);
bool weights_meta_float(const struct weights *w, const char *key, double *value);
bool weights_meta_bool(const struct weights *w, const char *key, bool *value);
bool weights_meta_array_size(const struct weights *w, const char *key, size_t *n);
bool weights_meta_array_text(const struct weights *w, const char *key, size_t i, const char **text,
                             size_t *n);
bool weights_meta_array_int(const struct weights *w, const char *key, size_t i, int64_t *value);
bool weights_meta_array_float(const struct weights *w, const char *key, size_t i, double *value);

#endif

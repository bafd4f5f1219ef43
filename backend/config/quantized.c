/*
 * "quantization_config" of a config.json: what Transformers 4.57 (utils/quantization_config.py)
 * writes for weights that are not stored as numbers of their own. Only FP8 is read: in blocks, or
 * under one scale a tensor or a row.
 */
#include "backend/config/files.h"

#include <string.h>

#define LARGEST_BLOCK 65536

/* What there is instead of each; a method that is not here is refused by its name alone. */
static const struct {
    const char *method, *name;
} refused[] = {
    {"gptq", "GPTQ"},
    {"awq", "AWQ"},
    {"bitsandbytes", "bitsandbytes (8 or 4 bits)"},
    {"compressed-tensors", "compressed-tensors"},
    {"hqq", "HQQ"},
    {"eetq", "EETQ"},
    {"aqlm", "AQLM"},
    {"quip", "QuIP"},
    {"vptq", "VPTQ"},
    {"spqr", "SpQR"},
    {"higgs", "HIGGS"},
    {"quanto", "Quanto"},
    {"quark", "Quark"},
    {"torchao", "torchao"},
    {"fp_quant", "FP-Quant"},
    {"bitnet", "BitNet"},
    {"mxfp4", "MXFP4 as safetensors"},
    {"auto-round", "AutoRound"},
    {"modelopt", "ModelOpt"},
};

static void refuse(struct fields *f, const char *method) {
    const char *name = method;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(method, refused[i].method) == 0)
            name = refused[i].name;
    field_fail(f, ERR_UNSUPPORTED,
               "its weights are quantised by %s (quantization_config), which is not read here: use "
               "the model that it was made from, or a GGUF file of it (Q8_0, Q4_K_M)",
               name);
}

/* Two whole numbers: rows and columns under one scale. */
static void read_blocks(struct model_config *c, struct fields *f, const cJSON *object) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "weight_block_size");
    for (int i = 0; i < 2; i++) {
        const cJSON *size = cJSON_GetArrayItem(list, i);
        const double value = cJSON_IsNumber(size) ? size->valuedouble : 0;
        if (!(value >= 1 && value <= LARGEST_BLOCK) || value != (double)(int)value ||
            cJSON_GetArraySize(list) != 2) {
            field_fail(f, ERR_UNSUPPORTED,
                       "quantization_config: FP8 weights are read where weight_block_size has two "
                       "whole numbers from 1 to %d",
                       LARGEST_BLOCK);
            return;
        }
        c->scale_block[i] = (int)value;
    }
}

/* Whether all groups of compressed-tensors are what scaled_whole says. */
static bool is_float8(const cJSON *object) {
    const cJSON *groups = cJSON_GetObjectItemCaseSensitive(object, "config_groups"), *group,
                *sparse = cJSON_GetObjectItemCaseSensitive(object, "sparsity_config");
    int n = 0;
    cJSON_ArrayForEach(group, groups) {
        const cJSON *w = cJSON_GetObjectItemCaseSensitive(group, "weights"),
                    *bits = cJSON_GetObjectItemCaseSensitive(w, "num_bits");
        const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(w, "type")),
                   *by = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(w, "strategy"));
        const bool whole = by && (strcmp(by, "tensor") == 0 || strcmp(by, "channel") == 0);
        if (!cJSON_IsNumber(bits) || bits->valuedouble != 8 || !type ||
            strcmp(type, "float") != 0 || !whole ||
            cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(w, "symmetric")))
            return false;
        n++;
    }
    return n > 0 && cJSON_GetArraySize(sparse) == 0;
}

static void read_method(struct model_config *c, struct fields *in, const char *method) {
    const bool blocks = field_present(in, "weight_block_size"),
               whole = (strcmp(method, "fp8") == 0 && !blocks) ||
                       strcmp(method, "fbgemm_fp8") == 0 ||
                       (strcmp(method, "compressed-tensors") == 0 && is_float8(in->json));
    if (whole)
        c->scaled_whole = true;
    else if (strcmp(method, "fp8") == 0)
        read_blocks(c, in, in->json);
    else
        refuse(in, method);
}

void quantization_config_read(struct model_config *c, struct fields *f) {
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(f->json, "quantization_config");
    struct fields in = {.file = f->file, .json = object, .e = f->e, .code = f->code};
    char method[40], format[16];
    if (field_present(f, "compression_config"))
        refuse(f, "compressed-tensors");
    if (!field_present(f, "quantization_config") || f->code)
        return;
    field_text(&in, "quant_method", "a method that it does not name", method, sizeof method);
    field_text(&in, "fmt", "e4m3", format, sizeof format);
    if (strcmp(method, "fp8") == 0 && strcmp(format, "e4m3") != 0)
        field_fail(&in, ERR_UNSUPPORTED, "quantization_config.fmt is %s; only e4m3 is read",
                   format);
    else
        read_method(c, &in, method);
    f->code = in.code;
}

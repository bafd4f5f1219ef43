/*
 * The tokenizer models that GGUF files have (tokenizer.ggml.model), each as the stages and the
 * model of a pipeline. Reference: llama.cpp (src/llama-vocab.cpp, as llama-cpp-python 0.3.36 has
 * it); transformers 4.57, integrations/ggml.py. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_GGUF_MODELS_H
#define TINSEQ_BACKEND_TOKENIZERS_GGUF_MODELS_H

#include "backend/tokenizers/pipeline.h"

struct weights;

struct gguf_model {
    const char *name;
    const char *class_name; /* of Transformers */
    /* Fills all but what stands around a text. Errors: FORMAT, UNSUPPORTED. */
    enum err_code (*fill)(struct pipeline *p, const struct weights *w, struct err *e);
    bool begins, ends;     /* with BOS, EOS where the file does not say */
    int32_t bos, eos, unk; /* where it does not say; −1: none */
};

/* NULL: not known here. */
const struct gguf_model *gguf_model_find(const char *name, size_t n);

/* The pre-tokenizer's name, at most 63 bytes of it; "default" where the file has none. */
void gguf_pre_name(const struct weights *w, char name[64]);

#endif

/*
 * LoRA adapters as PEFT saves them: adapter_config.json says how much of a product of two narrow
 * matrices is added to which weights of another model. Any thread.
 */
#ifndef TINSEQ_BACKEND_ADAPTER_H
#define TINSEQ_BACKEND_ADAPTER_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Another alpha than the general one, for modules whose name is or ends so. */
struct adapter_alpha {
    char *module; /* owned */
    double alpha;
};

/* Zero-initialise. */
struct adapter {
    char *base, *revision; /* owned; revision NULL: none is named */
    double alpha;
    bool rank_stabilised; /* alpha / √r instead of alpha / r */
    bool transposed;      /* weights are [I, O] ("fan_in_fan_out") */
    struct adapter_alpha *alphas;
    size_t n_alphas;
    char notice[ERR_MESSAGE_SIZE]; /* settings that are not known here; "": none */
};

/* Reads adapter_config.json. FORMAT; UNSUPPORTED with the name of what is not LoRA, or of what it
 * does beyond. */
enum err_code adapter_read(struct adapter *out, const char *path, struct err *e) ERR_CHECKED;
void adapter_dispose(struct adapter *a);
/* Where its base lies: a path, seen from here or from the adapter's folder, or a name in Hugging
 * Face's cache. Owned by the caller. ERR_IO with the name where it is not on this machine. */
enum err_code adapter_find_base(char **path, const struct adapter *a, const char *folder,
                                struct err *e) ERR_CHECKED;

#endif

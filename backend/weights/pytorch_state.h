/*
 * What a pickle of torch.save holds: a dict of tensors, which are views of storages. pytorch.c says
 * where these lie. Reference: torch 2.6, torch/_utils.py.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_PYTORCH_STATE_H
#define TINSEQ_BACKEND_WEIGHTS_PYTORCH_STATE_H

#include "backend/weights/pickle.h"

/* What a persistent id says, and where it lies. */
struct storage {
    const char *key; /* [n_key], borrowed from the pickle */
    size_t n_key;
    int type;         /* or UNTYPED */
    int64_t n;        /* elements; UNTYPED: bytes */
    size_t n_element; /* bytes of an element */
    const unsigned char *data;
};

struct torch_file {
    struct weights *w;
    const unsigned char *data;
    size_t n;
    struct storage *storages; /* sorted by key, once they are all there */
    size_t n_storages;
    struct err *e;
};

/* Reads a pickle in which only what makes tensors may be named. */
enum err_code torch_pickle(const struct torch_file *f, struct pickle **p,
                           struct pickle_value **value, struct reader *r) ERR_CHECKED;
/* Checks that it is a dict of tensors, and collects their storages. */
enum err_code torch_storages(struct torch_file *f, const struct pickle_value *state) ERR_CHECKED;
/* NULL: there is none. */
struct storage *torch_find_storage(const struct torch_file *f, const struct storage *like);
/* Adds the tensors to the store, when all storages have their data. */
enum err_code torch_tensors(struct torch_file *f, const struct pickle_value *state) ERR_CHECKED;

#endif

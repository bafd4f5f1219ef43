/*
 * Models found on this machine: those fetched by `make models` under
 * ${XDG_DATA_HOME:-~/.local/share}/tinseq/models (or $TINSEQ_MODELS), the Hugging Face cache,
 * Ollama's and LM Studio's folders. Reads headers only (milliseconds). Any thread.
 */
#ifndef TINSEQ_BACKEND_DISCOVERY_H
#define TINSEQ_BACKEND_DISCOVERY_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct found_model {
    char *name;    /* what -m takes: "smollm2", "en-pt", "org/model", "llama3:8b" */
    char *path;    /* folder or file */
    char *where;   /* "tinseq", "hugging face", "ollama", "lm studio" */
    char *kind;    /* "LlamaForCausalLM · 135 M · Q4_1 · 8192 positions", for a list */
    char *why_not; /* NULL: runs here; else the reason it cannot */
    bool encoder_decoder;
    int64_t n_bytes; /* of its weights */
};

struct found_models {
    struct found_model *items;
    size_t n;
};

/* Never fails: unreadable places are skipped; an unreadable model is listed with its reason.
 * Sorted: runnable first, by name. */
void models_discover(struct found_models *out);
void found_models_dispose(struct found_models *f);

/* Whether what a person gave to -m is a path of something that is there; else it is a name. */
bool model_is_path(const char *name_or_path);
/* Turns what a person gave to -m (a path, a name of the list, or NAME@REVISION of Hugging Face's
 * cache: a branch, a tag or a commit) into a path, owned by the caller.
 * ERR_IO with the nearest name and what to do (`make models`) when there is no such thing. */
enum err_code model_resolve(char **path, const char *name_or_path, struct err *e) ERR_CHECKED;

/* The encoder that aligns texts: LaBSE, as in Inseq, where it is on this machine (in the models
 * folder or the Hugging Face cache), else the MiniLM of `make models ALIGN=1`. One whose weights
 * cannot be read is passed over. *folder and *name (as in the list) are owned by the caller.
 * ERR_IO: none. */
enum err_code encoder_find(char **folder, char **name, struct err *e) ERR_CHECKED;

/* The folder `make models` fills; owned by the caller. */
char *models_folder(void);

#endif

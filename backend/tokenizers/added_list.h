/*
 * What several files and a class say of added tokens, in the order in which Transformers tells the
 * library. Reference: transformers 4.57, tokenization_utils_fast.py. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_ADDED_LIST_H
#define TINSEQ_BACKEND_TOKENIZERS_ADDED_LIST_H

#include "backend/tokenizers/json.h"

#include <stddef.h>

struct added_entry {
    cJSON *token; /* as tokenizer.json has it; its id is not looked at */
    bool weak;    /* counts only where nothing before it has its content */
    size_t order;
};

struct added_list {
    struct added_entry *items;
    size_t n;
};

/* Adds what is said of one token; `token` is taken. */
void added_list_take(struct added_list *a, cJSON *token, bool weak);
/* The list for tokenizer.json, owned by the caller; `a` is empty afterwards. */
cJSON *added_list_json(struct added_list *a);

#endif

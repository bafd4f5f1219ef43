#include "backend/generation/search.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool search_is_eos(const struct generation_config *config, int32_t id) {
    for (int i = 0; i < config->n_eos_token_ids; i++)
        if (config->eos_token_ids[i] == id)
            return true;
    return false;
}

/* At least n bytes of text before the token at `end`, or all there are. */
static void text_before(struct text_buffer *out, const struct search_input *in, const int32_t *ids,
                        int64_t end, size_t n) {
    int64_t first = end;
    size_t length, sum = 0;
    while (first > 0 && sum < n) {
        in->bytes(in->bytes_user, ids[--first], &length);
        sum += length;
    }
    for (; first < end; first++) {
        const char *bytes = in->bytes(in->bytes_user, ids[first], &length);
        text_buffer_add(out, bytes, length);
    }
}

/* Transformers' StopStringCriteria: a string counts that ends inside the last token. */
static bool completes_stop(const struct search_input *in, const int32_t *ids, int64_t n) {
    struct text_buffer text = {0};
    bool found = false;
    size_t length;
    text_before(&text, in, ids, n - 1, CONFIG_STOP_BYTES);
    const size_t before = text.n;
    const char *last = in->bytes(in->bytes_user, ids[n - 1], &length);
    text_buffer_add(&text, last, length);
    for (int i = 0; i < in->config->n_stop_strings; i++) {
        const char *stop = in->config->stop_strings[i];
        const size_t size = strlen(stop), from = before >= size ? before - size + 1 : 0;
        found |= length > 0 && memmem(text.text + from, text.n - from, stop, size) != NULL;
    }
    text_buffer_dispose(&text);
    return found;
}

bool search_ends(const struct search_input *in, const int32_t *ids, int64_t n) {
    return search_is_eos(in->config, ids[n - 1]) ||
           (in->config->n_stop_strings && completes_stop(in, ids, n));
}

enum err_code search_read_out(const struct search_input *in, const int32_t *ids, int64_t n,
                              struct err *e) {
    if (!in->events || !in->events->token)
        return ERR_OK;
    for (int64_t length = in->n_prompt + 1; length <= n; length++) {
        enum err_code code = in->events->token(in->events->user, ids, length, in->n_prompt, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* A heap of the k best so far, the worst of them at its root. */
static bool worse(const float *scores, int64_t a, int64_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a > b;
}

static void sift(const float *scores, int64_t *heap, int64_t n, int64_t i) {
    for (;;) {
        int64_t least = i, left = 2 * i + 1, right = left + 1;
        if (left < n && worse(scores, heap[left], heap[least]))
            least = left;
        if (right < n && worse(scores, heap[right], heap[least]))
            least = right;
        if (least == i)
            return;
        int64_t swap = heap[i];
        heap[i] = heap[least];
        heap[least] = swap;
        i = least;
    }
}

void search_top(const float *scores, int64_t n, int64_t k, int64_t *indices) {
    for (int64_t i = 0; i < k; i++)
        indices[i] = i;
    for (int64_t i = k / 2; i-- > 0;)
        sift(scores, indices, k, i);
    for (int64_t i = k; i < n; i++)
        if (worse(scores, indices[0], i)) {
            indices[0] = i;
            sift(scores, indices, k, 0);
        }
    for (int64_t left = k - 1; left > 0; left--) { /* heap sort: the worst goes last */
        int64_t swap = indices[0];
        indices[0] = indices[left];
        indices[left] = swap;
        sift(scores, indices, left, 0);
    }
}

void candidates_from_logits(struct candidates *out, const float *logits, int64_t n_vocab) {
    int64_t k = n_vocab < GENERATE_N_CANDIDATES ? n_vocab : GENERATE_N_CANDIDATES,
            top[GENERATE_N_CANDIDATES];
    search_top(logits, n_vocab, k, top);
    double sum = 0;
    float largest = logits[top[0]];
    for (int64_t v = 0; v < n_vocab; v++)
        sum += expf(logits[v] - largest);
    out->n = (int)k;
    for (int64_t i = 0; i < k; i++)
        out->items[i] = (struct candidate){(int32_t)top[i],
                                           (float)(exp((double)logits[top[i]] - largest) / sum)};
}

void generation_dispose(struct generation *g) {
    free(g->ids);
    free(g->steps);
    *g = (struct generation){0};
}

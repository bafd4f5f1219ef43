#include "backend/settings/harmless.h"

#include <string.h>

static const char *const harmless[] = {
    /* config.json: Transformers' PretrainedConfig */
    "_name_or_path", "_commit_hash", "_attn_implementation*", "_num_labels", "transformers_version",
    "torch_dtype", "dtype", "torchscript", "use_bfloat16", "tf_legacy_loss", "auto_map",
    "output_attentions", "output_hidden_states", "return_dict", "use_cache", "is_decoder",
    "chunk_size_feed_forward", "gradient_checkpointing", "finetuning_task", "id2label", "label2id",
    "num_labels", "problem_type", "task_specific_params", "tokenizer_class", "prefix",
    "sep_token_id", "mask_token_id", "unk_token_id", "name_or_path", "unsloth_*",
    /* … and its families': training, heads that are not used, what other libraries do */
    "initializer_range", "init_std", "pretraining_tp", "n_ctx", "reorder_and_upcast_attn",
    "summary_*", "classif_dropout", "classifier_dropout", "encoder_layerdrop", "decoder_layerdrop",
    "layerdrop", "output_router_logits", "router_aux_loss_coef", "router_jitter_noise", "pooler_*",
    "directionality", "is_llama_config", "transformers.js_config",
    /* generation_config.json: outputs, caches, compiling, assistants */
    "_from_model_config", "cache_implementation", "cache_config", "compile_config",
    "disable_compile", "return_legacy_cache", "prefill_chunk_size", "low_memory", "output_scores",
    "output_logits", "return_dict_in_generate", "num_return_sequences", "remove_invalid_values",
    "is_assistant", "num_assistant_tokens*", "assistant_*", "prompt_lookup_num_tokens",
    "max_matching_ngram_size", "target_lookbehind",
    /* GGUF: whose model it is, how it was quantised, what chat and infilling take */
    "general.*", "split.*", "quantize.*", "tokenizer.chat_template*", "tokenizer.ggml.scores",
    "tokenizer.ggml.*_token_id", "tokenizer.ggml.add_space_prefix", "tokenizer.ggml.add_sep_token",
    "tokenizer.ggml.token_type_count", "tokenizer.huggingface.json",
    /* Marian, model.yml: other types of network, training */
    "version", "bert-*", "dec-cell-base-depth", "dec-cell-high-depth", "dim-rnn", "dim-vocabs",
    "enc-cell", "enc-cell-depth", "enc-type", "skip", "tied-embeddings", "tied-embeddings-src",
    "transformer-aan-*", "transformer-dim-aan", "transformer-depth-scaling",
    "transformer-guided-alignment-layer", "transformer-dropout*", "ulr-*",
    /* Marian's decoder: files, batches, speed */
    "relative-paths", "models", "vocabs", "shortlist", "mini-batch*", "maxi-batch*", "workspace",
    "gemm-precision", "gemm-type", "alignment", "quiet", "quiet-translation", "cpu-threads",
    "skip-cost", "ssplit-*", "log", "log-level"};

/* One * in a name stands for any text. */
static bool matches(const char *name, const char *key) {
    const char *star = strchr(name, '*');
    if (!star)
        return strcmp(name, key) == 0;
    const size_t before = (size_t)(star - name), after = strlen(star + 1), n = strlen(key);
    return n >= before + after && memcmp(name, key, before) == 0 &&
           memcmp(star + 1, key + n - after, after) == 0;
}

bool setting_is_harmless(const char *key) {
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (matches(harmless[i], key))
            return true;
    return false;
}

/*
 * Turns of a chat: from the special token that opens one up to the next. The tokens are those of
 * the chat templates that the families' checkpoints carry (tokenizer_config.json of each).
 */
#include "aggregators/text/unit.h"

#include <string.h>

static const char *const opens[] = {
    "<|im_start|>", /* ChatML: Qwen, SmolLM, Yi, many others */
    "<|im_system|>",
    "<|im_user|>", /* Kimi */
    "<|im_assistant|>",
    "<|im_middle_user|>",
    "<|start_header_id|>", /* Llama 3 */
    "<|header_start|>",    /* Llama 4 */
    "<start_of_turn>",
    "<|turn>",                 /* Gemma 2 and 3; Gemma 4 */
    "<|START_OF_TURN_TOKEN|>", /* Command-R, Aya */
    "<|start_of_role|>",       /* Granite 3 */
    "<|system|>",
    "<|user|>", /* Phi 3, Zephyr, GLM-4, OLMo, Falcon 3 */
    "<|assistant|>",
    "<|observation|>",
    "<|tool|>",
    "<|System|>",
    "<|User|>",
    "<|Assistant|>",
    "<｜User｜>",
    "<｜Assistant｜>", /* DeepSeek */
    "<|start|>",       /* gpt-oss */
    "[INST]",
    "[/INST]", /* Mistral */
    "[SYSTEM_PROMPT]",
    "<|role|>",
    "<extra_id_1>", /* Nemotron */
    "<SYSTEM>",
    "<|prompter|>", /* OpenAssistant */
    "<human>",
    "<bot>",
};

static bool opens_turn(const struct token *t) {
    bool is = false;
    for (size_t i = 0; i < sizeof opens / sizeof *opens && !is; i++)
        is = strcmp(t->piece, opens[i]) == 0;
    return is;
}

static enum err_code begins(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e) {
    (void)c, (void)e;
    for (size_t i = 0; i < list->n; i++) {
        begins[i] = opens_turn(&list->items[i]);
        found->any |= begins[i];
    }
    return ERR_OK;
}

const struct unit unit_turn = {
    .id = "turn",
    .title = "Chat turns",
    .summary = "From the token that opens a turn (<|im_start|>, <|start_header_id|>, "
               "<start_of_turn>, [INST] and those of other chat templates) up to the next.",
    .begins = begins,
};

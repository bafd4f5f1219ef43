/* adapter_config.json. Reference: peft 0.17, tuners/lora/config.py and layer.py. */
#include "backend/adapter.h"

#include "backend/base/file.h"
#include "backend/base/json_file.h"
#include "backend/base/mem.h"
#include "backend/discovery/hub.h"
#include "backend/settings/fields.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ADAPTER_CONFIG (4u << 20)
#define MOST_ALPHA 1e6

/* Beyond LoRA; each is refused where it says something. */
static const struct {
    const char *key, *name;
} refused[] = {
    {"use_dora", "DoRA (use_dora)"},
    {"lora_bias", "biases of its own (lora_bias)"},
    {"layer_replication", "layers that stand in several places (layer_replication)"},
    {"megatron_config", "Megatron's layers (megatron_config)"},
    {"trainable_token_indices", "tokens of its own (trainable_token_indices)"},
    {"target_parameters", "parameters without a module (target_parameters)"},
    {"alora_invocation_tokens", "an activation by tokens (alora_invocation_tokens)"},
    {"use_qalora", "QALoRA (use_qalora)"},
    {"arrow_config", "Arrow's routing (arrow_config)"},
};

/* Ways to begin that change the base's weights too. */
static const char *const changing[] = {"pissa", "olora", "corda", "loftq"};

/* Read above or below, or of training alone. */
static const char *const known[] = {"base_model_name_or_path",
                                    "revision",
                                    "peft_type",
                                    "lora_alpha",
                                    "use_rslora",
                                    "fan_in_fan_out",
                                    "alpha_pattern",
                                    "init_lora_weights",
                                    "r",
                                    "rank_pattern",
                                    "bias",
                                    "modules_to_save",
                                    "target_modules",
                                    "exclude_modules",
                                    "layers_to_transform",
                                    "layers_pattern",
                                    "lora_dropout",
                                    "task_type",
                                    "auto_mapping",
                                    "inference_mode",
                                    "megatron_core",
                                    "loftq_config",
                                    "eva_config",
                                    "corda_config",
                                    "runtime_config",
                                    "qalora_group_size",
                                    "peft_version"};

static bool is_known(const char *key) {
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known && !found; i++)
        found = strcmp(key, known[i]) == 0;
    for (size_t i = 0; i < sizeof refused / sizeof *refused && !found; i++)
        found = strcmp(key, refused[i].key) == 0;
    return found;
}

static void note_unknown(struct adapter *a, const struct fields *f) {
    struct setting_notes notes = {0};
    const cJSON *item;
    cJSON_ArrayForEach(item, f->json) if (!is_known(item->string))
        setting_note(&notes, item->string, f->file);
    setting_notes_take(&notes, a->notice, sizeof a->notice);
}

static void check_kind(struct fields *f) {
    char type[40], begin[40] = "";
    field_text(f, "peft_type", "LORA", type, sizeof type);
    if (strcmp(type, "LORA") != 0)
        field_fail(f, ERR_UNSUPPORTED, "a PEFT adapter of type %s; LORA runs here", type);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (field_says_something(f, refused[i].key))
            field_fail(f, ERR_UNSUPPORTED,
                       "a LoRA adapter with %s, which does not run here: merge it into its model "
                       "with PEFT (merge_and_unload) and save that",
                       refused[i].name);
    if (cJSON_IsString(cJSON_GetObjectItemCaseSensitive(f->json, "init_lora_weights")))
        field_text(f, "init_lora_weights", "", begin, sizeof begin);
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
        if (strncmp(begin, changing[i], strlen(changing[i])) == 0)
            field_fail(f, ERR_UNSUPPORTED,
                       "a LoRA adapter that began as %s, which changes its model's weights too: "
                       "merge it with PEFT (merge_and_unload) and save that",
                       begin);
}

/* "alpha_pattern": names of modules, or their ends. PEFT takes regular expressions; one that is
 * more than a name is refused. */
static void read_alphas(struct adapter *a, struct fields *f) {
    const cJSON *patterns = cJSON_GetObjectItemCaseSensitive(f->json, "alpha_pattern"), *item;
    cJSON_ArrayForEach(item, patterns) {
        if (!cJSON_IsNumber(item) || !item->string || !*item->string ||
            strpbrk(item->string, "^$*+?()[]{}|\\") || f->code) {
            field_fail(f, ERR_UNSUPPORTED, "alpha_pattern: \"%.100s\" is no module's name",
                       item->string ? item->string : "");
            return;
        }
        a->alphas = mem_resize(a->alphas, (a->n_alphas + 1) * sizeof *a->alphas);
        a->alphas[a->n_alphas++] =
            (struct adapter_alpha){mem_text(item->string), item->valuedouble};
    }
}

enum err_code adapter_read(struct adapter *out, const char *path, struct err *e) {
    cJSON *json;
    enum err_code code = json_read_object(&json, path, MAX_ADAPTER_CONFIG, e);
    if (code)
        return code;
    struct fields f = {.file = path, .json = json, .e = e};
    char base[4096], revision[256];
    field_text(&f, "base_model_name_or_path", "", base, sizeof base);
    field_text(&f, "revision", "", revision, sizeof revision);
    check_kind(&f);
    if (!*base)
        field_fail(&f, ERR_FORMAT, "base_model_name_or_path is missing");
    *out = (struct adapter){.base = mem_text(base),
                            .revision = *revision ? mem_text(revision) : NULL,
                            .alpha = field_real(&f, "lora_alpha", 8, -MOST_ALPHA, MOST_ALPHA),
                            .rank_stabilised = field_flag(&f, "use_rslora", false),
                            .transposed = field_flag(&f, "fan_in_fan_out", false)};
    read_alphas(out, &f);
    note_unknown(out, &f);
    if (f.code)
        adapter_dispose(out);
    cJSON_Delete(json);
    return f.code;
}

void adapter_dispose(struct adapter *a) {
    for (size_t i = 0; i < a->n_alphas; i++)
        free(a->alphas[i].module);
    free(a->alphas);
    free(a->base);
    free(a->revision);
    *a = (struct adapter){0};
}

enum err_code adapter_find_base(char **path, const struct adapter *a, const char *folder,
                                struct err *e) {
    char *beside = file_join(folder, a->base);
    *path = NULL;
    if (file_is_there(a->base))
        *path = mem_text(a->base);
    else if (*a->base != '/' && file_is_there(beside))
        *path = mem_text(beside);
    else
        *path = hub_find(a->base, a->revision);
    free(beside);
    if (*path)
        return ERR_OK;
    return err_set(
        e, ERR_IO,
        "%s: a LoRA adapter of %.300s%s%.100s, which is not on this machine: fetch it, or "
        "write its folder into base_model_name_or_path of adapter_config.json",
        folder, a->base, a->revision ? "@" : "", a->revision ? a->revision : "");
}

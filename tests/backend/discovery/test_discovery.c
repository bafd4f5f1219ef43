/* Finding models in made-up folders of each kind. */
#include "backend/discovery.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *home;

static void make_home(void) {
    static const char *const unset[] = {"TINSEQ_MODELS", "XDG_DATA_HOME",         "HF_HOME",
                                        "HF_HUB_CACHE",  "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME",
                                        "OLLAMA_MODELS"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        unsetenv(unset[i]);
    home = tree_new();
    setenv("HOME", home, 1);
}

static void remove_home(void) {
    tree_free(home);
}

TestSuite(discovery, .init = make_home, .fini = remove_home);

static const struct gguf_key keys[] = {
    {"general.architecture", "llama", 0},    {"llama.embedding_length", NULL, 8},
    {"llama.feed_forward_length", NULL, 16}, {"llama.block_count", NULL, 2},
    {"llama.attention.head_count", NULL, 4}, {"llama.context_length", NULL, 64},
    {"tokenizer.ggml.model", "gpt2", 0},
};

static void put_gguf(const char *name) {
    free(tree_write_gguf(home, name, keys, sizeof keys / sizeof *keys, 10, 8));
}
static void put(const char *name, const char *text) {
    free(tree_write(home, name, text));
}

static void put_hub_model(const char *repository, const char *revision, const char *config) {
    const char *const names[] = {"config.json", "tokenizer.json"};
    const char *const texts[] = {config, "{\"model\": {\"vocab\": {}}}"};
    for (int i = 0; i < 2; i++) {
        char *name =
            mem_format(".cache/huggingface/hub/%s/snapshots/%s/%s", repository, revision, names[i]);
        put(name, texts[i]);
        free(name);
    }
    char *name = mem_format(".cache/huggingface/hub/%s/snapshots/%s/model.safetensors", repository,
                            revision);
    free(tree_copy_fixture(home, name, "plain.safetensors"));
    free(name);
}

static const struct found_model *find(const struct found_models *all, const char *name) {
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->items[i].name, name) == 0)
            return &all->items[i];
    return NULL;
}

static void expect_runs(const struct found_models *all, const char *name, const char *where) {
    const struct found_model *m = find(all, name);
    cr_assert_not_null(m, "%s is missing", name);
    cr_expect_null(m->why_not, "%s: %s", name, m->why_not);
    cr_expect_str_eq(m->where, where);
    cr_expect(m->n_bytes > 0);
}

static void expect_resolves(const char *name, const char *part) {
    struct err e = {0};
    char *path;
    cr_expect_eq(model_resolve(&path, name, &e), ERR_OK, "%s", e.message);
    cr_expect(path && strstr(path, part), "%s is %s", name, path);
    free(path);
}

Test(discovery, finds_models_in_all_places) {
    put_gguf(".local/share/tinseq/models/small/Small.Q4_1.gguf");
    put_gguf(".local/share/tinseq/models/alone.gguf");
    put_hub_model("models--org--tiny-gpt2", "abc", "{\"model_type\": \"gpt2\"}");
    put_hub_model("models--org--tiny-gpt2", "old", "{\"model_type\": \"bert\"}");
    put(".cache/huggingface/hub/models--org--tiny-gpt2/refs/main", "abc\n");
    put_hub_model("models--gpt2", "1", "{\"model_type\": \"gpt2\"}");
    put(".cache/huggingface/hub/datasets--org--data/refs/main", "abc");
    put_gguf(".ollama/models/blobs/sha256-0a1b");
    put(".ollama/models/manifests/registry.ollama.ai/library/llama3/8b",
        "{\"layers\": [{\"mediaType\": \"application/vnd.ollama.image.license\", \"digest\": "
        "\"sha256:ffff\"},"
        "{\"mediaType\": \"application/vnd.ollama.image.model\", \"digest\": \"sha256:0a1b\"}]}");
    put_gguf(".ollama/models/blobs/sha256-0a1c");
    put(".ollama/models/manifests/hf.co/someone/model/latest",
        "{\"layers\": [{\"mediaType\": \"application/vnd.ollama.image.model\", \"digest\": "
        "\"sha256:0a1c\"}]}");
    put_gguf(".lmstudio/models/publisher/model/file.gguf");
    put_gguf(".lmstudio/models/publisher/two/a.gguf");
    put_gguf(".lmstudio/models/publisher/two/b.gguf");
    put_gguf(".lmstudio/models/publisher/two/mmproj-a.gguf");
    struct found_models all;
    models_discover(&all);
    expect_runs(&all, "small", "tinseq");
    expect_runs(&all, "alone", "tinseq");
    expect_runs(&all, "org/tiny-gpt2", "hugging face");
    expect_runs(&all, "gpt2", "hugging face");
    expect_runs(&all, "llama3:8b", "ollama");
    expect_runs(&all, "hf.co/someone/model:latest", "ollama");
    expect_runs(&all, "publisher/model", "lm studio");
    expect_runs(&all, "publisher/two/a.gguf", "lm studio");
    expect_runs(&all, "publisher/two/b.gguf", "lm studio");
    cr_expect_eq(all.n, 9);
    cr_expect_str_eq(find(&all, "small")->kind, "LlamaForCausalLM · 80 · F32 · 64 positions");
    found_models_dispose(&all);
    expect_resolves("small", "tinseq/models/small");
    expect_resolves("org/tiny-gpt2", "snapshots/abc");
    expect_resolves("org/tiny-gpt2@main", "snapshots/abc");
    expect_resolves("org/tiny-gpt2@old", "snapshots/old");
    struct err e = {0};
    char *none;
    cr_expect_eq(model_resolve(&none, "org/tiny-gpt2@../..", &e), ERR_IO);
    expect_resolves("llama3:8b", "sha256-0a1b");
    expect_resolves("hf.co/someone/model", "sha256-0a1c");
    expect_resolves("publisher/model", "file.gguf");
    expect_resolves("~/.lmstudio/models/publisher/two/a.gguf", "a.gguf");
    expect_resolves("/tmp", "/tmp");
}

Test(discovery, what_cannot_run_is_listed_last_with_its_reason) {
    put_gguf(".local/share/tinseq/models/z-good/m.gguf");
    put(".local/share/tinseq/models/a-empty/readme.txt", "nothing");
    put(".local/share/tinseq/models/b-cut/m.gguf", "GGUF\3");
    put_hub_model("models--org--bert", "1", "{\"architectures\": [\"BertModel\"]}");
    put_hub_model("models--org--sp", "1", "{\"model_type\": \"llama\"}");
    put(".cache/huggingface/hub/models--org--sp/snapshots/1/tokenizer.json",
        "{\"type\": \"Metaspace\"}");
    put(".ollama/models/manifests/registry.ollama.ai/library/gone/1b",
        "{\"layers\": [{\"mediaType\": \"application/vnd.ollama.image.model\", \"digest\": "
        "\"sha256:dead\"}]}");
    put(".ollama/models/manifests/registry.ollama.ai/library/evil/1b",
        "{\"layers\": [{\"mediaType\": \"application/vnd.ollama.image.model\", \"digest\": "
        "\"sha256:../../../../etc/passwd\"}]}");
    put(".ollama/models/manifests/registry.ollama.ai/library/broken/1b", "{");
    static const struct gguf_key odd[] = {
        {"general.architecture", "llama", 0},    {"llama.embedding_length", NULL, 8},
        {"llama.feed_forward_length", NULL, 16}, {"llama.block_count", NULL, 2},
        {"llama.attention.head_count", NULL, 4}, {"llama.context_length", NULL, 64},
        {"tokenizer.ggml.model", "gpt2", 0},     {"tokenizer.ggml.pre", "odd", 0},
    };
    free(tree_write_gguf(home, ".local/share/tinseq/models/c-odd/m.gguf", odd,
                         sizeof odd / sizeof *odd, 10, 8));
    struct found_models all;
    models_discover(&all);
    cr_assert_eq(all.n, 7);
    cr_expect_str_eq(all.items[0].name, "z-good");
    static const struct {
        const char *name, *reason;
    } reasons[] = {{"a-empty", "no model here"},
                   {"b-cut", "cut short"},
                   {"org/bert", "BertModel does not run here"},
                   {"org/sp", "tokenizer.json has no vocabulary"},
                   {"gone:1b", "no such file"},
                   {"c-odd", "pre-tokenizer \"odd\""}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        const struct found_model *m = find(&all, reasons[i].name);
        cr_assert(m && m->why_not, "%s", reasons[i].name);
        cr_expect_not_null(strstr(m->why_not, reasons[i].reason), "%s: %s", m->name, m->why_not);
        cr_expect_null(strstr(m->why_not, home), "%s: the path is shown beside it already: %s",
                       m->name, m->why_not);
    }
    found_models_dispose(&all);
}

/* Pipes with a writer that never writes, a cache's pruned blob, what git-lfs left out. */
Test(discovery, what_cannot_be_read_is_listed_and_never_waited_for) {
    static const char *const pipes[] = {
        ".local/share/tinseq/models/pipe.gguf", ".local/share/tinseq/models/in/config.json",
        ".ollama/models/manifests/registry.ollama.ai/library/pipe/1b",
        ".cache/huggingface/hub/models--org--pruned/refs/main"};
    static const struct {
        const char *name, *reason;
    } reasons[] = {{"pipe", "not a regular file"},
                   {"in", "not a regular file"},
                   {"org/pruned", "a link to what is not there"},
                   {"lfs", "git lfs pull"}};
    struct found_models all;
    put_hub_model("models--org--pruned", "1", "{}");
    put(".local/share/tinseq/models/lfs/m.gguf", "version https://git-lfs.github.com/spec/v1\n");
    put(".local/share/tinseq/models/in/model.safetensors", "");
    char *config = file_join(home, ".cache/huggingface/hub/models--org--pruned/snapshots/1/"
                                   "config.json");
    cr_assert_eq(unlink(config), 0);
    cr_assert_eq(symlink("../../blobs/abc", config), 0);
    for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++) {
        put(pipes[i], "");
        char *path = file_join(home, pipes[i]);
        cr_assert(unlink(path) == 0 && mkfifo(path, 0600) == 0);
        cr_assert_geq(open(path, O_RDWR | O_CLOEXEC), 0);
        free(path);
    }
    models_discover(&all);
    cr_expect_eq(all.n, 4);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        const struct found_model *m = find(&all, reasons[i].name);
        cr_assert(m && m->why_not, "%s", reasons[i].name);
        cr_expect_not_null(strstr(m->why_not, reasons[i].reason), "%s: %s", m->name, m->why_not);
    }
    found_models_dispose(&all);
    free(config);
}

Test(discovery, nothing_anywhere_is_an_empty_list_and_a_hint) {
    struct found_models all;
    models_discover(&all);
    cr_expect_eq(all.n, 0);
    found_models_dispose(&all);
    struct err e = {0};
    char *path;
    cr_expect_eq(model_resolve(&path, "smollm2", &e), ERR_IO);
    cr_expect_null(path);
    cr_expect_not_null(strstr(e.message, "make models"), "%s", e.message);
}

Test(discovery, a_wrong_name_gets_the_nearest) {
    put_gguf(".local/share/tinseq/models/smollm2/m.gguf");
    struct err e = {0};
    char *path;
    cr_expect_eq(model_resolve(&path, "smolm2", &e), ERR_IO);
    cr_expect_not_null(strstr(e.message, "did you mean smollm2?"), "%s", e.message);
}

Test(discovery, variables_move_the_places) {
    static const struct {
        const char *variable, *place, *file;
    } cases[] = {
        {"TINSEQ_MODELS", "t", "t/one/m.gguf"},
        {"HF_HUB_CACHE", "h", "h/models--o--two/snapshots/1/m.gguf"},
        {"OLLAMA_MODELS", "o", "o/blobs/sha256-aa"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *place = file_join(home, cases[i].place);
        setenv(cases[i].variable, place, 1);
        put_gguf(cases[i].file);
        free(place);
    }
    put("o/manifests/registry.ollama.ai/library/three/latest",
        "{\"layers\": [{\"mediaType\": \"application/vnd.ollama.image.model\", \"digest\": "
        "\"sha256:aa\"}]}");
    expect_resolves("one", "/t/one");
    expect_resolves("o/two", "m.gguf");
    expect_resolves("three", "sha256-aa");
    char *folder = models_folder();
    cr_expect_str_eq(folder, getenv("TINSEQ_MODELS"));
    free(folder);
}

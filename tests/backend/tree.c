#include "tests/backend/tree.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not Criterion's: programs with a main() of their own use this as well. */
static void must(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "a test's folder could not be made: %s\n", what);
    abort();
}

char *tree_new(void) {
    char *folder = mem_text("/tmp/tinseq-tree-XXXXXX");
    must(mkdtemp(folder) != NULL, folder);
    return folder;
}

void tree_free(char *folder) {
    char *command = mem_format("rm -rf '%s'", folder);
    must(system(command) == 0, command);
    free(command);
    free(folder);
}

char *tree_write_bytes(const char *folder, const char *name, const char *data, size_t n) {
    struct err e = {0};
    char *path = file_join(folder, name),
         *parent = mem_text_n(path, (size_t)(strrchr(path, '/') - path));
    must(file_make_folders(parent, &e) == ERR_OK, e.message);
    must(file_write(path, data, n, &e) == ERR_OK, e.message);
    free(parent);
    return path;
}

char *tree_write(const char *folder, const char *name, const char *text) {
    return tree_write_bytes(folder, name, text, strlen(text));
}

char *tree_copy_fixture(const char *folder, const char *name, const char *fixture) {
    struct err e = {0};
    char *from = mem_format("%s/weights/%s", getenv("TINSEQ_FIXTURES"), fixture), *data;
    size_t n;
    must(file_read(&data, &n, from, 1 << 20, &e) == ERR_OK, e.message);
    char *path = tree_write_bytes(folder, name, data, n);
    free(data);
    free(from);
    return path;
}

char *tree_copy(const char *folder) {
    char *copy = tree_new(), *data;
    struct file_names names = file_list(folder, 1000);
    struct err e = {0};
    size_t n;
    for (size_t i = 0; i < names.n; i++) {
        char *from = file_join(folder, names.items[i]);
        must(file_read(&data, &n, from, 64 << 20, &e) == ERR_OK, e.message);
        free(tree_write_bytes(copy, names.items[i], data, n));
        free(data);
        free(from);
    }
    must(names.n > 0, folder);
    file_names_dispose(&names);
    return copy;
}

void tree_edit(const char *folder, const char *name, const char *from, const char *to) {
    char *path = file_join(folder, name), *text;
    struct err e = {0};
    size_t n;
    must(file_read(&text, &n, path, 64 << 20, &e) == ERR_OK, e.message);
    char *at = strstr(text, from);
    must(at && !strstr(at + 1, from), from);
    char *changed = mem_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(tree_write(folder, name, changed));
    free(changed);
    free(text);
    free(path);
}

static void put32(struct text_buffer *b, uint32_t v) {
    text_buffer_add(b, (char *)&v, 4);
}
static void put64(struct text_buffer *b, uint64_t v) {
    text_buffer_add(b, (char *)&v, 8);
}
static void put_text(struct text_buffer *b, const char *s) {
    put64(b, strlen(s));
    text_buffer_puts(b, s);
}
static void pad(struct text_buffer *b, size_t n) {
    while (n-- > 0)
        text_buffer_add(b, "", 1);
}

char *tree_write_gguf(const char *folder, const char *name, const struct gguf_key *keys,
                      size_t n_keys, int n_vocab, int width) {
    struct text_buffer b = {0};
    text_buffer_add(&b, "GGUF\3\0\0\0", 8);
    put64(&b, 1);
    put64(&b, n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        put_text(&b, keys[i].key);
        put32(&b, keys[i].text ? 8 : 4);
        if (keys[i].text)
            put_text(&b, keys[i].text);
        else
            put32(&b, keys[i].number);
    }
    put_text(&b, "token_embd.weight");
    put32(&b, 2);
    put64(&b, (uint64_t)width);
    put64(&b, (uint64_t)n_vocab);
    put32(&b, 0);
    put64(&b, 0);
    pad(&b, (32 - b.n % 32) % 32 + (size_t)n_vocab * (size_t)width * 4);
    char *path = tree_write_bytes(folder, name, b.text, b.n);
    text_buffer_dispose(&b);
    return path;
}

char *tree_write_marian(const char *folder, const char *name, const char *yaml, int n_vocab,
                        int width) {
    struct text_buffer b = {0};
    size_t n_table = (size_t)n_vocab * (size_t)width * 4;
    const uint64_t head[] = {1, 2, 5, 0x404, 2, n_table, 18, 0x101, 1, strlen(yaml) + 1};
    text_buffer_add(&b, (const char *)head, sizeof head);
    text_buffer_add(&b, "Wemb\0special:model.yml", 23);
    put32(&b, (uint32_t)n_vocab);
    put32(&b, (uint32_t)width);
    put32(&b, (uint32_t)strlen(yaml) + 1);
    put64(&b, 3);
    pad(&b, 3 + n_table);
    text_buffer_add(&b, yaml, strlen(yaml) + 1);
    char *path = tree_write_bytes(folder, name, b.text, b.n);
    text_buffer_dispose(&b);
    return path;
}

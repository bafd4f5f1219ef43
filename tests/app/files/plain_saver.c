/* The thread that writes results, under TSan too: files arrive whole and in order, failures come
 * back by name, the end waits for what was given. */
#include "app/files/result_file.h"
#include "app/files/saver.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int n_failed;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            n_failed++;                                                                            \
        }                                                                                          \
    } while (0)

static struct attribution *sample(void) {
    struct err e = {0};
    struct attribution *a = NULL;
    char *path = mem_format("%s/results/granular.json", getenv("TINSEQ_FIXTURES"));
    if (result_file_load(&a, path, &e) != ERR_OK) {
        fprintf(stderr, "%s\n", e.message);
        exit(1);
    }
    free(path);
    return a;
}

static void add(struct saver *s, struct attribution *a, const char *folder, const char *name,
                const char *small) {
    saver_add_take(s, a, (struct result_info){0}, mem_format("%s/%s", folder, name),
                   mem_text(small), mem_format("%s/%s.small", folder, name));
}

int main(void) {
    struct err e = {0};
    char folder[] = "/tmp/tinseq-saver-XXXXXX", *text, *path;
    struct saver *s = NULL;
    struct attribution *a = sample(), *back;
    size_t n;
    if (!mkdtemp(folder) || saver_start(&s, &e) != ERR_OK) {
        fprintf(stderr, "cannot begin: %s\n", e.message);
        return 1;
    }

    add(s, a, folder, "one.json", "first");
    add(s, a, folder, "one.json", "second");
    saver_wait(s);
    path = mem_format("%s/one.json", folder);
    CHECK(result_file_load(&back, path, &e) == ERR_OK);
    CHECK(back && back->n_sequences == a->n_sequences);
    attribution_release(back);
    free(path);
    path = mem_format("%s/one.json.small", folder);
    CHECK(file_read(&text, &n, path, 100, &e) == ERR_OK && strcmp(text, "second") == 0);
    free(text);
    free(path);

    char *why_path = NULL;
    struct err why = {0};
    CHECK(!saver_take_failure(&why_path, &why, s));
    add(s, a, folder, "missing/two.json", "");
    struct pollfd p = {.fd = saver_fd(s), .events = POLLIN};
    CHECK(poll(&p, 1, 20000) == 1);
    CHECK(saver_take_failure(&why_path, &why, s));
    CHECK(why_path && strstr(why_path, "missing/two.json") && why.code == ERR_IO && why.message[0]);
    free(why_path);
    CHECK(!saver_take_failure(&why_path, &why, s) && poll(&p, 1, 0) == 0);

    for (int i = 0; i < 5; i++) {
        char name[20];
        snprintf(name, sizeof name, "last%d.json", i);
        add(s, a, folder, name, "x");
    }
    attribution_release(a); /* the saver has its own references */
    saver_stop(s);
    path = mem_format("%s/last4.json.small", folder);
    CHECK(file_read(&text, &n, path, 100, &e) == ERR_OK);
    free(text);
    free(path);
    path = mem_format("rm -r %s", folder);
    CHECK(system(path) == 0);
    free(path);
    return n_failed > 0;
}

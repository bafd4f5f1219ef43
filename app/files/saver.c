#include "app/files/saver.h"

#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
    struct attribution *result;
    struct result_info info;
    char *path, *small, *small_path;
    struct err err; /* of a failure */
    struct task *next;
};

struct saver {
    pthread_t thread;
    int event_fd;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a task was added, or was done, or the end is near */
    /* Under the mutex: */
    struct task *waiting, *failed; /* oldest first */
    bool busy, stopping;
};

static void task_free(struct task *t) {
    attribution_release(t->result);
    result_info_dispose(&t->info);
    free(t->path);
    free(t->small);
    free(t->small_path);
    free(t);
}

static void append(struct task **list, struct task *t) {
    while (*list)
        list = &(*list)->next;
    *list = t;
    t->next = NULL;
}

static struct task *take_first(struct task **list) {
    struct task *t = *list;
    if (t)
        *list = t->next;
    return t;
}

enum err_code saver_write(const struct attribution *result, const struct result_info *info,
                          const char *path, const char *small, const char *small_path,
                          struct err *e) {
    struct attribution copy = {.n_references = 1,
                               .info = *info,
                               .sequences = result->sequences,
                               .n_sequences = result->n_sequences};
    enum err_code code = result_file_save(path, &copy, e);
    if (code)
        return code;
    return file_write(small_path, small, strlen(small), e);
}

static void *thread_main(void *user) {
    struct saver *s = user;
    pthread_mutex_lock(&s->mutex);
    for (;;) {
        while (!s->waiting && !s->stopping)
            pthread_cond_wait(&s->changed, &s->mutex);
        struct task *t = take_first(&s->waiting);
        if (!t)
            break;
        s->busy = true;
        pthread_mutex_unlock(&s->mutex);
        bool failed =
            saver_write(t->result, &t->info, t->path, t->small, t->small_path, &t->err) != ERR_OK;
        pthread_mutex_lock(&s->mutex);
        s->busy = false;
        if (failed) {
            uint64_t one = 1;
            ssize_t n = write(s->event_fd, &one, sizeof one);
            (void)n;
            append(&s->failed, t);
        } else {
            task_free(t);
        }
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

enum err_code saver_start(struct saver **out, struct err *e) {
    struct saver *s = mem_alloc(sizeof *s);
    *out = NULL;
    s->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->changed, NULL);
    int failed = s->event_fd < 0 ? errno : thread_start(&s->thread, thread_main, s);
    if (failed) {
        if (s->event_fd >= 0)
            close(s->event_fd);
        free(s);
        return err_set(e, ERR_IO, "cannot start a thread: %s", strerror(failed));
    }
    *out = s;
    return ERR_OK;
}

void saver_stop(struct saver *s) {
    if (!s)
        return;
    pthread_mutex_lock(&s->mutex);
    s->stopping = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    pthread_join(s->thread, NULL);
    for (struct task *t; (t = take_first(&s->failed));)
        task_free(t);
    close(s->event_fd);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

void saver_add_take(struct saver *s, struct attribution *result, struct result_info info,
                    char *path, char *small, char *small_path) {
    struct task *t = mem_alloc(sizeof *t);
    *t = (struct task){.result = attribution_retain(result),
                       .info = info,
                       .path = path,
                       .small = small,
                       .small_path = small_path};
    pthread_mutex_lock(&s->mutex);
    append(&s->waiting, t);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

void saver_wait(struct saver *s) {
    pthread_mutex_lock(&s->mutex);
    while (s->waiting || s->busy)
        pthread_cond_wait(&s->changed, &s->mutex);
    pthread_mutex_unlock(&s->mutex);
}

int saver_fd(const struct saver *s) {
    return s->event_fd;
}

bool saver_take_failure(char **path, struct err *why, struct saver *s) {
    pthread_mutex_lock(&s->mutex);
    struct task *t = take_first(&s->failed);
    if (!s->failed) {
        uint64_t count;
        ssize_t n = read(s->event_fd, &count, sizeof count);
        (void)n;
    }
    pthread_mutex_unlock(&s->mutex);
    if (!t)
        return false;
    *path = t->path;
    *why = t->err;
    t->path = NULL;
    task_free(t);
    return true;
}

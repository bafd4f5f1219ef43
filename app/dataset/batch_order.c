#include "app/dataset/batch_order.h"

#include "app/dataset/batch_text.h"
#include "app/files/gzip.h"
#include "backend/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20) /* bytes that are written at once */
#define MOST ((size_t)1 << 36)  /* bytes of a batch when unpacked */

/* The same batches in a file beside the spool, under way. */
struct copy {
    struct spool to;
    struct text_buffer text; /* not written yet */
    char *above;
};

static enum err_code flush(struct copy *c, size_t least, struct err *e) {
    if (c->text.n < least)
        return ERR_OK;
    enum err_code code = spool_add(&c->to, c->text.text, c->text.n, e);
    c->text.n = 0;
    return code;
}

static enum err_code unpack(struct text_buffer *lines, char *bytes, size_t n, bool packed,
                            struct err *e) {
    char *text;
    size_t n_text;
    if (!packed || !n) {
        text_buffer_add(lines, bytes, n);
        return ERR_OK;
    }
    enum err_code code = gzip_unpack(&text, &n_text, bytes, n, MOST, e);
    if (code)
        return code;
    text_buffer_add(lines, text, n_text);
    free(text);
    return ERR_OK;
}

/* What stands above its rows goes where it already does. */
static enum err_code copy_rows(struct copy *c, const struct batch_log *l,
                               const struct journal_batch *b, struct err *e) {
    struct text_buffer lines = {0}, own = {0};
    char *bytes;
    enum err_code code = spool_read(&bytes, &l->rows, b->at, b->n, e);
    if (code)
        return code;
    code = unpack(&lines, bytes, (size_t)b->n, l->packed, e);
    if (code)
        goto out;
    batch_text_put(&own, &c->above, lines.text ? lines.text : "", lines.n);
    code = spool_pack(&c->text, &own, l->packed, e);
    if (code)
        goto out;
    code = flush(c, PIECE, e);
out:
    text_buffer_dispose(&own);
    text_buffer_dispose(&lines);
    free(bytes);
    return code;
}

static enum err_code copy_failed(struct copy *c, const struct batch_log *l,
                                 const struct journal_batch *b, struct err *e) {
    char *bytes;
    enum err_code code = spool_read(&bytes, &l->failed, b->failed_at, b->failed_n, e);
    if (code)
        return code;
    text_buffer_add(&c->text, bytes, (size_t)b->failed_n);
    free(bytes);
    return flush(c, PIECE, e);
}

/* All of them, into a file that takes the spool's place. */
static enum err_code order(struct spool *s, const struct batch_log *l, const char *name,
                           enum err_code (*one)(struct copy *c, const struct batch_log *l,
                                                const struct journal_batch *b, struct err *e),
                           struct err *e) {
    struct copy c = {.to.path = file_join(l->folder, name)};
    enum err_code code = ERR_OK;
    c.to.fd = open(c.to.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (c.to.fd < 0)
        code = err_set(e, ERR_IO, "%.200s: %s", c.to.path, strerror(errno));
    for (size_t i = 0; i < l->n && !code; i++)
        code = one(&c, l, &l->batches[i], e);
    if (!code)
        code = flush(&c, 1, e);
    if (code) {
        (void)unlink(c.to.path);
        spool_close(&c.to);
        free(c.to.path);
    } else {
        spool_close(s);
        free(s->path);
        *s = c.to;
    }
    text_buffer_dispose(&c.text);
    free(c.above);
    return code;
}

enum err_code batch_order(struct batch_log *l, struct err *e) {
    enum err_code code = order(&l->rows, l, BATCH_ORDERED_ROWS, copy_rows, e);
    if (code || l->failed.fd < 0)
        return code;
    return order(&l->failed, l, BATCH_ORDERED_FAILED, copy_failed, e);
}

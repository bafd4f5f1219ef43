/* Base64 (RFC 4648). Any thread. */
#ifndef TINSEQ_BACKEND_BASE_BASE64_H
#define TINSEQ_BACKEND_BASE_BASE64_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stddef.h>

/* Appends it to a text. */
void base64_add(struct text_buffer *out, const void *bytes, size_t n);
/* The bytes of n characters; *out is owned by the caller, also on failure. FORMAT and NOMEM name
 * `what` it is. */
enum err_code base64_read(unsigned char **out, size_t *n_out, const char *s, size_t n,
                          const char *what, struct err *e) ERR_CHECKED;

#endif

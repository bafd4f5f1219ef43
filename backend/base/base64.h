/* Base64 (RFC 4648) appended to a text. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_BASE64_H
#define TINSEQ_BACKEND_BASE_BASE64_H

#include "backend/base/mem.h"

#include <stddef.h>

void base64_add(struct text_buffer *out, const void *bytes, size_t n);

#endif

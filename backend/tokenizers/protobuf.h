/*
 * Walking over a protocol buffer (https://protobuf.dev/programming-guides/encoding/) without a
 * schema: what two readers could read differently is refused. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_PROTOBUF_H
#define TINSEQ_BACKEND_TOKENIZERS_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct protobuf {
    const unsigned char *data;
    size_t n;
};

enum protobuf_kind { PROTOBUF_VARINT = 0, PROTOBUF_64 = 1, PROTOBUF_BYTES = 2, PROTOBUF_32 = 5 };

struct protobuf_field {
    uint64_t number;
    enum protobuf_kind kind;
    uint64_t value;           /* VARINT */
    struct protobuf contents; /* BYTES, and the four or eight of a number; else empty. Borrowed */
};

/* Takes the next field off `in`. False when there is none or it is broken: `in` stands before it
 * then. */
bool protobuf_take(struct protobuf *in, struct protobuf_field *out);

/* A 32-bit number of a file; four bytes. */
uint32_t protobuf_u32(const unsigned char *bytes);

#endif

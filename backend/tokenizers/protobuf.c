#include "backend/tokenizers/protobuf.h"

/* A base-128 number in its shortest form. */
static bool take_varint(struct protobuf *in, uint64_t *value) {
    *value = 0;
    for (unsigned i = 0; i < 10 && i < in->n; i++) {
        unsigned char c = in->data[i];
        *value |= (uint64_t)(c & 0x7F) << (7 * i);
        if (c & 0x80)
            continue;
        if (i && c == 0)
            return false;
        in->data += i + 1;
        in->n -= i + 1;
        return i < 9 || c == 1;
    }
    return false;
}

/* The bytes that a field of this kind has; false: none has it. */
static bool take_length(struct protobuf *in, enum protobuf_kind kind, uint64_t *length) {
    switch (kind) {
    case PROTOBUF_64:
        *length = 8;
        return true;
    case PROTOBUF_32:
        *length = 4;
        return true;
    case PROTOBUF_BYTES:
        return take_varint(in, length);
    default: /* groups: no writer of these files uses them */
        return false;
    }
}

static bool take(struct protobuf *in, struct protobuf_field *out) {
    uint64_t tag, length;
    if (!take_varint(in, &tag) || tag > UINT32_MAX || tag < 8)
        return false;
    *out = (struct protobuf_field){.number = tag >> 3, .kind = (enum protobuf_kind)(tag & 7)};
    if (out->kind == PROTOBUF_VARINT)
        return take_varint(in, &out->value);
    if (!take_length(in, out->kind, &length) || length > in->n)
        return false;
    out->contents = (struct protobuf){in->data, (size_t)length};
    in->data += length;
    in->n -= (size_t)length;
    return true;
}

bool protobuf_take(struct protobuf *in, struct protobuf_field *out) {
    struct protobuf next = *in;
    if (!take(&next, out))
        return false;
    *in = next;
    return true;
}

uint32_t protobuf_u32(const unsigned char *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/*
 * The codebooks of ggml's IQ formats (ggml-common.h): which magnitudes go together. An entry is
 * eight elements of two bits each (iq1, iq2), or four of four bits (iq3), the first lowest; what
 * they stand for is the decoders' (quantization_iq.c). Borrowed for ever.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_CODEBOOKS_H
#define TINSEQ_BACKEND_WEIGHTS_CODEBOOKS_H

#include <stdint.h>

extern const uint16_t codebook_iq1[2048], codebook_iq2_xxs[256], codebook_iq2_xs[512],
    codebook_iq2_s[1024], codebook_iq3_xxs[256], codebook_iq3_s[512];

#endif

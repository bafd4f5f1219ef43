/* Numbers as files store them. */
#include "methods/result/scores_type.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

/* Every number that a small type has is stored as itself. */
static void expect_all_kept(enum scores_type type, uint32_t n) {
    const size_t size = scores_type_about(type)->size;
    for (uint32_t bits = 0; bits < n; bits++) {
        unsigned char in[2] = {(unsigned char)bits, (unsigned char)(bits >> 8)}, out[2] = {0};
        float value;
        scores_decode(&value, in, 1, type);
        scores_encode(out, &value, 1, type);
        if (!isnan(value))
            cr_expect(memcmp(in, out, size) == 0, "%#x: %g is %#x", bits, (double)value,
                      (unsigned)(out[0] | out[1] << 8));
    }
}

Test(scores_type, keeps_what_it_can_hold) {
    expect_all_kept(SCORES_F16, 1 << 16);
    expect_all_kept(SCORES_F8, 1 << 8);
}

static float stored(float value, enum scores_type type) {
    unsigned char bytes[8];
    float out;
    scores_encode(bytes, &value, 1, type);
    scores_decode(&out, bytes, 1, type);
    return out;
}

/* As PyTorch 2.6 rounds: tensor.to(torch.float16), tensor.to(torch.float8_e4m3fn). */
Test(scores_type, rounds_to_nearest_and_ties_to_even) {
    static const struct {
        float value, half, eighth;
    } cases[] = {{1.0f + 0x1p-11f, 1.0f, 1.0f},
                 {1.0f + 0x3p-11f, 1.0f + 0x1p-9f, 1.0f},
                 {1.0625f, 1.0625f, 1.0f},
                 {1.1875f, 1.1875f, 1.25f},
                 {-0.1f, -0.0999755859375f, -0.1015625f},
                 {1e-7f, 0x1p-23f, 0.0f},
                 {0x1p-25f, 0.0f, 0.0f},
                 {0x3p-26f, 0x1p-24f, 0.0f},
                 {0x1p-10f, 0x1p-10f, 0.0f},
                 {0x3p-11f, 0x3p-11f, 0x1p-9f},
                 {464.0f, 464.0f, 448.0f},
                 {65519.0f, 65504.0f, NAN},
                 {65520.0f, INFINITY, NAN},
                 {-1e30f, -INFINITY, NAN},
                 {INFINITY, INFINITY, NAN},
                 {NAN, NAN, NAN},
                 {-0.0f, -0.0f, -0.0f}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const float half = stored(cases[i].value, SCORES_F16),
                    eighth = stored(cases[i].value, SCORES_F8);
        cr_expect(half == cases[i].half || (isnan(half) && isnan(cases[i].half)), "%g: %g",
                  (double)cases[i].value, (double)half);
        cr_expect(eighth == cases[i].eighth || (isnan(eighth) && isnan(cases[i].eighth)), "%g: %g",
                  (double)cases[i].value, (double)eighth);
        cr_expect_eq(signbit(half) != 0, signbit(cases[i].value) != 0);
    }
}

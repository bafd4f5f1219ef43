#include "views/export/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Six digits are always told apart, nine are always enough. */
void number_exact(struct text_buffer *b, float value) {
    char text[NUMBER_BYTES];
    if (isnan(value)) {
        text_buffer_puts(b, "nan");
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    text_buffer_puts(b, text);
}

void number_exact_cell(struct text_buffer *b, float value, bool seen) {
    if (!isnan(value) || seen)
        number_exact(b, value);
}

int number_power(float magnitude) {
    if (!isfinite(magnitude) || magnitude <= 0 || magnitude >= 0.1f)
        return 0;
    int power = (int)floor(log10((double)magnitude));
    while ((double)magnitude >= 9.995 * pow(10, power)) /* it would be rounded to 10.00 */
        power++;
    return power < -1 ? power : 0;
}

int number_power_of(const float *values, int64_t n) {
    float largest = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            largest = fmaxf(largest, fabsf(values[i]));
    return number_power(largest);
}

char *number_power_text(int power) {
    return power ? mem_format(" (× 1e%d)", power) : mem_text("");
}

void number_rounded(char text[NUMBER_BYTES], float value, int power, const char *none) {
    const double scaled = power ? (double)value / pow(10, power) : (double)value;
    if (isnan(value))
        snprintf(text, NUMBER_BYTES, "%s", none);
    else if (fabs(scaled) < 0.005)
        snprintf(text, NUMBER_BYTES, "0.00"); /* not "-0.00" */
    else if (fabs(scaled) < 1e5 || isinf(value))
        snprintf(text, NUMBER_BYTES, "%.2f", scaled);
    else
        snprintf(text, NUMBER_BYTES, "%.1e", scaled);
}

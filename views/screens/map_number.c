#include "views/screens/map_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void map_number(char *buf, size_t n_buf, float value, int columns, bool sign) {
    char text[32];
    if (isnan(value)) {
        snprintf(buf, n_buf, "%*s", columns, "");
        return;
    }
    const char *format = sign ? "%+.*f" : "%.*f";
    for (int digits = columns > 1 ? columns - 1 : 1; digits >= 0; digits--) {
        int n = snprintf(text, sizeof text, format, digits, (double)value);
        char *dot = strchr(text, '.');
        if (dot && dot > text && dot[-1] == '0' &&
            (dot - 1 == text || dot[-2] == '+' || dot[-2] == '-')) {
            memmove(dot - 1, dot, strlen(dot) + 1); /* .42 */
            n--;
        }
        if (n <= columns) {
            snprintf(buf, n_buf, "%*s", columns, text);
            return;
        }
    }
    snprintf(text, sizeof text, sign ? "%+.0e" : "%.0e", (double)value);
    char *e = strchr(text, 'e'); /* e+05 → e5 */
    if (e) {
        int power = atoi(e + 1);
        snprintf(e, sizeof text - (size_t)(e - text), "e%d", power);
    }
    if (strlen(text) > (size_t)columns) /* half a number is a wrong one */
        memset(text, '#', strlen(text));
    snprintf(buf, n_buf, "%*.*s", columns, columns, text);
}

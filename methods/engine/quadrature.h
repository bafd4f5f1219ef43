/* The rules that approximate an integral over [0, 1], as Captum names them
 * (captum/attr/_utils/approximation_methods.py). Plain data. Any thread. */
#ifndef TINSEQ_METHODS_QUADRATURE_H
#define TINSEQ_METHODS_QUADRATURE_H

#include "backend/base/err.h"

#include <stdint.h>

extern const char *const quadrature_rules[]; /* NULL-terminated; the first is the default */

/* Fills alpha and weight [n]. ERR_USAGE: a trapezoid of one point. */
enum err_code quadrature_place(const char *rule, int64_t n, double *alpha, double *weight,
                               struct err *e) ERR_CHECKED;

#endif

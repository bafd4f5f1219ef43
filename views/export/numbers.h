/*
 * How exports write numbers: data exactly, what people read with two decimals. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_NUMBERS_H
#define TINSEQ_VIEWS_EXPORT_NUMBERS_H

#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends the shortest text that reads back as the same float: "0.1", "2e-09", "nan", "-inf". */
void number_exact(struct text_buffer *b, float value);
/* The same of a cell: nothing where there is nothing, "nan" where a step should have a number. */
void number_exact_cell(struct text_buffer *b, float value, bool seen);

/* The power of ten that is told once where numbers are so small that two decimals say nothing of
 * them: −5 for 3.2e-5, else 0. `magnitude` is the largest of them without sign. */
int number_power(float magnitude);
/* The same of n numbers, of which those that are not finite do not count. */
int number_power_of(const float *values, int64_t n);
/* " (× 1e-5)"; of power 0 "". Owned by the caller. */
char *number_power_text(int power);

#define NUMBER_BYTES 48
/* Two decimals of value / 10^power as long as they fit a reasonable column; `none` stands for
 * NaN. */
void number_rounded(char text[NUMBER_BYTES], float value, int power, const char *none);

#endif

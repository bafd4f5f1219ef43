/*
 * Numbers of few columns, the same in all views. Any thread.
 */
#ifndef TINSEQ_VIEWS_MAP_NUMBER_H
#define TINSEQ_VIEWS_MAP_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* A number in `columns` characters ("+.42", "-1.3", "+1e5"), with a plus sign when `sign`; "####"
 * where it has no room in any form. */
void map_number(char *buf, size_t n_buf, float value, int columns, bool sign);

#endif

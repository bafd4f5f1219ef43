/*
 * The bytes of a file one after another, packed by gzip or not, of which only a piece is in memory,
 * with the line they stand in. Untrusted. One thread at a time.
 */
#ifndef TINSEQ_APP_DATA_BYTES_H
#define TINSEQ_APP_DATA_BYTES_H

#include "backend/base/err.h"

#include <stdint.h>

struct data_bytes;

/* A regular file: it is read more than once. A byte order mark is passed over. Errors: IO; FORMAT
 * (UTF-16). */
enum err_code data_bytes_open(struct data_bytes **out, const char *path, struct err *e) ERR_CHECKED;
void data_bytes_close(struct data_bytes *b); /* NULL is legal */

/* The next byte, taken or only looked at; −1: there is none, or reading failed. */
int data_bytes_take(struct data_bytes *b);
int data_bytes_peek(struct data_bytes *b);
/* Of the next byte, from 1. */
int64_t data_bytes_line(const struct data_bytes *b);
/* What made it end: ERR_OK where the file did. IO, FORMAT (packed bytes are damaged or cut short).
 */
enum err_code data_bytes_ended(const struct data_bytes *b, struct err *e) ERR_CHECKED;

#endif

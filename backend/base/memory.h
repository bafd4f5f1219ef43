/*
 * Much memory: how much this process may still take, and arrays that take much of it. Linux: what
 * the machine has free (MemAvailable), and what the limits of its control groups leave. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_MEMORY_H
#define TINSEQ_BACKEND_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Bytes; −1: not known. */
int64_t memory_available(void);

/* The same, read from a copy of the system's files below `root` ("" is the system): /proc/meminfo,
 * /proc/self/cgroup, /sys/fs/cgroup. */
int64_t memory_available_in(const char *root);

/* An array as malloc's, for free(); a large one is in pages of 2 MB where the system has them,
 * which are there several times sooner. NULL: memory is out. */
void *memory_array(size_t bytes);

#endif

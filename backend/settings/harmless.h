/*
 * Keys of configuration files that change nothing of what is computed here, whatever the family:
 * who made a model and how it was trained, how it is to be stored, labels of tasks, what a
 * library's other functions do with it. A star stands for any text.
 */
#ifndef TINSEQ_BACKEND_SETTINGS_HARMLESS_H
#define TINSEQ_BACKEND_SETTINGS_HARMLESS_H

#include <stdbool.h>

/* Whether a key is one of them. Any thread. */
bool setting_is_harmless(const char *key);

#endif

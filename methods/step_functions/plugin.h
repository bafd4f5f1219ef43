/*
 * Step functions from shared objects (tinseq-step.h). Load them before other threads ask for step
 * functions; they stay for ever.
 */
#ifndef TINSEQ_METHODS_PLUGIN_H
#define TINSEQ_METHODS_PLUGIN_H

#include "backend/base/err.h"

/* Loads a file and adds its function to those that can be found by name. A file loaded before is no
 * error. ERR_USAGE: it cannot be opened, is for another version or says something wrong of itself;
 * the message says what. */
enum err_code step_plugin_load(const char *path, struct err *e) ERR_CHECKED;

#endif

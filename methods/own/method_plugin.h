/*
 * Methods from shared objects (tinseq-method.h). Load them before other threads ask for methods;
 * they stay for ever.
 */
#ifndef TINSEQ_METHODS_OWN_METHOD_PLUGIN_H
#define TINSEQ_METHODS_OWN_METHOD_PLUGIN_H

#include "backend/base/err.h"

/* Loads a file and adds its method to those that can be found by name. A file loaded before is no
 * error. ERR_USAGE: it cannot be opened, is for another version or says something wrong of itself;
 * the message says what. */
enum err_code method_plugin_load(const char *path, struct err *e) ERR_CHECKED;

#endif

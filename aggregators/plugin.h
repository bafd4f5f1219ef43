/*
 * Functions, units and aggregators from shared objects (tinseq-aggregator.h). Load them before
 * other threads ask for any; they stay for ever.
 */
#ifndef TINSEQ_AGGREGATORS_PLUGIN_H
#define TINSEQ_AGGREGATORS_PLUGIN_H

#include "backend/base/err.h"

/* Loads a file and adds what it has to those that can be found by name. A file loaded before is no
 * error. ERR_USAGE: it cannot be opened, is for another version or says something wrong of itself;
 * the message says what. */
enum err_code aggregator_plugin_load(const char *path, struct err *e) ERR_CHECKED;

#endif

/*
 * What the commands of commands.def do. Interface thread only.
 */
#ifndef TINSEQ_APP_KEYMAP_H
#define TINSEQ_APP_KEYMAP_H

#include <stdbool.h>

struct app;

/* Runs the command; false: it does not work here. */
bool app_command(struct app *a, int id);
/* The same wherever the keys are: the program asks for it itself. */
void app_command_anywhere(struct app *a, int id);

#endif

/*
 * The view in front: which it is, what it does, bringing another there. Interface thread only.
 */
#ifndef TINSEQ_APP_FRONT_H
#define TINSEQ_APP_FRONT_H

#include "app/tui/view.h"

#include <stdint.h>

struct app;

const struct view_ops *view_ops(enum app_view view);
/* Of what has the keys: the form, or the view in front. */
const struct view_ops *app_ops(const struct app *a);
uint32_t app_context(const struct app *a);
/* Brings a view to the front; its keys are the view's. */
void app_go(struct app *a, enum app_view view);

#endif

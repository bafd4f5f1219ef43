/* Of the scripted engine: context attributions. Any thread, one at a time. */
#ifndef TINSEQ_TESTS_APP_ENGINE_FAKE_CONTEXT_H
#define TINSEQ_TESTS_APP_ENGINE_FAKE_CONTEXT_H

#include "app/jobs/engine.h"

/* What an engine's `attribute` makes of the context and the current text, with a blank between,
 * where the context changes the third column most and then the first. A text with "nothing" in it:
 * it changes none; one with "no part": its output cannot be parted. */
enum err_code engine_fake_context(struct engine *self, struct context_result **out,
                                  const struct context_request *request,
                                  const struct context_events *events, const struct run_ctl *ctl,
                                  struct err *e);

#endif

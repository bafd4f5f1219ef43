/*
 * A scripted engine: loads any name (but "broken"), cuts texts at blanks, continues every text in
 * the same way and scores it by a fixed rule. With a gate it does one step (a load's half, a token,
 * a column) for each byte that it can read there, so that tests see every state.
 */
#ifndef TINSEQ_TESTS_APP_ENGINE_FAKE_H
#define TINSEQ_TESTS_APP_ENGINE_FAKE_H

#include "app/jobs/engine.h"

/* gate: a file descriptor, −1 for none. The text "fail here" in the input makes the third column
 * fail; "wide" gives 24 columns of 60 rows by 576. */
struct engine *engine_fake_new(int gate);
/* A model with "many" in its name is a translator of four languages.
 * What a run may take, by the real methods' declared costs; 0: anything. A model with "big" in its
 * name has the sizes of one of a billion weights. */
void engine_fake_memory(struct engine *engine, int64_t bytes);
extern const struct engine_ops engine_fake_ops;
/* Steps begun so far by all engines of the process: a test waits for one instead of for a time. Any
 * thread. */
int engine_fake_steps(void);
/* Engines alive, for leak tests. */
int engine_fake_count(void);

#endif

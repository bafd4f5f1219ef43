/*
 * A run over a data set under way: its rows come into a list while it goes on. Interface thread
 * only.
 */
#ifndef TINSEQ_APP_DATASET_FOLLOW_H
#define TINSEQ_APP_DATASET_FOLLOW_H

struct app;

/* Rows that come into OUT.part, and then stand in OUT, are followed. */
void app_follow_begin(struct app *a, const char *output);
/* Looks whether there are more; cheap, for each turn of the main loop. */
void app_follow(struct app *a);
/* The run is over: OUT has all rows, or they are still in OUT.part, and it goes on another time. */
void app_follow_end(struct app *a);
void app_follow_dispose(struct app *a);

#endif

/*
 * Many results in one file, one row a line (JSON lines): what `open`, `show` and `merge` can page
 * through without reading all of it. A line is one of three objects:
 *
 *   {"format":"tinseq-rows","version":1,"info":{…}}
 *       stands above rows: `info` is that of the results below, up to the next such line
 *   {"attr_pos_start":…,"attr_pos_end":…,"target":[pieces],"target_ids":[…],
 *    "source":[pieces],"source_ids":[…],         (neither: the first attr_pos_start of the target)
 *    "class":"…",                                (none: CoarseFeatureAttributionSequenceOutput)
 *    "source_attributions":["F32",[rows,G,…],"base64"], "target_attributions":…,
 *    "step_scores":{name:["F32",[G],"base64"]}, "sequence_scores":{…}, "candidates":[…],
 *    "info":{…},"without":[…],"without_tinseq":[…]}    (methods/result/info_rows.h)
 *       a sequence; what there is none of is left out
 *   {"batch":{…}}
 *       of a part of a data set: which of its batches it has (app/dataset/batch_text.h)
 *
 * Names are those of Inseq's files. Any thread.
 */
#ifndef TINSEQ_VIEWS_ROWS_H
#define TINSEQ_VIEWS_ROWS_H

#define ROWS_FORMAT "tinseq-rows"
#define ROWS_VERSION 1
#define ROWS_BATCH "{\"batch\":"
#define ROWS_WITHOUT_STEPS "step attributions are of all texts together, and left out of rows"
#define ROWS_USUAL_CLASS "CoarseFeatureAttributionSequenceOutput"

#endif

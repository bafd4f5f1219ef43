/* One text of several as a result of its own. */
#include "methods/result/join.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static struct attribution *sample(void) {
    struct attribution *a = attribution_new(3);
    for (size_t i = 0; i < 3; i++) {
        struct attribution_sequence *s = &a->sequences[i];
        s->attr_pos_end = 1;
        token_list_add(&s->target, (int32_t)i, false, "t", "t", 1);
        cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){1, 1}, (float)i));
    }
    return a;
}

Test(part, keeps_what_is_said_of_the_text_and_of_all) {
    struct attribution *a = sample();
    a->info = info_from(
        "{\"input_texts\": [\"a\", \"b\", \"c\"], \"generated_texts\": [\"d\", \"e\", \"f\"], "
        "\"attributed_fn_args\": {\"contrast_targets\": [\"g\", \"h\", \"i\"], "
        "\"contrast_targets_alignments\": [[[0, 0]], [[1, 1], [2, 2]], [[3, 3]]]}, "
        "\"step_scores_args\": {\"contrast_targets\": \"all\"}, \"model_name\": \"m\", "
        "\"tinseq\": {\"fields\": [{\"n\": 1}, {\"n\": 2}]}}");
    struct attribution one = attribution_part(a, 1);
    cr_expect_eq(one.n_sequences, 1);
    cr_expect_eq(one.sequences[0].target.items[0].id, 1);
    cr_expect_eq(one.sequences[0].target_attributions.data[0], 1);
    char *text = result_info_text(&one.info);
    cr_expect_str_eq(text,
                     "{\"attributed_fn_args\":{\"contrast_targets\":[\"h\"],"
                     "\"contrast_targets_alignments\":[[[1,1],[2,2]]]},"
                     "\"generated_texts\":[\"e\"],\"input_texts\":[\"b\"],"
                     "\"model_name\":\"m\",\"step_scores_args\":{\"contrast_targets\":\"all\"},"
                     "\"tinseq\":{\"fields\":[{\"n\":2}]}}",
                     "%s", text);
    free(text);
    result_info_dispose(&one.info);
    attribution_release(a);
}

#include "views/export/html_pair.h"

#include "aggregators/aggregate.h"

#include <math.h>

enum err_code html_pair_ends(struct heat_ends *out, const struct export_pair *pair, size_t i,
                             struct err *e) {
    float magnitude = 0;
    bool negative = false;
    for (int side = 0; side < 2; side++) {
        struct attribution_sequence flat;
        enum err_code code = aggregate_default(&flat, &pair->sides[side]->sequences[i], e);
        if (code)
            return code;
        const struct aggregate_range range = aggregate_range_of(&flat);
        magnitude = fmaxf(magnitude, range.magnitude);
        negative |= range.any_negative;
        attribution_sequence_dispose(&flat);
    }
    *out = (struct heat_ends){magnitude > 0, negative ? -magnitude : 0, magnitude};
    return ERR_OK;
}

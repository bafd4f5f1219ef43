/* Which scores are large among others. */
#include "methods/result/context_rank.h"

#include <math.h>

double context_threshold(const float *scores, size_t n, double weight) {
    double sum = 0, squares = 0;
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(scores[i]))
            sum += (double)scores[i], m++;
    if (!m)
        return 0;
    const double mean = sum / (double)m;
    for (size_t i = 0; i < n; i++)
        if (!isnan(scores[i]))
            squares += ((double)scores[i] - mean) * ((double)scores[i] - mean);
    return m > 1 ? mean + weight * sqrt(squares / (double)(m - 1)) : mean;
}

size_t context_rank(size_t *places, const float *scores, size_t n, double threshold, size_t most) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const float size = fabsf(scores[i]);
        if (!((double)size >= threshold))
            continue;
        size_t at = kept++;
        for (; at && fabsf(scores[places[at - 1]]) < size; at--)
            places[at] = places[at - 1];
        places[at] = i;
    }
    return most && kept > most ? most : kept;
}

#include "app/tour/tour.h"

static const struct tour_step steps[TOUR_STEPS] = {
#define STEP(ID, name, title, text, commands, look)                                                \
    [TOUR_##ID] = {name, title, text, commands, look},
#define RUN(ID, model, look, ...)
#include "app/tour/tour.def"
#undef STEP
#undef RUN
};

static const struct tour_stop stops[] = {
#define STEP(ID, name, title, text, commands, look)
#define RUN(ID, model, look, ...) {TOUR_##ID, model, look, {__VA_ARGS__}},
#include "app/tour/tour.def"
#undef STEP
#undef RUN
};

const struct tour_step *tour_step(size_t i) {
    return &steps[i];
}

size_t tour_stops(void) {
    return sizeof stops / sizeof *stops;
}

const struct tour_stop *tour_stop(size_t i) {
    return &stops[i];
}

extern const char tour_occupations_csv[], tour_facts_csv[], tour_tower_txt[], tour_george_txt[],
    tour_library_txt[];

const struct tour_file *tour_files(size_t *n) {
    static const struct tour_file files[] = {{"occupations.csv", tour_occupations_csv},
                                             {"facts.csv", tour_facts_csv},
                                             {"tower.txt", tour_tower_txt},
                                             {"george.txt", tour_george_txt},
                                             {"library.txt", tour_library_txt}};
    *n = sizeof files / sizeof *files;
    return files;
}

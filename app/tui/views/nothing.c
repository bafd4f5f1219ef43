#include "app/tui/views/nothing.h"

#include "app/tui/state.h"

const char *hints_of_nothing(const struct app *a) {
    if (a->has_shown)
        return NULL;
    if (a->job.generation)
        return "{EDIT} write the next prompt  {VIEW_RUNS} runs  {VIEW_LOG} log  {HELP} help";
    if (a->current && a->current->status == RUN_FAILED)
        return "{EDIT} edit the prompt  {RUN} run again  {METHOD} method  {VIEW_LOG} log  "
               "{HELP} help";
    return "{EDIT} write a prompt  {RUN} run  {MODELS} model  {VIEW_RUNS} runs  {TOUR} tour  "
           "{PALETTE} commands  {HELP} help";
}

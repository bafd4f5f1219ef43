#include "app/tui/options.h"

#include "methods/request/request.h"

struct tui_options tui_options_defaults(void) {
    return (struct tui_options){.colour_depth = -1};
}

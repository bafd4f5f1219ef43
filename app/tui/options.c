#include "app/tui/options.h"

#include "app/files/request.h"

struct tui_options tui_options_defaults(void) {
    return (struct tui_options){.request = request_defaults(), .colour_depth = -1};
}

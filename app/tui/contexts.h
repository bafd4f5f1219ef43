/*
 * The views by number, and where a command works: one bit a view. All from views.def.
 */
#ifndef TINSEQ_APP_CONTEXTS_H
#define TINSEQ_APP_CONTEXTS_H

enum app_view {
#define TAB(ID, key, title, ops) VIEW_##ID,
#define VIEW(ID, ops) VIEW_##ID,
#include "app/tui/views.def"
#undef TAB
#undef VIEW
    VIEW_COUNT,
#define TAB(ID, key, title, ops) +1
#define VIEW(ID, ops)
    VIEW_TABS = 0
#include "app/tui/views.def"
#undef TAB
#undef VIEW
};

/* The form has the keys or not, on whatever view it is drawn. */
enum command_context {
#define TAB(ID, key, title, ops) CONTEXT_##ID = 1 << VIEW_##ID,
#define VIEW(ID, ops) CONTEXT_##ID = 1 << VIEW_##ID,
#include "app/tui/views.def"
#undef TAB
#undef VIEW
};

#endif

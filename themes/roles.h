/*
 * What a cell on the screen means. Views name a role; a theme gives each role its colours and
 * attributes. Any thread.
 */
#ifndef TINSEQ_THEMES_ROLES_H
#define TINSEQ_THEMES_ROLES_H

/* clang-format off */
#define STYLE_ROLES(X) \
    X(TEXT) X(DIM) X(STRONG) X(TITLE) X(BORDER) X(BORDER_FOCUS) X(FIELD) X(FIELD_FOCUS) \
    X(BUTTON) X(TAB) X(TAB_ACTIVE) X(CURSOR) X(MARK_A) X(MARK_B) X(MATCH) X(KEY) X(KEY_LABEL) \
    X(STATUS) X(NOTICE) X(WARNING) X(ERROR) X(PROGRESS) X(PROGRESS_REST) X(POSITIVE) X(NEGATIVE) \
    X(SPECIAL_TOKEN) X(OVERLAY) X(HEAT)
/* clang-format on */
enum style_role {
#define X(name) STYLE_##name,
    STYLE_ROLES(X)
#undef X
        STYLE_COUNT
};

#endif

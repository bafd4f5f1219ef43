/* The form's order: what is always there, then a section for each other group. */
#include "app/form/own.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static const struct {
    const char *title, *help;
} sections[GROUP_COUNT] = {
    [GROUP_TEXT] = {"Text", "{TOGGLE}: open or close. A text of yours to explain instead of what "
                            "the model writes."},
    [GROUP_CONTEXT] = {"Context", "{TOGGLE}: open or close. A text around the prompt: which tokens "
                                  "of the output it changes, and which of its own did it."},
    [GROUP_DOCUMENTS] = {"Documents", "{TOGGLE}: open or close. Files as the context: which of "
                                      "them each sentence of the output rests on."},
    [GROUP_METHOD] = {"Method and function", "{TOGGLE}: open or close. The method's options, and "
                                             "what of the model's output it explains."},
    [GROUP_CONTRAST] = {"Contrast", "{TOGGLE}: open or close. How the contrast is held against "
                                    "the text."},
    [GROUP_SCORES] = {"Step scores", "{TOGGLE}: open or close. What is told of every step below "
                                     "the map."},
    [GROUP_STEPS] = {"Steps and sides", "{TOGGLE}: open or close. Which tokens are explained, each "
                                        "by itself or together."},
    [GROUP_GENERATION] = {"Generation", "{TOGGLE}: open or close. How the next token is chosen."},
    [GROUP_MORE] = {"Memory and more", "{TOGGLE}: open or close. What a run may take, and options "
                                       "that have no field."}};

void form_note_open(struct form_fields *f) {
    for (int group = 0; group < GROUP_COUNT; group++) {
        const struct form_field *section = form_find(&f->form, FIELD_SECTION + group);
        if (section)
            f->open = (f->open & ~(1u << group)) | (unsigned)section->chosen << group;
    }
}

void form_set_open(struct form_fields *f) {
    for (int group = 0; group < GROUP_COUNT; group++) {
        struct form_field *section = form_find(&f->form, FIELD_SECTION + group);
        if (section)
            section->chosen = f->open >> group & 1;
    }
}

static bool has_group(const struct form *f, int group) {
    for (size_t i = 0; i < f->n_fields; i++)
        if (f->fields[i].group == group)
            return true;
    return false;
}

/* Moves the fields of a group. */
static void take_group(struct form *to, const struct form *from, int group) {
    for (size_t i = 0; i < from->n_fields; i++) {
        if (from->fields[i].group != group)
            continue;
        to->fields = mem_resize(to->fields, (to->n_fields + 1) * sizeof *to->fields);
        to->fields[to->n_fields++] = from->fields[i];
    }
}

void form_arrange(struct form *f) {
    struct form sorted = *f;
    sorted.fields = NULL;
    sorted.n_fields = 0;
    take_group(&sorted, f, GROUP_MAIN);
    for (int group = GROUP_MAIN + 1; group < GROUP_COUNT; group++) {
        if (!has_group(f, group))
            continue;
        form_add(&sorted, FIELD_SECTION + group, FORM_SECTION, group, sections[group].title,
                 sections[group].help, NULL);
        take_group(&sorted, f, group);
    }
    free(f->fields);
    *f = sorted;
}

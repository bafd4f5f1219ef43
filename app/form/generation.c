/* How the text is generated: a strategy, the arguments of generate() that it takes, and others as a
 * JSON object. */
#include "app/form/own.h"
#include "backend/base/mem.h"
#include "methods/request/own_ids.h"

#include <stdlib.h>
#include <string.h>

static const struct form_choice strategies[] = {{"model", "as the model's files say"},
                                                {"greedy", "greedy"},
                                                {"beam", "beam search"},
                                                {"sample", "sampling"}};

/* Which argument of generate() a field stands for, its range, and when it is shown (strategy NULL:
 * always). */
static const struct generation_field {
    enum field_id id;
    const char *name, *label, *help, *placeholder, *strategy;
    bool integer;
    double minimum, maximum;
} fields[] = {
    {FIELD_LENGTH, "max_new_tokens", "New tokens",
     "The most tokens to generate. Unset: as the model's files say, else 20.", "unset", NULL, true,
     1, 4096},
    {FIELD_BEAMS, "num_beams", "Beams", "Hypotheses kept at each step.", "4", "beam", true, 2, 64},
    {FIELD_TEMPERATURE, "temperature", "Temperature",
     "Logits are divided by it: below 1 sharper, above 1 flatter.", "1", "sample", false, 1e-6,
     1e6},
    {FIELD_TOP_K, "top_k", "Top k", "Sample among the k most probable tokens; 0 for all.", "50",
     "sample", true, 0, 1e7},
    {FIELD_TOP_P, "top_p", "Top p",
     "Sample among the fewest tokens that hold this share of the probability.", "1", "sample",
     false, 0, 1},
    {FIELD_SEED, "seed", "Seed", "The same seed gives the same text.", "0", "sample", true, 0,
     9007199254740992.0},
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static void add_generation(struct form *f, const struct form *before,
                           const struct form_fields *of) {
    (void)of;
    struct form_field *field = form_add(
        f, FIELD_STRATEGY, FORM_CHOICE, GROUP_GENERATION, "Strategy",
        "How the next token is chosen. {PREVIOUS_CHOICE}, {NEXT_CHOICE}: another one; {CHOOSE}: "
        "all of them.",
        NULL);
    form_field_choices(field, strategies, COUNT(strategies));
    form_keep(f, before, FIELD_STRATEGY);
    const char *strategy = form_chosen(f, FIELD_STRATEGY);
    for (size_t i = 0; i < COUNT(fields); i++) {
        const struct generation_field *g = &fields[i];
        if (!g->strategy || strcmp(g->strategy, strategy) == 0)
            form_add(f, (int)g->id, FORM_TEXT,
                     g->id == FIELD_LENGTH ? GROUP_MAIN : GROUP_GENERATION, g->label, g->help,
                     g->placeholder);
    }
    form_add(f, FIELD_GENERATION_EXTRA, FORM_TEXT, GROUP_GENERATION, "More (JSON)",
             "Other arguments of generate() as a JSON object: {\"no_repeat_ngram_size\": 2}", "{}");
}

/* --- filling --- */

static const char *strategy_of(const struct json_value *options) {
    const struct json_value *sample = json_get(options, "do_sample");
    double beams = 0;
    const bool counted = json_number(&beams, json_get(options, "num_beams"));
    if (sample && sample->type == JSON_TRUE)
        return "sample";
    if (counted && beams > 1)
        return "beam";
    return counted || (sample && sample->type == JSON_FALSE) ? "greedy" : "model";
}

/* The field for an argument, where the strategy has it. */
static struct form_field *find_field(const struct form *f, const struct json_value *v) {
    for (size_t i = 0; i < COUNT(fields); i++)
        if (json_named(v, fields[i].name))
            return form_find(f, (int)fields[i].id);
    return NULL;
}

static void fill_arguments(struct form_fields *f, const struct json_value *options) {
    struct text_buffer rest = {0};
    for (const struct json_value *v = options->first; v; v = v->next) {
        struct form_field *field = find_field(&f->form, v);
        const bool implied = json_named(v, "do_sample") || (json_named(v, "num_beams") && !field);
        if (!implied && (!field || !form_set_value(&f->form, field, v)))
            json_put_member(&rest, v);
    }
    char *text = rest.n ? json_take_object(&rest) : NULL;
    form_set_text(f, FIELD_GENERATION_EXTRA, text);
    free(text);
}

static void fill_generation(struct form_fields *f, const struct attribute_request *r) {
    const char *json = r->generation_kwargs;
    struct json_document *d = NULL;
    struct err ignored;
    const bool good = json && json_parse(&d, json, strlen(json), &ignored) == ERR_OK &&
                      json_root(d)->type == JSON_OBJECT;
    form_field_choose(form_find(&f->form, FIELD_STRATEGY), strategy_of(good ? json_root(d) : NULL));
    form_fields_refresh(f);
    for (size_t i = 0; i < COUNT(fields); i++)
        form_set_text(f, (int)fields[i].id, NULL);
    form_set_text(f, FIELD_GENERATION_EXTRA, json);
    if (good)
        fill_arguments(f, json_root(d));
    json_free(d);
}

/* --- reading --- */

/* What the strategy says beside its fields. */
static void put_strategy(struct form_object *to, const struct form *f, const char *strategy) {
    const bool sample = strcmp(strategy, "sample") == 0, beam = strcmp(strategy, "beam") == 0;
    const struct form_field *beams = form_find(f, FIELD_BEAMS);
    if (strcmp(strategy, "model") == 0)
        return;
    if (!beam)
        form_object_put_number(to, "num_beams", 1);
    else if (edit_is_empty(&beams->edit))
        form_object_put_number(to, "num_beams", 4);
    form_object_put(to, "do_sample", sample ? "true" : "false");
}

static enum err_code collect_field(struct form_object *to, struct form_fields *f,
                                   const struct generation_field *g, struct err *e) {
    struct form_field *field = form_find(&f->form, (int)g->id);
    struct err inner;
    double number;
    if (!field || edit_is_empty(&field->edit))
        return ERR_OK;
    if (form_number(&number, field, g->integer, g->minimum, g->maximum, &inner) != ERR_OK)
        return form_fail(f, field, e, inner.message);
    form_object_put_number(to, g->name, number);
    return ERR_OK;
}

static enum err_code collect_generation(struct attribute_request *out, struct form_fields *f,
                                        struct err *e) {
    struct form_object options;
    enum err_code code = form_object_open(&options, f, FIELD_GENERATION_EXTRA, e);
    if (code)
        goto out;
    put_strategy(&options, &f->form, form_chosen(&f->form, FIELD_STRATEGY));
    for (size_t i = 0; i < COUNT(fields) && !code; i++)
        code = collect_field(&options, f, &fields[i], e);
out:
    out->generation_kwargs = form_object_close(&options);
    return code;
}

/* --- ids --- */

static const struct form_choice ids[] = {{"encoded", "encoded again"}, {"own", "as written"}};

static void add_ids(struct form *f, const struct form *before, const struct form_fields *of) {
    (void)of;
    struct form_field *field =
        form_add(f, FIELD_GENERATED_IDS, FORM_CHOICE, GROUP_GENERATION, "Its tokens",
                 "Tokens of the generated text: those of the text, encoded again as Inseq does, or "
                 "those that the model wrote (generated_ids).",
                 NULL);
    form_field_choices(field, ids, COUNT(ids));
    form_keep(f, before, FIELD_GENERATED_IDS);
}

static void fill_ids(struct form_fields *f, const struct attribute_request *r) {
    bool own;
    struct err ignored;
    const enum err_code code = own_ids_parse(&own, r->generated_ids, &ignored);
    form_field_choose(form_find(&f->form, FIELD_GENERATED_IDS), ids[!code && own].id);
}

static enum err_code collect_ids(struct attribute_request *out, struct form_fields *f,
                                 struct err *e) {
    const char *rule = form_chosen(&f->form, FIELD_GENERATED_IDS);
    (void)e;
    out->generated_ids = rule && strcmp(rule, "own") == 0 ? mem_text(rule) : NULL;
    return ERR_OK;
}

const struct own_field own_GENERATED_IDS = {add_ids, fill_ids, collect_ids};
const struct own_field own_STRATEGY = {add_generation, fill_generation, collect_generation};

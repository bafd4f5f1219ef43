/* Every view and everything that lies over one, as it stands on a small and on a large terminal,
 * with colours (tests/app/golden). */
#include "tests/app/tui/session.h"

#include "app/tui/dispatch.h"
#include "app/tui/shown.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(golden_program, .fini = session_end);

static struct app *begin(const char *model, const char *text, const char *method) {
    struct attribute_request r = {0};
    r.input_text = text;
    r.method = method;
    struct app *a = session_begin(model, &r, false);
    session_wait();
    return a;
}

static struct app *begin_eiffel(void) {
    return begin("fake", "The Eiffel Tower is in", "input_x_gradient");
}

static void begin_attention(void) {
    begin("fake-mt", "I said hi to the manager", "attention");
}

/* --- the map and what surrounds it --- */

Test(golden_program, map_without_anything) {
    session_begin("fake", NULL, false);
    session_wait();
    session_keys("Esc");
    cr_expect(session_shows("map-empty"));
}

Test(golden_program, map_of_a_run_half_done) {
    struct attribute_request r = {0};
    r.input_text = "The Eiffel Tower is in a long text";
    session_begin("fake", &r, true);
    session_steps(2 + 4 + 2); /* loading, tokens, columns */
    session_wait_columns(2);
    cr_expect(session_shows("map-running"));
}

Test(golden_program, map_while_the_text_is_generated) {
    struct attribute_request r = {0};
    r.input_text = "an early first column";
    session_begin("fake", &r, true);
    session_steps(2 + 1 + 1);
    session_wait_columns(1);
    cr_expect(session_shows("map-early"));
}

Test(golden_program, map) {
    begin_eiffel();
    cr_expect(session_shows("map"));
}

Test(golden_program, map_of_scores_with_a_sign) {
    begin_eiffel();
    session_keys("A");
    session_type("sum");
    session_keys("Enter");
    cr_expect(session_shows("map-signed"));
}

Test(golden_program, map_of_both_sides_with_step_scores) {
    const char *scores[] = {"probability", "entropy"};
    struct attribute_request r = {0};
    r.input_text = "I said hi to the manager";
    r.attribute_target = true;
    r.step_scores = (struct names){scores, 2};
    session_begin("fake-mt", &r, false);
    session_wait();
    cr_expect(session_shows("map-both-sides"));
}

Test(golden_program, map_with_a_selection_and_marks) {
    begin_eiffel();
    session_keys("g 0 Space v j j l l");
    cr_expect(session_shows("map-selection"));
}

Test(golden_program, map_wider_than_the_screen) {
    begin("fake", "a wide text of five words", NULL);
    session_keys("$ g");
    cr_expect(session_shows("map-wide"));
}

Test(golden_program, map_of_a_run_that_failed) {
    begin("fake", "please fail here", NULL);
    cr_expect(session_shows("map-failed"));
}

Test(golden_program, detail_of_a_foil_with_a_notice) {
    begin("fake-mt", "I said hi to the manager", NULL);
    session_keys("0 l l l l c Enter");
    session_wait();
    cr_expect(session_shows("detail"));
}

Test(golden_program, several_foils_marked_and_beside_each_other) {
    begin_eiffel();
    session_keys("0 c Space Space");
    cr_expect(session_shows("picker-foils-marked"));
    session_keys("Enter");
    session_wait();
    cr_expect(session_shows("map-foils"));
    session_keys("4 l");
    cr_expect(session_shows("text-foils"));
}

Test(golden_program, special_tokens_hidden) {
    struct attribute_request r = {0};
    r.input_text = "I said hi to the manager";
    session_begin("fake-mt", &r, false);
    session_wait();
    session_keys("W");
    cr_expect(session_shows("map-without-special"));
    session_keys("4 S");
    cr_expect(session_shows("text-without-special"));
}

Test(golden_program, map_without_detail) {
    begin_eiffel();
    session_keys("d #");
    cr_expect(session_shows("map-without-detail"));
}

/* --- the form --- */

Test(golden_program, form) {
    session_begin("fake", NULL, false);
    session_wait();
    session_type("The Eiffel Tower is in");
    cr_expect(session_shows("form"));
}

Test(golden_program, form_of_a_translator_of_many_languages) {
    session_begin("fake-many-mt", NULL, false);
    session_wait();
    session_type("I said hi to the manager");
    session_keys("Down Down Enter");
    session_type("po");
    session_keys("Enter");
    cr_expect(session_shows("form-languages"));
    session_keys("Up Enter");
    cr_expect(session_shows("picker-languages"));
}

Test(golden_program, form_with_a_field_that_is_wrong) {
    session_begin("fake", NULL, false);
    session_wait();
    session_keys("F5");
    cr_expect(session_shows("form-wrong"));
}

Test(golden_program, form_whose_sections_say_what_differs) {
    const char *scores[] = {"probability", "entropy"};
    struct attribute_request r = {0};
    r.input_text = "The Eiffel Tower is in";
    r.method = "integrated_gradients";
    r.step_scores = (struct names){scores, 2};
    r.attribution_kwargs = "{\"n_steps\": 4, \"method\": \"riemann_trapezoid\"}";
    r.generation_kwargs = "{\"max_new_tokens\": 4, \"do_sample\": true, \"top_k\": 7}";
    r.contrast_force_inputs = true;
    session_begin("fake", &r, false);
    session_wait();
    session_keys("e Tab Tab");
    cr_expect(session_shows("form-sections"));
}

Test(golden_program, form_with_the_prompt_of_the_last_time) {
    struct app *a = session_begin("fake", NULL, false);
    session_wait();
    struct edit *prompt = &form_find(&a->form.form, FIELD_PROMPT)->edit;
    edit_set(prompt, "The Eiffel Tower is in");
    edit_select(prompt);
    cr_expect(session_shows("form-kept"));
}

Test(golden_program, form_whose_choice_opens_a_list) {
    session_begin("fake", NULL, false);
    session_wait();
    session_type("The Eiffel Tower is in");
    session_keys("Up Up Up Right Down Enter");
    session_type("sampl");
    cr_expect(session_shows("picker-choice"));
    session_keys("Enter");
    cr_expect(session_shows("form-generation"));
}

Test(golden_program, form_whose_set_opens_a_list_that_stays) {
    session_begin("fake", NULL, false);
    session_wait();
    session_type("The Eiffel Tower is in");
    session_keys("Up Up Up Up Up Right Down Enter");
    session_type("entro");
    session_keys("Enter");
    session_type("perpl");
    session_keys("Enter");
    cr_expect(session_shows("picker-set"));
    session_keys("Esc");
    cr_expect(session_shows("form-set"));
}

Test(golden_program, form_of_a_method_with_options) {
    begin("fake", "The Eiffel Tower is in", "integrated_gradients");
    session_keys("e Down Down Down Down Down Down Enter Down");
    cr_expect(session_shows("form-options"));
}

/* --- the other views --- */

Test(golden_program, atlas_of_heads) {
    begin_attention();
    session_keys("2 j l l");
    cr_expect(session_shows("atlas"));
}

Test(golden_program, atlas_of_layers) {
    begin("fake-mt", "I said hi to the manager", "value_zeroing");
    session_keys("2 l j j");
    cr_expect(session_shows("atlas-layers"));
}

Test(golden_program, atlas_of_a_run_without_layers) {
    begin_eiffel();
    session_keys("2");
    cr_expect(session_shows("atlas-none"));
}

/* Weights of attention, of which the first token takes most. */
static void make_a_sink(struct app *a) {
    struct scores *s = &a->current->result->sequences[0].source_attributions;
    const int64_t cells = scores_count(s) / s->dims[0];
    for (int64_t i = 0; i < cells; i++) {
        float sum = 0;
        s->data[i] = 4;
        for (int64_t row = 0; row < s->dims[0]; row++)
            sum += s->data[row * cells + i];
        for (int64_t row = 0; row < s->dims[0]; row++)
            s->data[row * cells + i] /= sum;
    }
    atlas_show(&a->atlas, NULL);
    app_aggregate(a);
}

Test(golden_program, attention_sinks) {
    struct app *a = begin("fake-mt", "I said hi to the manager", "attention");
    make_a_sink(a);
    cr_expect(session_shows("map-sink"));
    const float kept = a->shown.source_attributions.data[8];
    session_keys("X");
    cr_expect_eq(a->shown.source_attributions.data[0], 0);
    cr_expect_eq(a->shown.source_attributions.data[8], kept);
    session_keys("X");
    cr_expect_gt(a->shown.source_attributions.data[8], 1.5f * kept);
    session_keys("2");
    cr_expect(session_shows("atlas-sink"));
    /* It stays with the run. */
    session_keys("1 m Enter r");
    session_wait();
    session_keys("X X X (");
    cr_expect_eq(a->reduction.sinks, SINKS_RENORMALISED);
}

Test(golden_program, text) {
    begin_eiffel();
    session_keys("4 l");
    cr_expect(session_shows("text"));
}

Test(golden_program, log) {
    begin_eiffel();
    session_keys("T Esc c Esc V Esc 5");
    cr_expect(session_shows("log"));
}

/* Where runs are kept differs from session to session. */
static void name_paths(struct app *a) {
    for (size_t i = 0; i < a->store.n; i++)
        mem_replace(&a->store.runs[i]->path, mem_text("/home/me/.local/state/tinseq/runs/1.json"));
}

/* A run of each kind. */
static void make_runs(struct app *a) {
    session_keys("m");
    session_type("occlusion");
    session_keys("Enter r");
    session_wait();
    session_keys("c Down Enter");
    session_wait();
    session_keys("( ( 0 v l V Enter");
    session_wait();
    name_paths(a);
}

Test(golden_program, runs) {
    make_runs(begin("fake", "The Eiffel Tower is in", NULL));
    session_keys("3 j Space j Space");
    cr_expect(session_shows("runs"));
    session_keys("R");
    session_type("the first");
    session_keys("Enter u");
    session_keys("o Down Enter"); /* by the date */
    session_keys("/");
    session_type("eiffel occl");
    cr_expect(session_shows("runs-filtering"));
    session_keys("Enter D");
    cr_expect(session_shows("runs-filtered"));
}

Test(golden_program, runs_none) {
    session_begin("fake", NULL, false);
    session_wait();
    session_keys("Esc 3");
    cr_expect(session_shows("runs-none"));
}

Test(golden_program, compare) {
    begin("fake", "The Eiffel Tower is in", NULL);
    session_keys("e Ctrl-U");
    session_type("The old Eiffel Tower stands in");
    session_keys("F5");
    session_wait();
    session_keys("3 Space j Space = j l");
    cr_expect(session_shows("compare"));
}

Test(golden_program, compare_more_than_two) {
    make_runs(begin("fake", "The Eiffel Tower is in", NULL));
    session_keys("m");
    session_type("input ×");
    session_keys("Enter r");
    session_wait();
    session_keys("3 Space j j Space j j Space = j l");
    cr_expect(session_shows("compare-many"));
}

static void find(struct app *a) {
    static const struct found_model models[] = {
        {"smollm2", NULL, "tinseq", "LlamaForCausalLM · decoder-only · 30 layers", NULL, false,
         269000000},
        {"fake", NULL, "tinseq", "LlamaForCausalLM · decoder-only · 3 layers", NULL, false,
         4000000},
        {"org/a-model-of-a-longer-name", NULL, "hugging face", "MarianMTModel", NULL, true,
         310000000},
        {"llama3:8b", NULL, "ollama", "", "needs 16 GB, 9 GB are free", false, 4700000000}};
    found_models_dispose(&a->found);
    a->found.n = sizeof models / sizeof *models;
    a->found.items = mem_alloc(sizeof models);
    for (size_t i = 0; i < a->found.n; i++) {
        struct found_model *m = &a->found.items[i];
        *m = models[i];
        m->name = mem_text(m->name);
        m->where = mem_text(m->where);
        m->kind = mem_text(m->kind);
        m->why_not = mem_text(m->why_not);
    }
}

Test(golden_program, models) {
    struct app *a = session_begin("fake", NULL, false);
    session_wait();
    session_keys("Esc M");
    find(a);
    session_keys("Down");
    cr_expect(session_shows("models"));
    session_type("fa");
    cr_expect(session_shows("models-filtered"));
}

Test(golden_program, models_none) {
    struct app *a = session_begin(NULL, NULL, false);
    mem_replace(&a->models_folder, mem_text("/home/me/.local/share/tinseq/models"));
    session_type("/some/folder");
    cr_expect(session_shows("models-none"));
}

/* --- what lies over a view --- */

static const struct {
    const char *keys, *name;
} overlays[] = {{"m", "picker-methods"},    {"t", "picker-functions"},
                {"0 c", "picker-foils"},    {"A", "picker-aggregation"},
                {"T", "picker-themes"},     {"C", "picker-colours"},
                {"0 v l V", "picker-span"}, {"E", "picker-export"},
                {":", "palette"},           {"?", "help-map"},
                {"3 ?", "help-runs"},       {"e F1", "help-form"},
                {"3 R", "input"},           {"E End Enter", "input-export"}};

Test(golden_program, choosers_questions_and_help) {
    name_paths(begin_eiffel());
    for (size_t i = 0; i < sizeof overlays / sizeof *overlays; i++) {
        session_keys(overlays[i].keys);
        cr_expect(session_shows(overlays[i].name));
        session_keys("Esc Esc Esc 1");
    }
}

Test(golden_program, tour) {
    session_begin("fake", NULL, false);
    session_wait();
    session_model("en-pt");
    session_keys("Alt-t");
    cr_expect(session_shows("tour-list"));
    session_keys("Enter");
    session_wait();
    cr_expect(session_shows("tour"));
    session_keys("e");
    cr_expect(session_shows("tour-form"));
}

Test(golden_program, tour_without_its_models) {
    session_begin("fake", NULL, false);
    session_wait();
    session_keys("Alt-n");
    cr_expect(session_shows("tour-missing"));
}

Test(golden_program, a_question) {
    struct attribute_request r = {0};
    r.input_text = "The Eiffel Tower is in a long text";
    session_begin("fake", &r, true);
    session_steps(2 + 4 + 2);
    session_wait_columns(2);
    session_keys("q");
    cr_expect(session_shows("ask"));
}

Test(golden_program, files_to_open) {
    begin_eiffel();
    session_file("results/manager.json", "{}");
    session_file("results/rows.jsonl.gz", "packed");
    session_file("results/notes.txt", "cannot be opened");
    session_file("results/monday/nurse.json", "{}");
    session_keys("Ctrl-O");
    session_type("results/");
    session_keys("Space Alt-.");
    cr_expect(session_shows("files"));
}

Test(golden_program, a_list_filtered) {
    begin_eiffel();
    session_keys(":");
    session_type("colm");
    cr_expect(session_shows("palette-filtered"));
}

Test(golden_program, search) {
    begin_eiffel();
    session_keys("g /");
    session_type("tow");
    cr_expect(session_shows("search"));
}

Test(golden_program, offer_when_memory_is_short) {
    struct attribute_request r = {0};
    r.input_text = "The Eiffel Tower is in";
    r.method = "integrated_gradients";
    session_begin("fake-big", &r, true);
    session_memory(150000000);
    session_steps(100);
    session_wait();
    cr_expect(session_shows("offer"));
}

/* A method that is better than chance in what it takes away first, and no better in what it
 * leaves. */
static struct curves known_curves(void) {
    static const char json[] =
        "{\"method\":\"saliency\",\"function\":\"probability\",\"columns\":4,"
        "\"random_orders\":5,\"removed_percent\":[0,25,50,75,100],"
        "\"overall\":{\"value\":0.412,\"random\":0.103,\"interval\":[0.12,0.5],"
        "\"verdict\":\"better\"},\"comprehensiveness\":{\"value\":0.6,\"random\":0.3,"
        "\"interval\":[0.1,0.5],\"verdict\":\"better\",\"curve\":[0.75,0.3,0.1,0.05,0],"
        "\"random_curve\":[0.75,0.6,0.4,0.2,0],\"random_deviation\":[0,0.1,0.1,0.05,0]},"
        "\"sufficiency\":{\"value\":0.188,\"random\":0.197,\"interval\":[-0.1,0.08],"
        "\"verdict\":\"no better\",\"curve\":[0.75,0.7,0.5,0.3,0],"
        "\"random_curve\":[0.75,0.6,0.4,0.2,0],\"random_deviation\":[0,0.1,0.1,0.05,0]}}";
    struct curves c;
    cr_assert(curves_read(&c, json));
    return c;
}

Test(golden_program, faithfulness) {
    struct app *a = begin("fake", "The Eiffel Tower is in", NULL);
    session_keys("5"); /* little is seen beside it */
    a->job.evaluated = a->current;
    struct worker_event event = {
        .kind = WORKER_EVALUATED, .generation = a->job.generation, .curves = known_curves()};
    app_worker_event(a, &event);
    worker_event_dispose(&event);
    cr_expect(session_shows("faithfulness"));
    /* It is kept with the run, and not measured again. */
    cr_expect_not_null(info_text_of(&a->current->result->info.faithfulness, 0));
    a->job.evaluated = NULL;
    session_keys("Esc");
    cr_expect(!overlay_is_open(&a->overlay));
    session_keys("1 F");
    cr_expect(overlay_is_open(&a->overlay));
}

#include "app/files/run_json.h"

#include "app/files/result_model.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The run on one line, owned by the caller. */
static char *run_text(const struct run *r) {
    struct text_buffer b = {0};
    char *request = request_text(&r->request);
    json_put_number(&b, "number", (double)r->number);
    json_put_string(&b, "name", r->name);
    json_put_string(&b, "model", r->model ? r->model : "");
    json_put_string(&b, "status", run_status_name(r->status));
    json_put_string(&b, "error", r->error);
    json_put_string(&b, "foil", r->foil);
    json_put_number(&b, "started", (double)r->started);
    json_put_number(&b, "seconds", r->seconds);
    json_put_number(&b, "rows", (double)r->n_rows);
    json_put_number(&b, "columns", (double)r->n_columns);
    json_put_value(&b, "request", request);
    free(request);
    return json_take_object(&b);
}

char *run_json_text(const struct run *r) {
    char *flat = run_text(r), *text = json_pretty(flat);
    free(flat);
    return text;
}

static double read_number(const struct json_value *json, const char *name, double missing) {
    double number;
    return json_number(&number, json_get(json, name)) && fabs(number) < 1e15 ? number : missing;
}

static char *read_text(const struct json_value *json, const char *name) {
    const struct json_value *v = json_get(json, name);
    return v && v->type == JSON_STRING && v->n_text ? mem_text_n(v->text, v->n_text) : NULL;
}

static enum run_status read_status(const struct json_value *json) {
    const struct json_value *v = json_get(json, "status");
    enum run_status status = RUN_DONE;
    for (int i = 0; i < RUN_STATUS_COUNT; i++)
        if (json_is(v, run_status_name((enum run_status)i)))
            status = (enum run_status)i;
    return status;
}

static void read_run(struct run *r, const struct json_value *json) {
    r->number = (int64_t)read_number(json, "number", 0);
    mem_replace(&r->name, read_text(json, "name"));
    mem_replace(&r->model, read_text(json, "model"));
    mem_replace(&r->error, read_text(json, "error"));
    mem_replace(&r->foil, read_text(json, "foil"));
    r->started = (int64_t)read_number(json, "started", 0);
    r->seconds = read_number(json, "seconds", -1);
    r->n_rows = (int64_t)read_number(json, "rows", 0);
    r->n_columns = (int64_t)read_number(json, "columns", 0);
    r->status = read_status(json);
    r->untold = r->status == RUN_RUNNING; /* when it was written */
    if (r->untold)
        r->status = RUN_LOST;
    request_dispose(&r->request);
    r->request = request_read(json_get(json, "request"));
}

bool run_json_parse(struct run *r, const char *text, size_t n) {
    struct json_document *d;
    struct err ignored;
    if (json_parse(&d, text, n, &ignored) != ERR_OK)
        return false;
    const bool good = json_root(d)->type == JSON_OBJECT;
    if (good)
        read_run(r, json_root(d));
    json_free(d);
    return good;
}

/* Of a result that holds no run: what it was made of. */
static void read_made_of(struct run *r, const struct attribution *result) {
    request_dispose(&r->request);
    if (result->n_sequences)
        r->request = request_of_result(result, 0);
    mem_replace(&r->model, mem_text(result->info.model_name));
    r->status = RUN_DONE;
}

/* Where its model is now: a path may be relative to another folder, or of another machine. */
static void find_model(struct run *r, const struct result_info *info) {
    char *found = result_model(info, r->path);
    if (found && (info->model_path || text_same(r->model, info->model_name)))
        mem_replace(&r->model, mem_text(found));
    free(found);
}

void run_json_read_info(struct run *r) {
    const struct result_info *info = &r->result->info;
    const int64_t number = r->number;
    char *name = mem_text(r->name);
    if (info->run && run_json_parse(r, info->run, strlen(info->run))) {
        r->number = number;
        if (name)
            mem_replace(&r->name, mem_text(name));
    } else {
        read_made_of(r, r->result);
    }
    find_model(r, info);
    free(name);
}

struct result_info run_json_info(const struct run *r) {
    struct result_info info = result_info_copy(&r->result->info);
    mem_replace(&info.run, run_text(r));
    return info;
}

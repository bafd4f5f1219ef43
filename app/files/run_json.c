#include "app/files/run_json.h"

#include "app/files/request.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static cJSON *run_to_json(const struct run *r) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "number", (double)r->number);
    if (r->name)
        cJSON_AddStringToObject(json, "name", r->name);
    cJSON_AddStringToObject(json, "model", r->model ? r->model : "");
    cJSON_AddStringToObject(json, "status", run_status_name(r->status));
    if (r->error)
        cJSON_AddStringToObject(json, "error", r->error);
    if (r->foil)
        cJSON_AddStringToObject(json, "foil", r->foil);
    cJSON_AddNumberToObject(json, "started", (double)r->started);
    cJSON_AddNumberToObject(json, "seconds", r->seconds);
    cJSON_AddNumberToObject(json, "rows", (double)r->n_rows);
    cJSON_AddNumberToObject(json, "columns", (double)r->n_columns);
    cJSON_AddItemToObject(json, "request", request_to_json(&r->request));
    return json;
}

static double read_number(const cJSON *json, const char *name, double missing) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsNumber(item) && fabs(item->valuedouble) < 1e15 ? item->valuedouble : missing;
}

static char *read_text(const cJSON *json, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    return cJSON_IsString(item) && *item->valuestring ? mem_text(item->valuestring) : NULL;
}

void run_json_read(struct run *r, const cJSON *json) {
    r->number = (int64_t)read_number(json, "number", 0);
    mem_replace(&r->name, read_text(json, "name"));
    mem_replace(&r->model, read_text(json, "model"));
    mem_replace(&r->error, read_text(json, "error"));
    mem_replace(&r->foil, read_text(json, "foil"));
    r->started = (int64_t)read_number(json, "started", 0);
    r->seconds = read_number(json, "seconds", -1);
    r->n_rows = (int64_t)read_number(json, "rows", 0);
    r->n_columns = (int64_t)read_number(json, "columns", 0);
    char *status = read_text(json, "status");
    r->status = RUN_DONE;
    for (int i = 0; status && i < RUN_STATUS_COUNT; i++)
        if (strcmp(status, run_status_name((enum run_status)i)) == 0)
            r->status = (enum run_status)i;
    if (r->status == RUN_RUNNING) /* written only when a run is over */
        r->status = RUN_CANCELLED;
    free(status);
    request_dispose(&r->request);
    request_from_json(&r->request, cJSON_GetObjectItemCaseSensitive(json, "request"));
}

char *run_json_text(const struct run *r) {
    cJSON *json = run_to_json(r);
    char *text = cJSON_Print(json), *copy = mem_text(text);
    cJSON_free(text);
    cJSON_Delete(json);
    return copy;
}

/* The request of a result that holds no run: what can be told from what it was made of. */
static void read_made_of(struct run *r, const struct result_info *info) {
    struct attribute_request request = request_defaults();
    const bool span = span_given(&info->span);
    request.input_text = info_text_of(&info->input_texts, 0);
    request.generated_text = info_text_of(&info->generated_texts, 0);
    request.method = info->method;
    request.attributed_fn = info->function.id;
    request.span_start = info->span.start.value;
    request.span_end = info->span.end.value;
    request.span_reduce = span ? span_reduce_name(&info->span) : NULL;
    request_dispose(&r->request);
    request_copy(&r->request, &request);
    mem_replace(&r->model, mem_text(info->model_name));
    r->status = RUN_DONE;
}

void run_json_read_info(struct run *r) {
    const struct result_info *info = &r->result->info;
    cJSON *own = info->run ? cJSON_Parse(info->run) : NULL;
    if (cJSON_IsObject(own)) {
        int64_t number = r->number;
        char *name = r->name;
        r->name = NULL;
        run_json_read(r, own);
        r->number = number;
        if (name)
            mem_replace(&r->name, name);
    } else {
        read_made_of(r, info);
    }
    cJSON_Delete(own);
}

struct result_info run_json_info(const struct run *r) {
    struct result_info info = result_info_copy(&r->result->info);
    cJSON *run = run_to_json(r);
    char *text = cJSON_PrintUnformatted(run);
    mem_replace(&info.run, mem_text(text));
    cJSON_free(text);
    cJSON_Delete(run);
    return info;
}

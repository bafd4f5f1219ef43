#include "app/files/run_json.h"

#include "app/files/request.h"
#include "backend/base/json.h"
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

/* What info says of a file that this program may not have written. */
void run_json_read_info(struct run *r) {
    cJSON *info = r->result ? cJSON_Parse(r->result->info) : NULL;
    const cJSON *own =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(info, "tinseq"), "run");
    if (cJSON_IsObject(own)) {
        int64_t number = r->number;
        char *name = r->name;
        r->name = NULL;
        run_json_read(r, own);
        r->number = number;
        if (name)
            mem_replace(&r->name, name);
    } else {
        const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(info, "input_texts"),
                    *outputs = cJSON_GetObjectItemCaseSensitive(info, "generated_texts");
        const cJSON *input = cJSON_GetArrayItem(inputs, 0),
                    *output = cJSON_GetArrayItem(outputs, 0);
        char *method = read_text(info, "attribution_method"),
             *function = read_text(info, "attributed_fn");
        struct attribute_request request = request_defaults();
        request.input_text = cJSON_IsString(input) ? input->valuestring : NULL;
        request.generated_text = cJSON_IsString(output) ? output->valuestring : NULL;
        request.method = method;
        request.attributed_fn = function;
        const cJSON *ours = cJSON_GetObjectItemCaseSensitive(info, "tinseq");
        char *reduce = read_text(ours, "span_reduce");
        request.span_start = (int64_t)read_number(ours, "span_start", 0);
        request.span_end = (int64_t)read_number(ours, "span_end", 0);
        request.span_reduce = reduce;
        request_dispose(&r->request);
        request_copy(&r->request, &request);
        mem_replace(&r->model, read_text(info, "model_name"));
        r->status = RUN_DONE;
        free(method);
        free(function);
        free(reduce);
    }
    cJSON_Delete(info);
}

/* The members of an object but one, each followed by a comma. */
static void write_members(struct text_buffer *b, const struct json_value *object, const char *but,
                          int depth) {
    for (const struct json_value *v = object && object->type == JSON_OBJECT ? object->first : NULL;
         v; v = v->next) {
        if (v->n_key == strlen(but) && memcmp(v->key, but, v->n_key) == 0)
            continue;
        json_write_string(b, v->key, v->n_key);
        text_buffer_puts(b, ": ");
        json_write(b, v, depth);
        text_buffer_puts(b, ", ");
    }
}

/* Result.info with this run in info.tinseq.run; everything else stays as it was written. */
char *run_json_info(const struct run *r) {
    struct json_document *d = NULL;
    struct text_buffer b = {0};
    struct err e;
    bool parsed = json_parse(&d, r->result->info, strlen(r->result->info), &e) == ERR_OK;
    const struct json_value *root = parsed ? json_root(d) : NULL, *own = json_get(root, "tinseq");
    cJSON *run = run_to_json(r);
    char *text = cJSON_PrintUnformatted(run);
    text_buffer_puts(&b, "{");
    write_members(&b, root, "tinseq", 1);
    text_buffer_puts(&b, "\"tinseq\": {");
    write_members(&b, own, "run", 2);
    text_buffer_format(&b, "\"run\": %s}}", text);
    cJSON_free(text);
    cJSON_Delete(run);
    json_free(d);
    return text_buffer_take(&b);
}

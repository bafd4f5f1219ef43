/*
 * Marian's YAML as a JSON object: the top mapping's scalars and sequences of scalars. Deeper
 * levels, anchors and aliases are passed over; the event interface of libyaml neither recurses nor
 * expands them.
 */
#include "backend/config/files.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MAX_EVENTS 100000

/* A plain scalar's type by YAML's core schema as far as Marian writes it; a quoted one is text. */
static cJSON *scalar(const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return cJSON_CreateString(text);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return cJSON_CreateBool(text[0] == 't');
    if (*text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
        return cJSON_CreateNull();
    char *end;
    double number = strtod(text, &end);
    if (*end == '\0' && strchr("+-.0123456789", text[0]))
        return cJSON_CreateNumber(number);
    return cJSON_CreateString(text);
}

struct yaml_state {
    cJSON *object, *sequence; /* the open value of a key, when it is a sequence at depth 2 */
    char *key;                /* owned; waiting for its value */
    int depth;
    bool top_is_mapping;
};

static void add_value(struct yaml_state *s, cJSON *value) {
    if (s->depth == 2 && s->sequence) {
        cJSON_AddItemToArray(s->sequence, value);
    } else if (s->depth == 1 && s->key) {
        cJSON_AddItemToObject(s->object, s->key, value);
        free(s->key);
        s->key = NULL;
    } else {
        cJSON_Delete(value);
    }
}

static void open_level(struct yaml_state *s, bool is_sequence) {
    if (s->depth == 0)
        s->top_is_mapping = !is_sequence;
    if (s->depth == 1 && s->key) {
        cJSON *value = is_sequence ? cJSON_CreateArray() : cJSON_CreateObject();
        add_value(s, value);
        s->sequence = is_sequence ? value : NULL;
    } else if (s->depth == 1) {
        s->key = strdup(""); /* a mapping as a key: its value has no name */
    }
    s->depth++;
}

static void handle(struct yaml_state *s, const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        if (s->depth == 1 && !s->key)
            s->key = strdup((const char *)event->data.scalar.value);
        else
            add_value(s, scalar(event));
        break;
    case YAML_ALIAS_EVENT:
        add_value(s, cJSON_CreateNull());
        break;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        open_level(s, event->type == YAML_SEQUENCE_START_EVENT);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        s->depth--;
        if (s->depth == 1)
            s->sequence = NULL;
        break;
    default:
        break;
    }
}

enum err_code yaml_parse_object(cJSON **out, const char *text, size_t n, const char *file,
                                struct err *e) {
    *out = NULL;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return err_set(e, ERR_NOMEM, "%s: no memory to read YAML", file);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    struct yaml_state s = {.object = cJSON_CreateObject()};
    enum err_code code = ERR_OK;
    bool done = false;
    for (int i = 0; !done; i++) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            code =
                err_set(e, ERR_FORMAT, "%s: no valid YAML (line %zu: %s)", file,
                        parser.problem_mark.line + 1, parser.problem ? parser.problem : "unknown");
            goto out;
        }
        const bool cut = event.type == YAML_SCALAR_EVENT &&
                         memchr(event.data.scalar.value, '\0', event.data.scalar.length);
        handle(&s, &event);
        done = event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_END_EVENT;
        yaml_event_delete(&event);
        if (cut) {
            code = err_set(e, ERR_FORMAT, "%s: a NUL character in a text (line %zu)", file,
                           parser.mark.line + 1);
            goto out;
        }
        if (i > MAX_EVENTS) {
            code = err_set(e, ERR_FORMAT, "%s: too many entries", file);
            goto out;
        }
    }
    if (!s.top_is_mapping)
        code = err_set(e, ERR_FORMAT, "%s: no YAML mapping", file);
out:
    yaml_parser_delete(&parser);
    free(s.key);
    if (code)
        cJSON_Delete(s.object);
    else
        *out = s.object;
    return code;
}

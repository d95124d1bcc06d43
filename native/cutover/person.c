#include "person.h"

#include <stdint.h>
#include <string.h>

#include "platform.h"

/* Without the blanks at its end. */
static void trim(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
}

/* As much of an in-string as its documented width, which is where it ends at the latest. */
static void take_argument(const struct cshis_where *where, const union cshis_word *passed, char *to,
                          size_t width)
{
    const char *from = where->argument >= 0 ? passed[where->argument].pointer : NULL;
    size_t readable = from != NULL ? cshis_readable(from, width) : 0;
    size_t i;

    for (i = 0; i < readable && from[i] != '\0'; i++)
        to[i] = from[i];
    to[i] = '\0';
    trim(to);
}

static size_t answered_bytes(const void *length)
{
    int16_t value = 0;

    if (length != NULL && cshis_readable(length, sizeof value) == sizeof value)
        memcpy(&value, length, sizeof value);
    return value > 0 ? (size_t)value : 0;
}

/* A field of the out-record, if the record is as long as its length variable says and can be read. */
static void take_field(const struct cshis_where *where, const union cshis_word *passed, char *to,
                       size_t width)
{
    const char *record = where->record >= 0 ? passed[where->record].pointer : NULL;
    size_t end = (size_t)where->at + width;

    to[0] = '\0';
    if (record == NULL || answered_bytes(passed[where->record + 1].pointer) < end ||
        cshis_readable(record, end) < end)
        return;
    memcpy(to, record + where->at, width);
    to[width] = '\0';
    trim(to);
}

bool cutover_is_known(const struct cutover_person *person)
{
    return person->card_no[0] != '\0' || (person->id[0] != '\0' && person->birthday[0] != '\0');
}

static bool has_id(const struct cutover_person *person)
{
    return person->id[0] != '\0' && person->birthday[0] != '\0';
}

bool cutover_is_same(const struct cutover_person *one, const struct cutover_person *other)
{
    if (has_id(one) && has_id(other))
        return strcmp(one->id, other->id) == 0 && strcmp(one->birthday, other->birthday) == 0;
    return one->card_no[0] != '\0' && strcmp(one->card_no, other->card_no) == 0;
}

struct cutover_person cutover_claimed(const struct cshis_row *row, const union cshis_word *passed)
{
    struct cutover_person person = {0};

    take_argument(&row->card_no, passed, person.card_no, CUTOVER_CARD_NO);
    take_argument(&row->id, passed, person.id, CUTOVER_ID);
    take_argument(&row->birthday, passed, person.birthday, CUTOVER_BIRTHDAY);
    return person;
}

bool cutover_answered(const struct cshis_row *row, const union cshis_word *passed,
                      struct cutover_person *person)
{
    take_field(&row->card_no, passed, person->card_no, CUTOVER_CARD_NO);
    take_field(&row->id, passed, person->id, CUTOVER_ID);
    take_field(&row->birthday, passed, person->birthday, CUTOVER_BIRTHDAY);
    return cutover_is_known(person);
}

static bool is_time(const char *text)
{
    return strlen(text) == CUTOVER_VISIT_TIME && strspn(text, "0123456789") == CUTOVER_VISIT_TIME;
}

bool cutover_claimed_visit(const struct cshis_row *row, const union cshis_word *passed,
                           char time[CUTOVER_VISIT_TIME + 1])
{
    take_argument(&row->visit_time, passed, time, CUTOVER_VISIT_TIME);
    return is_time(time);
}

bool cutover_answered_visit(const struct cshis_row *row, const union cshis_word *passed,
                            char time[CUTOVER_VISIT_TIME + 1])
{
    take_field(&row->visit_time, passed, time, CUTOVER_VISIT_TIME);
    return is_time(time);
}

void cutover_blank(const struct cshis_row *row, const union cshis_word *passed)
{
    int record = row->id.record;
    size_t length = record >= 0 ? answered_bytes(passed[record + 1].pointer) : 0;

    if (length > 0 && cshis_writable(passed[record].pointer, length))
        memset(passed[record].pointer, ' ', length);
}

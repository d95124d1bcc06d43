#include "wire.h"

bool cshis_receive_frame(cshis_socket socket, struct cshis_bytes *frame, struct cshis_header *header,
                         int64_t deadline)
{
    uint8_t *place = cshis_extend(frame, CSHIS_HEADER);
    struct cshis_cursor cursor = {place, CSHIS_HEADER, false};

    if (place == NULL || !cshis_receive_all(socket, place, CSHIS_HEADER, deadline) ||
        !cshis_take_header(&cursor, header))
        return false;
    place = cshis_extend(frame, header->length);
    return place != NULL && cshis_receive_all(socket, place, header->length, deadline);
}

/* Which side an upload belongs to: that which gave the numbers of the visits in the file. */
#ifndef CUTOVER_UPLOAD_H
#define CUTOVER_UPLOAD_H

#include "sides.h"

/* otherwise: where the routes send it, for a call without a file and for visits that nobody knows. Out: the
 * side; CUTOVER_NO_SIDE where the file holds visits of both, so that neither may have it. */
enum cutover_side cutover_side_of_upload(const struct cutover_call *call, enum cutover_side otherwise);

#endif

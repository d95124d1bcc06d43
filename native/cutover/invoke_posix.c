#include "invoke.h"

#include "words.h"

struct cutover_outcome cutover_invoke(cutover_address function, const union cshis_word *words, unsigned count)
{
    return (struct cutover_outcome){.code = cutover_call_words(function, words, count)};
}

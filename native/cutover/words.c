#include "words.h"

#include <stdint.h>

#if defined(_WIN32) && !defined(_WIN64)
#define CALL __stdcall
#else
#define CALL
#endif

_Static_assert(CSHIS_MOST_ARGUMENTS == 32, "as many cases as a row may have arguments");

/* Whether a word is a pointer or a number makes no difference to how it is passed. */
typedef uintptr_t W;

#define AT(i) words[i].whole

#define A1 AT(0)
#define A2 A1, AT(1)
#define A3 A2, AT(2)
#define A4 A3, AT(3)
#define A5 A4, AT(4)
#define A6 A5, AT(5)
#define A7 A6, AT(6)
#define A8 A7, AT(7)
#define A9 A8, AT(8)
#define A10 A9, AT(9)
#define A11 A10, AT(10)
#define A12 A11, AT(11)
#define A13 A12, AT(12)
#define A14 A13, AT(13)
#define A15 A14, AT(14)
#define A16 A15, AT(15)
#define A17 A16, AT(16)
#define A18 A17, AT(17)
#define A19 A18, AT(18)
#define A20 A19, AT(19)
#define A21 A20, AT(20)
#define A22 A21, AT(21)
#define A23 A22, AT(22)
#define A24 A23, AT(23)
#define A25 A24, AT(24)
#define A26 A25, AT(25)
#define A27 A26, AT(26)
#define A28 A27, AT(27)
#define A29 A28, AT(28)
#define A30 A29, AT(29)
#define A31 A30, AT(30)
#define A32 A31, AT(31)
#define T1 W
#define T2 T1, W
#define T3 T2, W
#define T4 T3, W
#define T5 T4, W
#define T6 T5, W
#define T7 T6, W
#define T8 T7, W
#define T9 T8, W
#define T10 T9, W
#define T11 T10, W
#define T12 T11, W
#define T13 T12, W
#define T14 T13, W
#define T15 T14, W
#define T16 T15, W
#define T17 T16, W
#define T18 T17, W
#define T19 T18, W
#define T20 T19, W
#define T21 T20, W
#define T22 T21, W
#define T23 T22, W
#define T24 T23, W
#define T25 T24, W
#define T26 T25, W
#define T27 T26, W
#define T28 T27, W
#define T29 T28, W
#define T30 T29, W
#define T31 T30, W
#define T32 T31, W
#define CASE(n)                                                                                              \
    case n:                                                                                                  \
        return ((int(CALL *)(T##n))function)(A##n)

int cutover_call_words(cutover_address function, const union cshis_word *words, unsigned count)
{
    switch (count) {
        CASE(1);
        CASE(2);
        CASE(3);
        CASE(4);
        CASE(5);
        CASE(6);
        CASE(7);
        CASE(8);
        CASE(9);
        CASE(10);
        CASE(11);
        CASE(12);
        CASE(13);
        CASE(14);
        CASE(15);
        CASE(16);
        CASE(17);
        CASE(18);
        CASE(19);
        CASE(20);
        CASE(21);
        CASE(22);
        CASE(23);
        CASE(24);
        CASE(25);
        CASE(26);
        CASE(27);
        CASE(28);
        CASE(29);
        CASE(30);
        CASE(31);
        CASE(32);
    default:
        return ((int(CALL *)(void))function)();
    }
}

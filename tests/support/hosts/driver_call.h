/*
 * driver_call.h - calls a function with any number of machine words, by the system's calling convention,
 * and tells whether the stack pointer came back. Included by driver_system.h and windows/hosts/vb6.c.
 */
#ifndef DRIVER_CALL_H
#define DRIVER_CALL_H

#include <stdint.h>

struct outcome {
    int code;
    int stack;                       /* bytes left on the stack; 0 is right */
};

#if defined(_WIN32) && defined(__i386__)
/* stdcall: push from right to left, the callee removes the arguments. The stack pointer is kept in a
   register that the callee preserves, so that a function which removes too little or too much is
   reported instead of crashing the driver. */
static struct outcome call_function(void *function, const uintptr_t *words, int count)
{
    struct outcome outcome;

    __asm__ volatile("movl %%esp, %%edi\n\t"
                     "1: testl %%ecx, %%ecx\n\t"
                     "jz 2f\n\t"
                     "decl %%ecx\n\t"
                     "pushl (%%edx,%%ecx,4)\n\t"
                     "jmp 1b\n\t"
                     "2: call *%%eax\n\t"
                     "movl %%edi, %%edx\n\t"
                     "subl %%esp, %%edx\n\t"
                     "movl %%edi, %%esp\n\t"
                     : "=a"(outcome.code), "=d"(outcome.stack), "+c"(count)
                     : "0"(function), "1"(words)
                     : "edi", "memory", "cc");
    return outcome;
}
#else
/* Where the caller removes the arguments, only their number matters to the compiler. */
typedef uintptr_t W;
typedef int (*CALL0)(void);
typedef int (*CALL1)(W);
typedef int (*CALL2)(W, W);
typedef int (*CALL3)(W, W, W);
typedef int (*CALL4)(W, W, W, W);
typedef int (*CALL5)(W, W, W, W, W);
typedef int (*CALL6)(W, W, W, W, W, W);
typedef int (*CALL7)(W, W, W, W, W, W, W);
typedef int (*CALL8)(W, W, W, W, W, W, W, W);
typedef int (*CALL20)(W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W);

static int call_with(void *f, const W *w, int count)
{
    switch (count) {
    case 0: return ((CALL0)f)();
    case 1: return ((CALL1)f)(w[0]);
    case 2: return ((CALL2)f)(w[0], w[1]);
    case 3: return ((CALL3)f)(w[0], w[1], w[2]);
    case 4: return ((CALL4)f)(w[0], w[1], w[2], w[3]);
    case 5: return ((CALL5)f)(w[0], w[1], w[2], w[3], w[4]);
    case 6: return ((CALL6)f)(w[0], w[1], w[2], w[3], w[4], w[5]);
    case 7: return ((CALL7)f)(w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
    case 8: return ((CALL8)f)(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
    default:                         /* csHisAPI has nineteen; the rest of w is zeros */
        return ((CALL20)f)(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11],
                           w[12], w[13], w[14], w[15], w[16], w[17], w[18], w[19]);
    }
}

static struct outcome call_function(void *function, const uintptr_t *words, int count)
{
    struct outcome outcome = {call_with(function, words, count), 0};

    return outcome;
}
#endif

#endif

#define WIN32_LEAN_AND_MEAN
#include "invoke.h"

#include <windows.h>

#include "words.h"

#define UNWINDING 0x66u /* EXCEPTION_UNWIND: the handlers of inner frames are being told that they go */
#define NO_WAY_BACK EXCEPTION_STACK_OVERFLOW

/* A call on its way, and what an exception that nobody inside handled leaves of it. */
struct attempt {
    cutover_address function;
    const union cshis_word *words;
    unsigned count;
    struct cutover_outcome outcome;
};

static int make_call(void *attempt)
{
    const struct attempt *made = attempt;

    return cutover_call_words(made->function, made->words, made->count);
}

/* What a debugger waits for is its own; after a stack overflow there is no room to go on. */
static bool is_ours(const EXCEPTION_RECORD *record)
{
    return (record->ExceptionFlags & UNWINDING) == 0 && record->ExceptionCode != EXCEPTION_BREAKPOINT &&
           record->ExceptionCode != EXCEPTION_SINGLE_STEP && record->ExceptionCode != NO_WAY_BACK;
}

static void note(struct attempt *attempt, const EXCEPTION_RECORD *record)
{
    attempt->outcome.crashed = true;
    attempt->outcome.exception = record->ExceptionCode;
    attempt->outcome.at = record->ExceptionAddress;
}

#ifdef _MSC_VER

static int filter(struct attempt *attempt, const EXCEPTION_POINTERS *facts)
{
    if (!is_ours(facts->ExceptionRecord))
        return EXCEPTION_CONTINUE_SEARCH;
    note(attempt, facts->ExceptionRecord);
    return EXCEPTION_EXECUTE_HANDLER;
}

static int guarded(int (*call)(void *), struct attempt *attempt)
{
    __try {
        return call(attempt);
    } __except (filter(attempt, GetExceptionInformation())) {
        return 0;
    }
}

#else

/* What __try and __except do, for compilers without them: a frame with a handler that is the last to be
 * asked. In: what to call, and its argument. Out: what it answers, or 0 after an exception that was ours. */
int cutover_guarded(int (*call)(void *), struct attempt *attempt) __asm__("cutover_guarded");

#ifdef _WIN64

/* The attempt lies in the frame, 40 bytes above the stack pointer that the frame has. */
__asm__(".text\n"
        ".globl cutover_guarded\n"
        ".def cutover_guarded; .scl 2; .type 32; .endef\n"
        ".seh_proc cutover_guarded\n"
        "cutover_guarded:\n"
        "    pushq %rbp\n"
        "    .seh_pushreg %rbp\n"
        "    subq $48, %rsp\n"
        "    .seh_stackalloc 48\n"
        "    leaq 48(%rsp), %rbp\n"
        "    .seh_setframe %rbp, 48\n"
        "    .seh_endprologue\n"
        "    .seh_handler cutover_handle, @except\n"
        "    movq %rdx, -8(%rbp)\n"
        "    movq %rcx, %rax\n"
        "    movq %rdx, %rcx\n"
        "    call *%rax\n"
        "cutover_guarded_end:\n"
        "    nop\n"
        "    leaq (%rbp), %rsp\n"
        "    popq %rbp\n"
        "    ret\n"
        ".seh_endproc\n");

extern const char cutover_guarded_end[] __asm__("cutover_guarded_end");

/* frame: the stack pointer that the guarded frame had when its prologue was over. */
EXCEPTION_DISPOSITION cutover_handle(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                     DISPATCHER_CONTEXT *dispatcher) __asm__("cutover_handle");

EXCEPTION_DISPOSITION cutover_handle(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                     DISPATCHER_CONTEXT *dispatcher)
{
    (void)context;
    if (!is_ours(record))
        return ExceptionContinueSearch;
    note(*(struct attempt **)((char *)frame + 40), record);
    RtlUnwindEx(frame, (void *)(uintptr_t)cutover_guarded_end, record, NULL, dispatcher->ContextRecord,
                dispatcher->HistoryTable);
    return ExceptionContinueSearch; /* it does not come back */
}

#else

/* A frame's record of its handler, as the system looks for it; the attempt lies above it. */
__asm__(".text\n"
        ".globl cutover_guarded\n"
        "cutover_guarded:\n"
        "    pushl %ebp\n"
        "    movl %esp, %ebp\n"
        "    pushl %ebx\n"
        "    pushl %esi\n"
        "    pushl %edi\n"
        "    pushl 12(%ebp)\n"
        "    pushl $cutover_handle\n"
        "    pushl %fs:0\n"
        "    movl %esp, %fs:0\n"
        "    pushl 12(%ebp)\n"
        "    call *8(%ebp)\n"
        "cutover_guarded_end:\n"
        "    movl -24(%ebp), %ecx\n"
        "    movl %ecx, %fs:0\n"
        "    leal -12(%ebp), %esp\n"
        "    popl %edi\n"
        "    popl %esi\n"
        "    popl %ebx\n"
        "    popl %ebp\n"
        "    ret\n"
        "cutover_land:\n" /* in: the frame's record, the exception */
        "    pushl %ebp\n"
        "    movl %esp, %ebp\n"
        "    pushl $0\n"
        "    pushl 12(%ebp)\n"
        "    pushl $cutover_unwound\n"
        "    pushl 8(%ebp)\n"
        "    call _RtlUnwind@16\n" /* the inner frames put their own things in order; it keeps ebp alone */
        "cutover_unwound:\n"
        "    movl 8(%ebp), %eax\n"
        "    leal 24(%eax), %ebp\n"
        "    movl %eax, %esp\n"
        "    xorl %eax, %eax\n"
        "    jmp cutover_guarded_end\n");

struct frame_record {
    struct frame_record *before;
    void *handler;
    struct attempt *attempt;
};

void cutover_land(struct frame_record *frame, EXCEPTION_RECORD *record) __asm__("cutover_land");

EXCEPTION_DISPOSITION cutover_handle(EXCEPTION_RECORD *record, struct frame_record *frame, CONTEXT *context,
                                     void *dispatcher) __asm__("cutover_handle");

EXCEPTION_DISPOSITION cutover_handle(EXCEPTION_RECORD *record, struct frame_record *frame, CONTEXT *context,
                                     void *dispatcher)
{
    (void)context;
    (void)dispatcher;
    if (!is_ours(record))
        return ExceptionContinueSearch;
    note(frame->attempt, record);
    cutover_land(frame, record);
    return ExceptionContinueSearch; /* it does not come back */
}

#endif

static int guarded(int (*call)(void *), struct attempt *attempt)
{
    return cutover_guarded(call, attempt);
}

#endif

struct cutover_outcome cutover_invoke(cutover_address function, const union cshis_word *words, unsigned count)
{
    struct attempt attempt = {.function = function, .words = words, .count = count};

    attempt.outcome.code = guarded(make_call, &attempt);
    return attempt.outcome;
}

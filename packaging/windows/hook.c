/* The procedure of the mouse hook: stamps an event, appends it to a ring and returns, without the interpreter.
 *
 * Windows calls it on the listener's thread, and the whole desktop waits meanwhile. One thread writes (the listener's), one
 * reads. A full ring counts what it loses. Compiled by packaging/windows/rig/kernel.sh; loaded by
 * agent/host/windows/native_hook.py. */
#include <windows.h>

#define SIZE 65536

typedef struct {
    LONGLONG counter; /* QueryPerformanceCounter */
    DWORD time;       /* MSLLHOOKSTRUCT.time */
    DWORD message;
    LONG x, y;
    DWORD data, flags;
} Entry;

static Entry ring[SIZE];
static volatile LONG head, tail;
static volatile LONG lost;
static HANDLE news;

__declspec(dllexport) LRESULT CALLBACK steadyhand_hook(int code, WPARAM message, LPARAM parameter) {
    if (code == HC_ACTION) {
        const MSLLHOOKSTRUCT *event = (const MSLLHOOKSTRUCT *)parameter;
        LONG at = head, next = (at + 1) & (SIZE - 1);
        if (next == tail) {
            lost++;
        } else {
            LARGE_INTEGER counter;
            QueryPerformanceCounter(&counter);
            ring[at] = (Entry){counter.QuadPart, event->time, (DWORD)message, event->pt.x, event->pt.y, event->mouseData, event->flags};
            MemoryBarrier();
            head = next;
            if (at == tail) SetEvent(news);
        }
    }
    return CallNextHookEx(NULL, code, message, parameter);
}

/* Empties the ring and makes what readers wait for; 0 where Windows refuses. */
__declspec(dllexport) int steadyhand_begin(void) {
    tail = head;
    lost = 0;
    if (!news) news = CreateEventW(NULL, FALSE, FALSE, NULL);
    return news != NULL;
}

/* Waits until there is something, at most so many milliseconds. */
__declspec(dllexport) int steadyhand_wait(DWORD milliseconds) {
    return head != tail || WaitForSingleObject(news, milliseconds) == WAIT_OBJECT_0;
}

/* Takes at most `most` entries out; returns how many. */
__declspec(dllexport) int steadyhand_drain(Entry *out, int most) {
    int count = 0;
    while (count < most && tail != head) {
        out[count++] = ring[tail];
        MemoryBarrier();
        tail = (tail + 1) & (SIZE - 1);
    }
    return count;
}

/* How many events a full ring has lost since the beginning. */
__declspec(dllexport) int steadyhand_lost(void) { return (int)lost; }

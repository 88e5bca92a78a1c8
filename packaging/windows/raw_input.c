/* Raw input: which device moved, on a thread and a message window of its own, without the interpreter.
 *
 * Each WM_INPUT is stamped and appended to a ring, so is each WM_INPUT_DEVICE_CHANGE. Of a touchpad's, pen's or touch
 * screen's report the header alone is kept: that it moved, and not where the fingers are. One thread writes, one reads. A
 * full ring counts what it loses. Part of steadyhand_hook.dll; decoded by agent/host/windows/raw_input.py.
 *
 * References (learn.microsoft.com/windows/win32): "RegisterRawInputDevices function" and "RAWINPUTDEVICE structure"
 * (api/winuser), "GetRawInputData function" (api/winuser), "WM_INPUT message" and "WM_INPUT_DEVICE_CHANGE message"
 * (inputdev). */
#include <string.h>
#include <windows.h>

#define SIZE 8192
#define KEPT 48 /* RAWINPUTHEADER and RAWMOUSE of a 64-bit system */
#define MOUSE 1
#define DIGITIZER 2
#define CLASS L"SteadyhandRawInput"

typedef struct {
    LONGLONG counter; /* QueryPerformanceCounter */
    DWORD message;    /* WM_INPUT or WM_INPUT_DEVICE_CHANGE */
    DWORD size;       /* of what is kept */
    BYTE kept[KEPT];  /* RAWINPUT's beginning; of a change GIDC_* and the handle, 8 bytes each */
} RawEntry;

static RawEntry ring[SIZE];
static volatile LONG head, tail;
static volatile LONG lost;
static volatile LONG registered;
static HANDLE thread, ready;
static HWND window;

static DWORD keep_input(HRAWINPUT input, BYTE *kept) {
    UINT size = KEPT;
    RAWINPUTHEADER *header = (RAWINPUTHEADER *)kept;
    if (GetRawInputData(input, RID_INPUT, kept, &size, sizeof *header) != (UINT)-1 && header->dwType == RIM_TYPEMOUSE) return KEPT;
    size = sizeof *header;
    return GetRawInputData(input, RID_HEADER, kept, &size, sizeof *header) == (UINT)-1 ? 0 : sizeof *header;
}

static void keep(UINT message, WPARAM wparam, LPARAM lparam) {
    LONG at = head, next = (at + 1) & (SIZE - 1);
    LARGE_INTEGER counter;
    RawEntry *entry = &ring[at];
    if (next == tail) {
        lost++;
        return;
    }
    QueryPerformanceCounter(&counter);
    entry->counter = counter.QuadPart;
    entry->message = message;
    if (message == WM_INPUT) {
        entry->size = keep_input((HRAWINPUT)lparam, entry->kept);
    } else {
        ULONGLONG change[2] = {wparam, (ULONGLONG)lparam};
        memcpy(entry->kept, change, entry->size = sizeof change);
    }
    MemoryBarrier();
    head = next;
}

static LRESULT CALLBACK procedure(HWND receiver, UINT message, WPARAM wparam, LPARAM lparam) {
    if (message == WM_INPUT || message == WM_INPUT_DEVICE_CHANGE) keep(message, wparam, lparam);
    if (message == WM_CLOSE) {
        PostQuitMessage(0);
        return 0;
    }
    /* Windows frees what WM_INPUT points to there. */
    return DefWindowProcW(receiver, message, wparam, lparam);
}

/* Mice, and every device of the HID page of digitizers (0x0D): touchpads, pens, touch screens. */
static void set_registered(DWORD flags, HWND target) {
    RAWINPUTDEVICE mouse = {0x01, 0x02, flags, target};
    RAWINPUTDEVICE digitizer = {0x0D, 0, flags | RIDEV_PAGEONLY, target};
    LONG heard = RegisterRawInputDevices(&mouse, 1, sizeof mouse) ? MOUSE : 0;
    registered = heard | (RegisterRawInputDevices(&digitizer, 1, sizeof digitizer) ? DIGITIZER : 0);
}

static DWORD WINAPI hear(void *unused) {
    MSG message;
    HINSTANCE instance = GetModuleHandleW(NULL);
    WNDCLASSEXW kind = {.cbSize = sizeof kind, .lpfnWndProc = procedure, .hInstance = instance, .lpszClassName = CLASS};
    (void)unused;
    RegisterClassExW(&kind);
    window = CreateWindowExW(0, CLASS, CLASS, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, instance, NULL);
    registered = 0;
    if (window) set_registered(RIDEV_INPUTSINK | RIDEV_DEVNOTIFY, window);
    SetEvent(ready);
    while (window && GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
    if (window) {
        set_registered(RIDEV_REMOVE, NULL);
        DestroyWindow(window);
    }
    window = NULL;
    registered = 0;
    UnregisterClassW(CLASS, instance);
    return 0;
}

/* Begins to listen; what is in the ring goes. Returns what is heard: 1 mice, 2 digitizers; 0 where Windows refuses. */
__declspec(dllexport) int steadyhand_raw_begin(void) {
    tail = head;
    lost = 0;
    if (thread) return (int)registered;
    if (!ready) ready = CreateEventW(NULL, FALSE, FALSE, NULL);
    thread = ready ? CreateThread(NULL, 0, hear, NULL, 0, NULL) : NULL;
    if (thread) WaitForSingleObject(ready, 2000);
    return (int)registered;
}

/* Ends the thread; 0 where it does not end in time. */
__declspec(dllexport) int steadyhand_raw_end(DWORD milliseconds) {
    if (!thread) return 1;
    PostMessageW(window, WM_CLOSE, 0, 0);
    if (WaitForSingleObject(thread, milliseconds) != WAIT_OBJECT_0) return 0;
    CloseHandle(thread);
    thread = NULL;
    return 1;
}

/* Takes at most `most` entries out; returns how many. */
__declspec(dllexport) int steadyhand_raw_drain(RawEntry *out, int most) {
    int count = 0;
    while (count < most && tail != head) {
        out[count++] = ring[tail];
        MemoryBarrier();
        tail = (tail + 1) & (SIZE - 1);
    }
    return count;
}

/* How many entries a full ring has lost since the beginning. */
__declspec(dllexport) int steadyhand_raw_lost(void) { return (int)lost; }

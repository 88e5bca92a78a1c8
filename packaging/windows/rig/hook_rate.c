/* Moves the mouse RATE times a second for SECONDS, each event with the counter's reading (QueryPerformanceCounter) as its
 * extra information: how late a hook hears it is then the difference. hook_rate.exe RATE SECONDS
 * Prints how many were sent, and the longest time that one of them took to be sent; with a third word, each reading. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

int main(int count, char **words) {
    LARGE_INTEGER frequency, now, sent;
    int rate = count > 1 ? atoi(words[1]) : 1000, seconds = count > 2 ? atoi(words[2]) : 5;
    LONGLONG longest = 0, *readings = malloc(sizeof *readings * rate * seconds);
    timeBeginPeriod(1);
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    LONGLONG began = now.QuadPart;
    for (int n = 0; n < rate * seconds; n++) {
        LONGLONG due = began + n * frequency.QuadPart / rate;
        for (QueryPerformanceCounter(&now); now.QuadPart < due; QueryPerformanceCounter(&now))
            if (due - now.QuadPart > frequency.QuadPart / 500) Sleep(1);
        INPUT input = {.type = INPUT_MOUSE};
        input.mi.dx = n % 20 < 10 ? 1 : -1;
        input.mi.dwFlags = MOUSEEVENTF_MOVE;
        input.mi.dwExtraInfo = (ULONG_PTR)now.QuadPart;
        readings[n] = now.QuadPart;
        SendInput(1, &input, sizeof input);
        QueryPerformanceCounter(&sent);
        if (sent.QuadPart - now.QuadPart > longest) longest = sent.QuadPart - now.QuadPart;
    }
    printf("sent %d in %.2f s, longest %.1f us\n", rate * seconds, (double)(now.QuadPart - began) / frequency.QuadPart,
           longest * 1e6 / frequency.QuadPart);
    for (int n = 0; count > 3 && n < rate * seconds; n++) printf("%lld\n", (long long)readings[n]);
    return 0;
}

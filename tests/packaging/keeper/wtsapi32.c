/* Sessions as C:\keeper\session.txt says ("USER SHOWN LOCKED", 0 or 1 each), in place of Windows' own library: Wine's has
 * none. A session that is disconnected is noted in C:\keeper\disconnected.txt. */
#include <windows.h>
#include <stdio.h>
#include <wtsapi32.h>

static void read_session(int *user, int *shown, int *locked) {
    FILE *file = fopen("C:\\keeper\\session.txt", "r");
    *user = *shown = *locked = 0;
    if (!file) return;
    if (fscanf(file, "%d %d %d", user, shown, locked) != 3) *user = 0;
    fclose(file);
}

static DWORD own(void) {
    DWORD session = 0;
    ProcessIdToSessionId(GetCurrentProcessId(), &session);
    return session;
}

__declspec(dllexport) BOOL WINAPI WTSEnumerateSessionsW(HANDLE server, DWORD reserved, DWORD version, PWTS_SESSION_INFOW *listed, DWORD *count) {
    int user, shown, locked;
    (void)server, (void)reserved, (void)version;
    read_session(&user, &shown, &locked);
    *listed = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof **listed);
    (*listed)->SessionId = own();
    (*listed)->State = shown ? WTSActive : WTSDisconnected;
    *count = 1;
    return TRUE;
}

__declspec(dllexport) BOOL WINAPI WTSQueryUserToken(ULONG session, HANDLE *token) {
    int user, shown, locked;
    read_session(&user, &shown, &locked);
    if (!user || session != own()) {
        SetLastError(ERROR_NO_TOKEN);
        return FALSE;
    }
    return OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, token);
}

__declspec(dllexport) BOOL WINAPI WTSQuerySessionInformationW(HANDLE server, DWORD session, WTS_INFO_CLASS kind, LPWSTR *told, DWORD *size) {
    int user, shown, locked;
    (void)server;
    if ((int)kind != 25) return FALSE;
    read_session(&user, &shown, &locked);
    DWORD *words = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, *size = 256);
    words[0] = 1;
    words[2] = session;
    words[4] = locked ? 0 : 1;
    *told = (LPWSTR)words;
    return TRUE;
}

__declspec(dllexport) BOOL WINAPI WTSDisconnectSession(HANDLE server, DWORD session, BOOL wait) {
    FILE *file = fopen("C:\\keeper\\disconnected.txt", "a");
    (void)server, (void)wait;
    if (!file) return FALSE;
    fprintf(file, "%lu\n", session);
    fclose(file);
    return TRUE;
}

__declspec(dllexport) void WINAPI WTSFreeMemory(void *memory) { HeapFree(GetProcessHeap(), 0, memory); }

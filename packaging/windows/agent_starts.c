#include "agent_starts.h"
#include <stdio.h>
#include <userenv.h>
#include <wchar.h>
#include <wtsapi32.h>

BOOL runs_from(DWORD pid, const wchar_t *program) {
    wchar_t path[MAX_PATH * 2];
    DWORD length = MAX_PATH * 2;
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    if (!process) return FALSE;
    BOOL told = QueryFullProcessImageNameW(process, 0, path, &length);
    CloseHandle(process);
    return told && !_wcsicmp(path, program);
}

/* With the user's own environment: the system's would lead to the system's folders. */
static BOOL start_as(HANDLE token, wchar_t *command, const wchar_t *folder, PROCESS_INFORMATION *started) {
    STARTUPINFOW startup = {.cb = sizeof startup, .lpDesktop = L"winsta0\\default"};
    void *environment = NULL;
    if (!CreateEnvironmentBlock(&environment, token, FALSE)) return FALSE;
    BOOL done = CreateProcessAsUserW(token, NULL, command, NULL, NULL, FALSE, DETACHED_PROCESS | CREATE_UNICODE_ENVIRONMENT,
                                     environment, folder, &startup, started);
    DWORD error = GetLastError();
    DestroyEnvironmentBlock(environment);
    SetLastError(error);
    return done;
}

HANDLE start_in(DWORD session, const wchar_t *program, const wchar_t *folder) {
    wchar_t command[MAX_PATH * 2];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION started;
    HANDLE token = NULL;
    DWORD own = 0;
    BOOL done = FALSE;
    /* Where one runs already, as the session's autostart may have begun one, it ends without a word. */
    swprintf(command, MAX_PATH * 2, L"\"%ls\" run --autostart", program);
    if (WTSQueryUserToken(session, &token)) {
        done = start_as(token, command, folder, &started);
        CloseHandle(token);
    } else if (ProcessIdToSessionId(GetCurrentProcessId(), &own) && own == session) {
        /* An installer that runs as a user, in that user's own session. */
        done = CreateProcessW(NULL, command, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, folder, &startup, &started);
    }
    if (!done) return NULL;
    CloseHandle(started.hThread);
    return started.hProcess;
}

/* The service SteadyhandKeeper, under LocalSystem: starts the agent in every user's session and again where it ends by
 * itself, and where policy says so disconnects a session whose agent cannot be kept running. It reads no input and takes
 * no words from anybody; what it decides is in keeper_rules.c.
 *
 * References (learn.microsoft.com): WTSQueryUserToken (needs SE_TCB_NAME, which LocalSystem has), CreateProcessAsUserW,
 * SERVICE_CONTROL_SESSIONCHANGE in "HandlerEx", WTSDisconnectSession, "WTSINFOEX_LEVEL1_W". Never run on Windows. */
#include "agent_starts.h"
#include "keeper_rules.h"
#include <sddl.h>
#include <stdio.h>
#include <tlhelp32.h>
#include <wchar.h>
#include <wtsapi32.h>

#define SERVICE L"SteadyhandKeeper"
#define KEPT L"Global\\SteadyhandKeeper"
#define POLICY L"Software\\Policies\\Steadyhand\\absence"
#define MOST_SESSIONS 512
#define QUIT_BY_OWNER 3
#define LOOK_MS 5000
#define LOOK_SOON_MS 1000
#define SAME_FAILURE_MS 600000
#define WARNING 0x80000002 /* events.mc */
#define ERROR_ENTRY 0xC0000003

/* The beginning of WTSINFOEXW, which MinGW's headers lack. */
#define SESSION_INFO_EX ((WTS_INFO_CLASS)25)
#define SESSION_IS_LOCKED 0
typedef struct {
    DWORD level, unused, session, state;
    LONG flags;
} SessionInfo;

typedef struct {
    DWORD id;
    HANDLE agent;
    SessionState state;
    int64_t failure_ms;
    BOOL is_there;
} Session;

static Session sessions[MOST_SESSIONS];
static int count;
static SERVICE_STATUS_HANDLE status;
static HANDLE stop, changed;
static wchar_t program[MAX_PATH * 2], folder[MAX_PATH * 2];

static void say(WORD type, DWORD id, const wchar_t *format, DWORD session, DWORD error) {
    wchar_t text[256];
    const wchar_t *line = text;
    HANDLE log = RegisterEventSourceW(NULL, L"Steadyhand");
    swprintf(text, 256, format, session, error);
    if (!log) return;
    ReportEventW(log, type, 0, id, NULL, 1, 0, &line, NULL);
    DeregisterEventSource(log);
}

static void text_of(HKEY key, const wchar_t *name, wchar_t *text, DWORD characters) {
    DWORD size = characters * sizeof *text;
    if (RegGetValueW(key, NULL, name, RRF_RT_REG_SZ, NULL, text, &size)) text[0] = 0;
}

/* Group Policy writes fractions as text and numbers as DWORDs. */
static double number_of(HKEY key, const wchar_t *name) {
    wchar_t text[64];
    DWORD number, size = sizeof number;
    if (!RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, NULL, &number, &size)) return number;
    text_of(key, name, text, 64);
    return wcstod(text, NULL);
}

/* What the relay reads on Linux, of the branch that Group Policy alone writes; what is not set has its default. */
static KeeperPolicy read_policy(void) {
    KeeperPolicy policy = {0, 0, 150000};
    wchar_t text[64];
    HKEY key;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, POLICY, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key)) return policy;
    text_of(key, L"answer", text, 64);
    policy.locks = !wcscmp(text, L"lock") || !wcscmp(text, L"greeter");
    text_of(key, L"expected_of", text, 64);
    policy.expects_everybody = !wcscmp(text, L"everybody");
    double after_s = number_of(key, L"after_s");
    if (after_s >= 15.0 && after_s <= 3600.0) policy.after_ms = (int64_t)(after_s * 1000.0);
    RegCloseKey(key);
    return policy;
}

static Session *session_of(DWORD id) {
    for (int i = 0; i < count; i++)
        if (sessions[i].id == id) return &sessions[i];
    if (count == MOST_SESSIONS) return NULL;
    memset(&sessions[count], 0, sizeof *sessions);
    sessions[count].id = id;
    return &sessions[count++];
}

static void forget_ended(void) {
    for (int i = 0; i < count; i++) {
        if (sessions[i].is_there) continue;
        if (sessions[i].agent) CloseHandle(sessions[i].agent);
        sessions[i--] = sessions[--count];
    }
}

/* Agents that the session's autostart or a person has started. */
static void find_agents(void) {
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (all == INVALID_HANDLE_VALUE) return;
    for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
        DWORD id = 0;
        if (_wcsicmp(entry.szExeFile, AGENT) || !runs_from(entry.th32ProcessID, program)) continue;
        if (!ProcessIdToSessionId(entry.th32ProcessID, &id)) continue;
        for (int i = 0; i < count; i++)
            if (sessions[i].id == id && !sessions[i].agent)
                sessions[i].agent = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, entry.th32ProcessID);
    }
    CloseHandle(all);
}

/* Whether the session's agent has ended as its owner asked; its handle goes with it. */
static BOOL has_quit(Session *session) {
    DWORD code = 0;
    if (!session->agent || WaitForSingleObject(session->agent, 0) != WAIT_OBJECT_0) return FALSE;
    GetExitCodeProcess(session->agent, &code);
    CloseHandle(session->agent);
    session->agent = NULL;
    return code == QUIT_BY_OWNER;
}

static BOOL has_user(DWORD id) {
    HANDLE token = NULL;
    if (!WTSQueryUserToken(id, &token)) return FALSE;
    CloseHandle(token);
    return TRUE;
}

static BOOL is_locked(DWORD id) {
    SessionInfo *told = NULL;
    DWORD size = 0;
    BOOL locked = FALSE;
    if (!WTSQuerySessionInformationW(WTS_CURRENT_SERVER_HANDLE, id, SESSION_INFO_EX, (LPWSTR *)&told, &size) || !told) return FALSE;
    if (size >= sizeof *told && told->level == 1) locked = told->flags == SESSION_IS_LOCKED;
    WTSFreeMemory(told);
    return locked;
}

static void follow(Session *session, BOOL is_shown, BOOL quit, const KeeperPolicy *policy, int64_t now_ms) {
    SessionFacts facts = {has_user(session->id), is_shown, is_locked(session->id), session->agent != NULL, quit};
    int decision = keeper_decide(&session->state, &facts, policy, now_ms);
    if (decision & KEEPER_START) {
        session->agent = start_in(session->id, program, folder);
        if (session->agent) session->state.has_run = 1;
        if (!session->agent && (!session->failure_ms || now_ms - session->failure_ms > SAME_FAILURE_MS)) {
            session->failure_ms = now_ms;
            say(EVENTLOG_ERROR_TYPE, ERROR_ENTRY, L"the agent cannot be started in session %lu (error %lu)", session->id, GetLastError());
        }
    }
    if (decision & KEEPER_LOCK) {
        if (WTSDisconnectSession(WTS_CURRENT_SERVER_HANDLE, session->id, FALSE))
            say(EVENTLOG_WARNING_TYPE, WARNING, L"session %lu is locked: no agent runs in it", session->id, 0);
        else
            say(EVENTLOG_ERROR_TYPE, ERROR_ENTRY, L"session %lu has no agent and cannot be locked (error %lu)", session->id, GetLastError());
    }
}

/* Looks at every session; how long until the next look. */
static DWORD look(void) {
    WTS_SESSION_INFOW *listed = NULL;
    DWORD length = 0, wait = LOOK_MS;
    BOOL quit[MOST_SESSIONS] = {FALSE}, shown[MOST_SESSIONS] = {FALSE};
    KeeperPolicy policy = read_policy();
    int64_t now_ms = (int64_t)GetTickCount64();
    if (!WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &listed, &length)) return LOOK_MS;
    for (int i = 0; i < count; i++) sessions[i].is_there = FALSE;
    for (DWORD i = 0; i < length; i++) {
        Session *session = session_of(listed[i].SessionId);
        if (session) session->is_there = TRUE;
    }
    forget_ended();
    for (DWORD i = 0; i < length; i++)
        for (int k = 0; k < count; k++)
            if (sessions[k].id == listed[i].SessionId) shown[k] = listed[i].State == WTSActive;
    WTSFreeMemory(listed);
    for (int i = 0; i < count; i++) quit[i] = has_quit(&sessions[i]);
    find_agents();
    for (int i = 0; i < count; i++) {
        follow(&sessions[i], shown[i], quit[i], &policy, now_ms);
        if (!sessions[i].agent && sessions[i].state.failures) wait = LOOK_SOON_MS;
    }
    return wait;
}

static void report(DWORD state) {
    SERVICE_STATUS now = {SERVICE_WIN32_OWN_PROCESS, state, 0, NO_ERROR, 0, 0, 0};
    if (state == SERVICE_RUNNING) now.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_SESSIONCHANGE;
    SetServiceStatus(status, &now);
}

static DWORD WINAPI control(DWORD code, DWORD kind, void *event, void *context) {
    (void)kind, (void)event, (void)context;
    if (code == SERVICE_CONTROL_STOP || code == SERVICE_CONTROL_SHUTDOWN) {
        report(SERVICE_STOP_PENDING);
        SetEvent(stop);
    } else if (code == SERVICE_CONTROL_SESSIONCHANGE) {
        SetEvent(changed);
    } else if (code != SERVICE_CONTROL_INTERROGATE) {
        return ERROR_CALL_NOT_IMPLEMENTED;
    }
    return NO_ERROR;
}

/* Agents look whether it is there: then they may end for a restart. Everybody may wait for it, and no more. */
static HANDLE say_kept(void) {
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, FALSE};
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:(A;;0x100000;;;WD)(A;;GA;;;SY)", SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL))
        return NULL;
    HANDLE kept = CreateEventW(&security, TRUE, FALSE, KEPT);
    LocalFree(security.lpSecurityDescriptor);
    return kept;
}

static void WINAPI serve(DWORD words, wchar_t **word) {
    (void)words, (void)word;
    stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    changed = CreateEventW(NULL, FALSE, FALSE, NULL);
    status = RegisterServiceCtrlHandlerExW(SERVICE, control, NULL);
    HANDLE kept = say_kept();
    report(SERVICE_RUNNING);
    for (;;) {
        DWORD wait = look();
        HANDLE ends[MAXIMUM_WAIT_OBJECTS] = {stop, changed};
        DWORD waited_for = 2;
        /* Windows waits for no more at once: the end of others is seen at the next look. */
        for (int i = 0; i < count && waited_for < MAXIMUM_WAIT_OBJECTS; i++)
            if (sessions[i].agent) ends[waited_for++] = sessions[i].agent;
        DWORD ready = WaitForMultipleObjects(waited_for, ends, FALSE, wait);
        if (ready == WAIT_OBJECT_0) break;
        if (ready == WAIT_FAILED) Sleep(LOOK_MS);
    }
    if (kept) CloseHandle(kept);
    report(SERVICE_STOPPED);
}

int wmain(void) {
    SERVICE_TABLE_ENTRYW table[] = {{SERVICE, serve}, {NULL, NULL}};
    DWORD length = GetModuleFileNameW(NULL, folder, MAX_PATH * 2);
    wchar_t *end = length && length < MAX_PATH ? wcsrchr(folder, L'\\') : NULL;
    if (!end) return 2;
    *end = 0;
    swprintf(program, MAX_PATH * 2, L"%ls\\" AGENT, folder);
    if (StartServiceCtrlDispatcherW(table)) return 0;
    fwprintf(stderr, L"steadyhand-keeper: this is a Windows service: sc start SteadyhandKeeper\n");
    return 2;
}

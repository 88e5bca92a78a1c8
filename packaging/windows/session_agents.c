/* The installer's tool: ends the agents of all sessions before their files are removed, and starts them again after an upgrade;
 * looks whose the administrators' folder is, and empties the relay's.
 *
 * session-agents.exe close FOLDER [UPGRADE]   ask every FOLDER\steadyhand-agent.exe to end, and wait; with UPGRADE, note
 *                                             their sessions in HKLM\SOFTWARE\Steadyhand, value RestartIn
 * session-agents.exe start FOLDER             start FOLDER\steadyhand-agent.exe in the noted sessions
 * session-agents.exe own FOLDER               exit code 1 where FOLDER is there already, and is a link or was made by an
 *                                             ordinary account: its owner may do with it as it likes
 * session-agents.exe clear FOLDER             delete the files in FOLDER, which only the relay's service and administrators
 *                                             may write; folders and links stay
 *
 * The installer runs it as the system, in a session of its own: from there no window of a user can be sent a message.
 * So each agent waits for an event, Global\SteadyhandEnd-PID, which is open to administrators. Windows' Restart Manager
 * has usually ended the agents before, and starts them again itself: then nothing is left to do here. */
#include "agent_starts.h"
#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <tlhelp32.h>
#include <wchar.h>

#define NOTES L"SOFTWARE\\Steadyhand"
#define NOTE L"RestartIn"
#define MOST_SESSIONS 64
#define END_MS 15000
#define START_MS 10000

static void end(DWORD pid) {
    wchar_t name[64];
    swprintf(name, 64, L"Global\\SteadyhandEnd-%lu", pid);
    HANDLE process = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, pid);
    HANDLE event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
    /* One that is just starting has none yet. */
    for (int waited = 0; !event && process && waited < START_MS; waited += 200) {
        if (WaitForSingleObject(process, 200) == WAIT_OBJECT_0) break;
        event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
    }
    if (event) {
        SetEvent(event);
        CloseHandle(event);
    }
    if (!process) return;
    if (!event || WaitForSingleObject(process, END_MS) != WAIT_OBJECT_0) {
        TerminateProcess(process, 1);
        WaitForSingleObject(process, END_MS);
    }
    CloseHandle(process);
}

static int close_all(const wchar_t *program, BOOL upgrade) {
    DWORD sessions[MOST_SESSIONS], count = 0;
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (all == INVALID_HANDLE_VALUE) return 1;
    for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
        DWORD session = 0;
        if (_wcsicmp(entry.szExeFile, AGENT) || !runs_from(entry.th32ProcessID, program)) continue;
        ProcessIdToSessionId(entry.th32ProcessID, &session);
        if (count < MOST_SESSIONS) sessions[count++] = session;
        end(entry.th32ProcessID);
    }
    CloseHandle(all);
    if (upgrade && count) {
        HKEY key;
        if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, NOTES, 0, NULL, 0, KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, NULL)) return 1;
        RegSetValueExW(key, NOTE, 0, REG_BINARY, (const BYTE *)sessions, count * sizeof *sessions);
        RegCloseKey(key);
    }
    return 0;
}

static int start_all(const wchar_t *program, const wchar_t *folder) {
    DWORD sessions[MOST_SESSIONS], size = sizeof sessions;
    HKEY key;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, NOTES, 0, KEY_QUERY_VALUE | KEY_SET_VALUE | KEY_WOW64_64KEY, &key)) return 0;
    if (!RegQueryValueExW(key, NOTE, NULL, NULL, (BYTE *)sessions, &size)) {
        RegDeleteValueW(key, NOTE);
        for (DWORD i = 0; i < size / sizeof *sessions; i++) {
            HANDLE agent = start_in(sessions[i], program, folder);
            if (agent) CloseHandle(agent);
        }
    }
    RegCloseKey(key);
    RegDeleteKeyExW(HKEY_LOCAL_MACHINE, NOTES, KEY_WOW64_64KEY, 0);
    return 0;
}

static int own(const wchar_t *folder) {
    DWORD attributes = GetFileAttributesW(folder);
    PSID owner = NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    wchar_t *sid = NULL;
    int trusted = 0;
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return GetLastError() != ERROR_FILE_NOT_FOUND && GetLastError() != ERROR_PATH_NOT_FOUND;
    if (!(attributes & FILE_ATTRIBUTE_DIRECTORY) || attributes & FILE_ATTRIBUTE_REPARSE_POINT) return 1;
    /* Wine has no owners of its own: the mode on the computer below decides. */
    if (GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version")) return 0;
    if (GetNamedSecurityInfoW(folder, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &descriptor)) return 1;
    if (ConvertSidToStringSidW(owner, &sid)) {
        /* The system, the administrators, Windows' own installer. */
        trusted = !wcscmp(sid, L"S-1-5-18") || !wcscmp(sid, L"S-1-5-32-544") ||
                  !wcscmp(sid, L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464");
        LocalFree(sid);
    }
    LocalFree(descriptor);
    return !trusted;
}

static int clear(const wchar_t *folder) {
    wchar_t path[MAX_PATH * 2];
    WIN32_FIND_DATAW entry;
    swprintf(path, MAX_PATH * 2, L"%ls\\*", folder);
    HANDLE list = FindFirstFileW(path, &entry);
    if (list == INVALID_HANDLE_VALUE) return 0;
    do {
        if (entry.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) continue;
        swprintf(path, MAX_PATH * 2, L"%ls\\%ls", folder, entry.cFileName);
        DeleteFileW(path);
    } while (FindNextFileW(list, &entry));
    FindClose(list);
    return 0;
}

int wmain(int count, wchar_t **words) {
    wchar_t program[MAX_PATH * 2], folder[MAX_PATH];
    if (count < 3 || wcslen(words[2]) >= MAX_PATH) return 2;
    wcscpy(folder, words[2]);
    /* The installer hands over FOLDER\. so that its last backslash does not quote the quote. */
    for (size_t n = wcslen(folder); n && (folder[n - 1] == L'.' || folder[n - 1] == L'\\'); n--) folder[n - 1] = 0;
    if (!wcscmp(words[1], L"own")) return own(folder);
    if (!wcscmp(words[1], L"clear")) return clear(folder);
    swprintf(program, MAX_PATH * 2, L"%ls\\" AGENT, folder);
    return wcscmp(words[1], L"start") ? close_all(program, count > 3 && words[3][0]) : start_all(program, folder);
}

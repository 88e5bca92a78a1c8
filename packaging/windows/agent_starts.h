/* Agents of sessions: found by their program's path, and started as the session's user. */
#ifndef STEADYHAND_AGENT_STARTS_H
#define STEADYHAND_AGENT_STARTS_H
#include <windows.h>

#define AGENT L"steadyhand-agent.exe"

/* Whether the process runs that very program. */
BOOL runs_from(DWORD pid, const wchar_t *program);

/* Starts the agent in a session, as its user; its process, or NULL (GetLastError says why). */
HANDLE start_in(DWORD session, const wchar_t *program, const wchar_t *folder);

#endif

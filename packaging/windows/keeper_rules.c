#include "keeper_rules.h"
#include <string.h>

#define STEADY_MS 60000
#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS 60000
#define LOCK_AGAIN_MS 30000

static int64_t wait_ms(int failures) {
    int64_t wait = FIRST_WAIT_MS;
    for (int i = 1; i < failures && wait < LONGEST_WAIT_MS; i++) wait *= 2;
    return wait < LONGEST_WAIT_MS ? wait : LONGEST_WAIT_MS;
}

static void follow_running(SessionState *state, int64_t now_ms) {
    if (!state->runs) state->runs_since_ms = now_ms;
    if (now_ms - state->runs_since_ms >= STEADY_MS) state->failures = 0;
    state->runs = state->has_run = 1;
    state->has_quit = state->is_absent = 0;
}

static int must_lock(SessionState *state, const SessionFacts *facts, const KeeperPolicy *policy, int64_t now_ms) {
    if (!facts->is_shown || facts->is_locked) {
        state->is_absent = 0; /* whoever unlocks it has the time to start the agent */
        return 0;
    }
    if (!state->is_absent) {
        state->is_absent = 1;
        state->absent_since_ms = now_ms;
    }
    if (!policy->locks || !(state->has_run || policy->expects_everybody)) return 0;
    if (now_ms - state->absent_since_ms <= policy->after_ms || now_ms < state->next_lock_ms) return 0;
    state->next_lock_ms = now_ms + LOCK_AGAIN_MS;
    return 1;
}

int keeper_decide(SessionState *state, const SessionFacts *facts, const KeeperPolicy *policy, int64_t now_ms) {
    int decision = 0;
    if (!facts->has_user) {
        memset(state, 0, sizeof *state);
        return 0;
    }
    if (facts->agent_runs) {
        follow_running(state, now_ms);
        return 0;
    }
    state->runs = 0;
    /* As systemd's RestartPreventExitStatus: until the next logon, or until the owner starts it. */
    if (facts->quit_by_owner) state->has_quit = 1;
    if (!state->has_quit && now_ms >= state->next_start_ms) {
        decision |= KEEPER_START;
        state->failures++;
        state->next_start_ms = now_ms + wait_ms(state->failures);
    }
    return must_lock(state, facts, policy, now_ms) ? decision | KEEPER_LOCK : decision;
}

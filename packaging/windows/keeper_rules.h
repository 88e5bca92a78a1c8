/* What the keeper decides for one session. Pure: times in milliseconds come from the caller. */
#ifndef STEADYHAND_KEEPER_RULES_H
#define STEADYHAND_KEEPER_RULES_H
#include <stdint.h>

#define KEEPER_START 1 /* start the agent there */
#define KEEPER_LOCK 2  /* disconnect the session, which shows the lock screen */

/* Policy's section `absence`. */
typedef struct {
    int32_t locks;             /* answer is lock or greeter */
    int32_t expects_everybody; /* expected_of is everybody */
    int64_t after_ms;          /* after_s */
} KeeperPolicy;

/* What is seen of a session now. */
typedef struct {
    int32_t has_user;      /* somebody is logged on */
    int32_t is_shown;      /* at a screen, here or by remote desktop */
    int32_t is_locked;
    int32_t agent_runs;
    int32_t quit_by_owner; /* its agent has just ended as its owner asked, who proved who they are */
} SessionFacts;

/* What is remembered of a session; all zero at first. */
typedef struct {
    int64_t next_start_ms;
    int64_t runs_since_ms;
    int64_t absent_since_ms; /* shown, open and without an agent */
    int64_t next_lock_ms;
    int32_t failures;        /* starts since an agent last ran for a minute */
    int32_t has_run;
    int32_t has_quit;
    int32_t runs;
    int32_t is_absent;
} SessionState;

/* Follows a session by one look; KEEPER_START, KEEPER_LOCK, both or 0. */
int keeper_decide(SessionState *state, const SessionFacts *facts, const KeeperPolicy *policy, int64_t now_ms);

#endif

-- Level low: agents from which nothing has come for five minutes and that did not say that silence follows. Unexplained,
-- and no more: sleep that could not be announced, a lost network and a pulled plug look the same from here.
-- :now_ms is the time of the look, milliseconds since 1970. `received` is when the receiver got the event, by its own
-- clock: computers' clocks are wrong. What came within ten seconds of an announcement changes nothing about it.
SELECT `device.hostname` AS host, `actor.user.name` AS user, MAX(received) AS last_received_ms,
       MAX(time) AS last_seen_ms,
       MAX(CASE WHEN `unmapped.kind` IN ('stopped', 'quit', 'asleep', 'agent silent') THEN time END) AS announced_ms
FROM logs
WHERE received > :now_ms - 86400000 AND `actor.user.name` <> ''
GROUP BY host, user
HAVING :now_ms - last_received_ms > 300000 AND (announced_ms IS NULL OR last_seen_ms - announced_ms > 10000)
ORDER BY host, user

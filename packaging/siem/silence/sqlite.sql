-- Agents whose last event is older than five minutes and did not say that silence follows.
-- :now_ms is the time of the look, milliseconds since 1970.
SELECT `device.hostname` AS host, `actor.user.name` AS user, time AS last_seen_ms, `unmapped.kind` AS last_kind
FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY `device.hostname`, `actor.user.name` ORDER BY time DESC) AS age
    FROM logs
    WHERE time > :now_ms - 86400000
)
WHERE age = 1 AND :now_ms - time > 300000 AND `unmapped.kind` NOT IN ('stopped', 'quit', 'asleep')
ORDER BY host, user

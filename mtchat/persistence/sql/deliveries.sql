-- name: next_webhook_worker
SELECT nextval('webhook_workers')::integer;

-- name: hold_webhook_worker
-- Held by the connection of a worker: when the process dies, however it dies, the lock is gone.
SELECT pg_advisory_lock(%(class)s, %(worker)s);

-- name: enqueue_webhooks
-- Puts what sends have left in the outbox into its lanes; how many events that were.
SELECT webhook_enqueue(%(most)s);

-- name: claim_webhook_lanes
-- For each enabled endpoint as many due lanes as this worker has room for, longest due first, with the deliveries at their heads.
-- Locks the lanes it takes and waits for none. A lane with nothing in it comes with nulls.
WITH endpoint AS MATERIALIZED (
    SELECT e.id, e.url, e.secret, CASE WHEN e.previous_secret_until > clock_timestamp() THEN e.previous_secret END AS previous_secret,
           %(most)s - coalesce(b.number, 0) AS room
    FROM webhook_endpoints AS e
    LEFT JOIN unnest(%(busy_ids)s::uuid[], %(busy_numbers)s::integer[]) AS b (id, number) ON b.id = e.id
    WHERE e.disabled_by IS NULL AND (e.url IS NOT NULL OR %(has_builtin)s::boolean) AND coalesce(b.number, 0) < %(most)s
), due AS MATERIALIZED (
    SELECT l.id FROM endpoint AS e CROSS JOIN LATERAL (
        SELECT o.id FROM webhook_lanes AS o
        WHERE o.endpoint_id = e.id AND o.next_attempt_at <= now()
        ORDER BY o.next_attempt_at LIMIT e.room
        FOR UPDATE SKIP LOCKED
    ) AS l
), claimed AS (
    UPDATE webhook_lanes AS l
    SET claimed_by = %(worker)s, next_attempt_at = clock_timestamp() + %(lease_secs)s * interval '1 second'
    FROM due WHERE l.id = due.id
    RETURNING l.id, l.endpoint_id, l.enqueued, l.finished, l.attempts
)
SELECT c.id AS lane_id, c.endpoint_id, c.enqueued, c.attempts, e.url, e.secret, e.previous_secret, d.no, d.id, d.event, d.body
FROM claimed AS c
JOIN endpoint AS e ON e.id = c.endpoint_id
LEFT JOIN LATERAL (
    SELECT w.no, w.id, w.event, w.body FROM webhook_deliveries AS w
    WHERE w.lane_id = c.id AND w.no > c.finished ORDER BY w.no LIMIT %(most_per_lane)s
) AS d ON true
ORDER BY c.id, d.no;

-- name: next_webhook_due
-- Seconds until a lane of an enabled endpoint is due, those left out that this worker has no room for; null: nothing waits. What is not
-- in a lane yet is due now.
SELECT CASE WHEN EXISTS (SELECT FROM webhook_outbox) THEN 0
            ELSE extract(epoch FROM min(l.next_attempt_at) - clock_timestamp()) END::float8
FROM webhook_endpoints AS e CROSS JOIN LATERAL (
    SELECT o.next_attempt_at FROM webhook_lanes AS o
    WHERE o.endpoint_id = e.id AND o.next_attempt_at IS NOT NULL ORDER BY o.next_attempt_at LIMIT 1
) AS l
WHERE e.disabled_by IS NULL AND (e.url IS NOT NULL OR %(has_builtin)s::boolean) AND e.id <> ALL (%(full_ids)s::uuid[]);

-- name: record_webhook_results
-- What became of tries, at most one of a lane. Locks the lanes in key order. Lanes that another worker took over are left alone:
-- their delivery was made twice, and the second one counts. `keeps`: this worker goes on with the lane.
WITH result AS MATERIALIZED (
    SELECT * FROM unnest(
        %(lane_ids)s::bigint[], %(nos)s::bigint[], %(outcomes)s::text[], %(retry_secs)s::float8[], %(keeps)s::boolean[], %(attempts)s::jsonb[]
    ) AS r (lane_id, no, outcome, retry_secs, keep, attempt)
), lane AS MATERIALIZED (
    SELECT l.id FROM webhook_lanes AS l JOIN result AS r ON r.lane_id = l.id
    WHERE l.claimed_by = %(worker)s AND l.finished < r.no
    ORDER BY l.dialog_id, l.endpoint_id, l.recipient
    FOR UPDATE OF l
), moved AS (
    UPDATE webhook_lanes AS l
    SET finished = CASE r.outcome WHEN 'retry' THEN l.finished ELSE r.no END,
        attempts = CASE r.outcome WHEN 'retry' THEN l.attempts + 1 ELSE 0 END,
        claimed_by = CASE WHEN r.keep THEN l.claimed_by END,
        next_attempt_at = CASE
            WHEN r.outcome = 'retry' THEN clock_timestamp() + r.retry_secs * interval '1 second'
            WHEN r.keep THEN l.next_attempt_at
            WHEN l.enqueued > r.no THEN clock_timestamp()
        END
    FROM result AS r JOIN lane ON lane.id = r.lane_id
    WHERE l.id = r.lane_id
    RETURNING r.lane_id, l.claimed_by IS NULL AND l.next_attempt_at IS NOT NULL AS waits
), told AS (
    UPDATE webhook_deliveries AS d
    SET state = CASE r.outcome WHEN 'retry' THEN 'waiting' ELSE r.outcome END,
        attempts = d.attempts || r.attempt,
        failed_at = CASE r.outcome WHEN 'failed' THEN clock_timestamp() END
    FROM result AS r JOIN moved AS m ON m.lane_id = r.lane_id
    WHERE d.lane_id = r.lane_id AND d.no = r.no
)
SELECT m.lane_id, m.waits FROM moved AS m;

-- name: settle_webhook_lane
-- A lane that was claimed and found empty, because what waited in it was pruned: done, unless something came meanwhile.
UPDATE webhook_lanes AS l
SET claimed_by = NULL,
    finished = CASE WHEN s.is_empty THEN l.enqueued ELSE l.finished END,
    next_attempt_at = CASE WHEN s.is_empty THEN NULL ELSE clock_timestamp() END
FROM (
    SELECT o.id, o.enqueued = %(enqueued)s AND NOT EXISTS (
        SELECT FROM webhook_deliveries AS d WHERE d.lane_id = o.id AND d.no > o.finished
    ) AS is_empty
    FROM webhook_lanes AS o WHERE o.id = %(lane_id)s AND o.claimed_by = %(worker)s
    FOR UPDATE OF o
) AS s
WHERE l.id = s.id;

-- name: release_webhook_lanes
-- A worker gives back lanes it has not got to.
WITH lane AS MATERIALIZED (
    SELECT l.id FROM webhook_lanes AS l
    WHERE l.claimed_by = %(worker)s AND (%(lane_ids)s::bigint[] IS NULL OR l.id = ANY (%(lane_ids)s::bigint[]))
    ORDER BY l.dialog_id, l.endpoint_id, l.recipient
    FOR UPDATE OF l
)
UPDATE webhook_lanes AS l SET claimed_by = NULL, next_attempt_at = clock_timestamp() FROM lane WHERE l.id = lane.id;

-- name: release_lanes_of_dead_workers
-- Whose worker no longer holds the lock of its number goes on at once, not after the lease.
WITH lane AS MATERIALIZED (
    SELECT l.id FROM webhook_lanes AS l
    WHERE l.claimed_by IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_locks AS k
        WHERE k.locktype = 'advisory' AND k.objsubid = 2 AND k.granted AND k.classid = %(class)s::oid
          AND k.objid::bigint = l.claimed_by
          AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())
    )
    FOR UPDATE OF l SKIP LOCKED
)
UPDATE webhook_lanes AS l SET claimed_by = NULL, next_attempt_at = clock_timestamp() FROM lane WHERE l.id = lane.id;

-- name: list_webhook_deliveries
-- Newest first. All of one endpoint, whatever their dialog.
SELECT d.id, l.endpoint_id, l.dialog_id, l.recipient, d.event, d.state, d.attempts,
       CASE WHEN d.state = 'waiting' AND l.claimed_by IS NULL THEN wire_time(l.next_attempt_at) END AS next_attempt_at
FROM webhook_deliveries AS d JOIN webhook_lanes AS l ON l.id = d.lane_id
WHERE l.endpoint_id = %(endpoint_id)s AND d.id < %(before)s::uuid AND d.id >= %(since)s::uuid
  AND (%(event)s::text IS NULL OR d.event = %(event)s::text)
  AND (%(state)s::text IS NULL OR d.state = %(state)s::text)
ORDER BY d.id DESC LIMIT %(limit)s;

-- name: list_waiting_deliveries
-- What waits for one endpoint, found by the lanes in which something does: what was delivered is not looked at.
SELECT d.id, l.endpoint_id, l.dialog_id, l.recipient, d.event, d.state, d.attempts,
       CASE WHEN l.claimed_by IS NULL THEN wire_time(l.next_attempt_at) END AS next_attempt_at
FROM webhook_lanes AS l JOIN webhook_deliveries AS d ON d.lane_id = l.id AND d.no > l.finished
WHERE l.endpoint_id = %(endpoint_id)s AND l.next_attempt_at IS NOT NULL AND d.state = 'waiting'
  AND d.id < %(before)s::uuid AND d.id >= %(since)s::uuid
  AND (%(event)s::text IS NULL OR d.event = %(event)s::text)
ORDER BY d.id DESC LIMIT %(limit)s;

-- name: search_webhook_deliveries
-- The same for a few dialogs, found by their lanes.
SELECT d.id, l.endpoint_id, l.dialog_id, l.recipient, d.event, d.state, d.attempts,
       CASE WHEN d.state = 'waiting' AND l.claimed_by IS NULL THEN wire_time(l.next_attempt_at) END AS next_attempt_at
FROM webhook_lanes AS l JOIN webhook_deliveries AS d ON d.lane_id = l.id
WHERE l.endpoint_id = %(endpoint_id)s AND l.dialog_id = ANY (%(dialog_ids)s::uuid[]) AND d.id < %(before)s::uuid AND d.id >= %(since)s::uuid
  AND (%(event)s::text IS NULL OR d.event = %(event)s::text)
  AND (%(state)s::text IS NULL OR d.state = %(state)s::text)
ORDER BY d.id DESC LIMIT %(limit)s;

-- name: list_failed_deliveries
-- The newest failures of one endpoint or of all, by the index of failures alone.
SELECT d.id, l.endpoint_id, l.dialog_id, l.recipient, d.event, d.state, d.attempts, NULL AS next_attempt_at
FROM webhook_deliveries AS d JOIN webhook_lanes AS l ON l.id = d.lane_id
WHERE d.failed_at IS NOT NULL AND (%(endpoint_id)s::uuid IS NULL OR l.endpoint_id = %(endpoint_id)s::uuid)
  AND d.id < %(before)s::uuid AND d.id >= %(since)s::uuid
  AND (%(event)s::text IS NULL OR d.event = %(event)s::text)
ORDER BY d.id DESC LIMIT %(limit)s;

-- name: find_webhook_delivery
SELECT d.id, l.endpoint_id, l.dialog_id, l.recipient, d.event, d.state, d.attempts, d.body,
       CASE WHEN d.state = 'waiting' AND l.claimed_by IS NULL THEN wire_time(l.next_attempt_at) END AS next_attempt_at
FROM webhook_deliveries AS d JOIN webhook_lanes AS l ON l.id = d.lane_id
WHERE d.id = %(id)s AND l.endpoint_id = %(endpoint_id)s;

-- name: list_dialogs_of_object
SELECT id FROM dialogs WHERE object_type = %(object_type)s AND object_id = %(object_id)s ORDER BY created_at DESC LIMIT 1000;

-- name: list_replayable_deliveries
-- Oldest first, what is finished and still has its body.
SELECT d.id
FROM webhook_deliveries AS d JOIN webhook_lanes AS l ON l.id = d.lane_id
WHERE l.endpoint_id = %(endpoint_id)s AND d.id > %(after)s::uuid AND d.id < %(until)s::uuid
  AND d.state = ANY (%(states)s::text[]) AND d.body IS NOT NULL
  AND (%(event)s::text IS NULL OR d.event = %(event)s::text)
  AND (%(dialog_id)s::uuid IS NULL OR l.dialog_id = %(dialog_id)s::uuid)
ORDER BY d.id LIMIT %(limit)s;

-- name: replay_webhook_deliveries
-- Finished deliveries go to the end of their lanes again, with the same id and body. Locks the lanes in key order. A delivery that
-- somebody else replays, or erases, at this moment leaves a gap in the numbers, which nobody minds.
WITH chosen AS MATERIALIZED (
    SELECT d.id, d.lane_id, row_number() OVER (PARTITION BY d.lane_id ORDER BY d.no) AS n, count(*) OVER (PARTITION BY d.lane_id) AS many
    FROM webhook_deliveries AS d
    WHERE d.id = ANY (%(ids)s::uuid[]) AND d.state <> 'waiting' AND d.body IS NOT NULL
), lane AS MATERIALIZED (
    SELECT l.id FROM webhook_lanes AS l JOIN chosen AS c ON c.lane_id = l.id AND c.n = 1
    ORDER BY l.dialog_id, l.endpoint_id, l.recipient
    FOR UPDATE OF l
), raised AS (
    UPDATE webhook_lanes AS l
    SET enqueued = l.enqueued + c.many, next_attempt_at = coalesce(l.next_attempt_at, clock_timestamp())
    FROM chosen AS c JOIN lane ON lane.id = c.lane_id
    WHERE l.id = c.lane_id AND c.n = 1
    RETURNING l.id, l.enqueued
)
UPDATE webhook_deliveries AS d SET no = r.enqueued - c.many + c.n, state = 'waiting', failed_at = NULL
FROM chosen AS c JOIN raised AS r ON r.id = c.lane_id
WHERE d.id = c.id AND d.state <> 'waiting' AND d.body IS NOT NULL
RETURNING d.id;

-- name: hasten_webhook_delivery
-- The lane of a waiting delivery is due now, unless a worker has it.
UPDATE webhook_lanes AS l SET next_attempt_at = clock_timestamp()
FROM webhook_deliveries AS d
WHERE d.id = %(id)s AND d.state = 'waiting' AND l.id = d.lane_id AND l.claimed_by IS NULL;

-- name: insert_test_delivery
-- An event that no dialog caused, for one endpoint whatever it wants, in a lane of its own.
WITH fresh AS MATERIALIZED (
    SELECT uuid7_at(c.at) AS id, c.at FROM (SELECT clock_timestamp() AS at) AS c
), lane AS (
    INSERT INTO webhook_lanes AS l (dialog_id, endpoint_id, enqueued, next_attempt_at)
    SELECT '00000000-0000-0000-0000-000000000000', %(endpoint_id)s, 1, f.at FROM fresh AS f
    ON CONFLICT (dialog_id, endpoint_id, recipient) DO UPDATE
    SET enqueued = l.enqueued + 1, next_attempt_at = coalesce(l.next_attempt_at, excluded.next_attempt_at)
    RETURNING l.id, l.enqueued
)
INSERT INTO webhook_deliveries (id, lane_id, no, event, body)
SELECT f.id, l.id, l.enqueued, 'webhook.test',
       webhook_body(f.id, 'webhook.test', f.at, json_build_object('endpoint_id', %(endpoint_id)s::uuid))
FROM fresh AS f CROSS JOIN lane AS l;

-- name: count_waiting_deliveries
-- What waits, by endpoint: deliveries, how many are due, and the age of the longest due in seconds.
SELECT e.id, e.disabled_by,
       coalesce(sum(l.enqueued - l.finished), 0)::bigint + (SELECT count(*) FROM webhook_outbox AS o WHERE o.endpoint_id = e.id) AS waiting,
       count(l.id) FILTER (WHERE l.next_attempt_at <= now()) AS due_lanes,
       coalesce(extract(epoch FROM now() - min(l.next_attempt_at)), 0)::float8 AS overdue_secs
FROM webhook_endpoints AS e
LEFT JOIN webhook_lanes AS l ON l.endpoint_id = e.id AND l.next_attempt_at IS NOT NULL
WHERE e.disabled_by IS DISTINCT FROM 'deleted'
GROUP BY e.id, e.disabled_by ORDER BY e.id;

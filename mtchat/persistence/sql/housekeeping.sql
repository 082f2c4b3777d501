-- name: count_pages
-- How many pages of 8 KiB a table has, for walking it slice by slice: each page is read once, whatever is in it.
SELECT pg_relation_size(%(table)s::regclass) / current_setting('block_size')::bigint;

-- name: prune_events
-- Events of one slice of pages that are too old. Waits for nobody: no other statement changes a row of the log.
DELETE FROM dialog_events AS e
WHERE e.ctid >= %(first)s::tid AND e.ctid < %(end)s::tid AND e.created_at < now() - %(age_secs)s * interval '1 second';

-- name: prune_idempotency_keys
DELETE FROM idempotency_keys AS k WHERE k.key = ANY (ARRAY(
    SELECT o.key FROM idempotency_keys AS o
    WHERE o.created_at < now() - %(age_secs)s * interval '1 second' ORDER BY o.created_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
));

-- name: prune_notifications
-- What no worker has expanded for so long is no news any more.
DELETE FROM notifications AS n WHERE (n.dialog_id, n.message_id) IN (
    SELECT o.dialog_id, o.message_id FROM notifications AS o
    WHERE o.created_at < now() - %(age_secs)s * interval '1 second' ORDER BY o.created_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
);

-- name: prune_deliveries
-- Deliveries made before an id, oldest first. Those that still wait are given up: their endpoint has been away for all this time.
DELETE FROM webhook_deliveries AS d WHERE d.id = ANY (ARRAY(
    SELECT o.id FROM webhook_deliveries AS o WHERE o.id < %(before)s::uuid ORDER BY o.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
));

-- name: prune_deliveries_of_deleted
DELETE FROM webhook_deliveries AS d WHERE d.id = ANY (ARRAY(
    SELECT o.id FROM webhook_endpoints AS e
    JOIN webhook_lanes AS l ON l.endpoint_id = e.id JOIN webhook_deliveries AS o ON o.lane_id = l.id
    WHERE e.disabled_by = 'deleted' LIMIT %(limit)s
));

-- name: prune_lanes
-- Lanes of one slice of pages that hold nothing, or belong to a deleted endpoint. Whoever is about to use one waits for this and makes
-- it anew; this waits for nobody.
DELETE FROM webhook_lanes AS l WHERE l.id = ANY (ARRAY(
    SELECT o.id FROM webhook_lanes AS o
    WHERE o.ctid >= %(first)s::tid AND o.ctid < %(end)s::tid
      AND (o.next_attempt_at IS NULL
           OR EXISTS (SELECT FROM webhook_endpoints AS e WHERE e.id = o.endpoint_id AND e.disabled_by = 'deleted'))
      AND NOT EXISTS (SELECT FROM webhook_deliveries AS d WHERE d.lane_id = o.id)
    FOR UPDATE OF o SKIP LOCKED
));

-- name: prune_endpoints
DELETE FROM webhook_endpoints AS e
WHERE e.disabled_by = 'deleted' AND NOT EXISTS (SELECT FROM webhook_lanes AS l WHERE l.endpoint_id = e.id);

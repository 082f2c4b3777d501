-- name: queue_deletions
INSERT INTO storage_deletions (key, due_at)
SELECT unnest(%(keys)s::text[]), clock_timestamp() + %(delay_secs)s * interval '1 second';

-- name: claim_deletions
-- Objects to remove now; if it fails they are due again later, each time twice as late, at most six hours.
UPDATE storage_deletions AS d
SET attempts = d.attempts + 1, due_at = clock_timestamp() + least(30 * 2 ^ d.attempts, 21600) * interval '1 second'
WHERE d.id = ANY (ARRAY(
    SELECT q.id FROM storage_deletions AS q WHERE q.due_at <= clock_timestamp()
    ORDER BY q.due_at LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
))
RETURNING d.id, d.key, d.in_parts;

-- name: finish_deletions
DELETE FROM storage_deletions WHERE id = ANY (%(ids)s::bigint[]);

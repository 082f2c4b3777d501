-- name: switch_builtin_endpoint
-- The endpoint of the environment follows its variables: off without them; on with them, unless the host switched it off.
UPDATE webhook_endpoints
SET disabled_by = CASE WHEN disabled_by = 'host' THEN 'host' WHEN %(is_on)s::boolean THEN NULL ELSE 'settings' END
WHERE id = %(id)s;

-- name: has_enabled_endpoints
SELECT EXISTS (SELECT FROM webhook_endpoints WHERE disabled_by IS NULL);

-- name: insert_webhook_endpoint
-- No row: there are `most` already.
INSERT INTO webhook_endpoints (id, url, secret, description, events, tenants)
SELECT uuid7_at(clock_timestamp()), %(url)s, %(secret)s, %(description)s, %(events)s::text[], %(tenants)s::text[]
WHERE (SELECT count(*) FROM webhook_endpoints WHERE disabled_by IS DISTINCT FROM 'deleted') < %(most)s
RETURNING id;

-- name: list_webhook_endpoints
-- All, or one. How many deliveries wait is told by the lanes: no row is read for each of them.
SELECT e.id, e.url, e.description, e.events, e.tenants, e.disabled_by, wire_time(e.created_at) AS created_at,
       CASE WHEN e.previous_secret_until > clock_timestamp() THEN wire_time(e.previous_secret_until) END AS previous_secret_until,
       (SELECT coalesce(sum(l.enqueued - l.finished), 0)::bigint FROM webhook_lanes AS l
        WHERE l.endpoint_id = e.id AND l.next_attempt_at IS NOT NULL)
       + (SELECT count(*) FROM webhook_outbox AS o WHERE o.endpoint_id = e.id) AS waiting
FROM webhook_endpoints AS e
WHERE e.disabled_by IS DISTINCT FROM 'deleted' AND (%(id)s::uuid IS NULL OR e.id = %(id)s::uuid)
ORDER BY e.created_at, e.id;

-- name: update_webhook_endpoint
-- A null leaves a field as it is; the description has a flag of its own, because null is a value of it.
UPDATE webhook_endpoints
SET url = coalesce(%(url)s::text, url),
    events = coalesce(%(events)s::text[], events),
    tenants = coalesce(%(tenants)s::text[], tenants),
    description = CASE WHEN %(has_description)s::boolean THEN %(description)s::text ELSE description END,
    disabled_by = CASE %(enabled)s::boolean WHEN true THEN NULL WHEN false THEN 'host' ELSE disabled_by END
WHERE id = %(id)s AND disabled_by IS DISTINCT FROM 'deleted';

-- name: rotate_webhook_secret
UPDATE webhook_endpoints
SET previous_secret = secret, previous_secret_until = clock_timestamp() + %(overlap_secs)s * interval '1 second', secret = %(secret)s
WHERE id = %(id)s AND disabled_by IS DISTINCT FROM 'deleted'
RETURNING wire_time(previous_secret_until) AS previous_secret_until;

-- name: delete_webhook_endpoint
-- Its secrets go at once, its deliveries are pruned piece by piece.
UPDATE webhook_endpoints
SET disabled_by = 'deleted', url = NULL, secret = NULL, previous_secret = NULL, previous_secret_until = NULL
WHERE id = %(id)s AND disabled_by IS DISTINCT FROM 'deleted';

-- name: disable_gone_endpoint
UPDATE webhook_endpoints SET disabled_by = 'gone' WHERE id = %(id)s AND disabled_by IS NULL;

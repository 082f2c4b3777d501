-- name: lock_notifications
-- One process at a time expands notifications, so that the notices of a person come in the order of the messages.
SELECT pg_try_advisory_xact_lock(%(lock)s);

-- name: list_due_notifications
-- Messages old enough to be announced, oldest first; so many that together they have `most` notices at most, and one at least.
SELECT s.dialog_id, s.message_id
FROM (
    SELECT n.dialog_id, n.message_id,
           coalesce(sum(d.participants_count) OVER (
               ORDER BY n.created_at, n.dialog_id, n.user_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM (
        SELECT o.* FROM notifications AS o
        WHERE o.created_at <= now() - %(delay_secs)s * interval '1 second'
        ORDER BY o.created_at LIMIT %(limit)s
    ) AS n LEFT JOIN dialogs AS d ON d.id = n.dialog_id
) AS s
WHERE s.before < %(most)s;

-- name: list_due_bursts
-- All messages, old enough to be announced, of dialogs whose first one has waited for the time of a burst; so many dialogs that together
-- they have `most` notices at most, and one dialog at least. Only the newest `burst` messages of a dialog are counted.
WITH first AS (
    SELECT o.dialog_id, min(o.created_at) AS at FROM (
        SELECT i.dialog_id, i.created_at FROM notifications AS i
        WHERE i.created_at <= now() - %(digest_secs)s * interval '1 second'
        ORDER BY i.created_at LIMIT %(limit)s
    ) AS o GROUP BY o.dialog_id
), dialog AS (
    SELECT f.dialog_id,
           coalesce(sum(d.participants_count) OVER (
               ORDER BY f.at, f.dialog_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM first AS f LEFT JOIN dialogs AS d ON d.id = f.dialog_id
)
SELECT n.dialog_id, n.message_id,
       row_number() OVER (PARTITION BY n.dialog_id ORDER BY n.user_no DESC) <= %(burst)s AS counts
FROM dialog AS g JOIN notifications AS n ON n.dialog_id = g.dialog_id
WHERE g.before < %(most)s AND n.created_at <= now() - %(delay_secs)s * interval '1 second';

-- name: next_notification_age
-- How long the oldest message has waited, in seconds; null: none waits.
SELECT extract(epoch FROM clock_timestamp() - min(n.created_at))::float8 FROM notifications AS n;

-- name: expand_notifications
-- The notices of some messages, for everybody who is to have one: was there when it was sent, is still there, has not read it, has
-- not muted the dialog. With `digest` only the newest message of each person and dialog. Messages that do not count are forgotten.
-- A row for each notice and endpoint.
WITH due AS (
    DELETE FROM notifications AS n
    USING unnest(%(dialog_ids)s::uuid[], %(message_ids)s::uuid[], %(counts)s::boolean[]) AS g (dialog_id, message_id, counts)
    WHERE n.dialog_id = g.dialog_id AND n.message_id = g.message_id
    RETURNING n.dialog_id, n.message_id, n.user_no, g.counts
), notice AS (
    SELECT u.dialog_id, u.user_no, u.message_id, p.user_id AS recipient, d.object_id, d.object_type, d.title,
           m.sender_id, m.content, m.sent_at, sender.company,
           row_number() OVER person AS newest, count(*) OVER (PARTITION BY u.dialog_id, p.user_id) AS messages
    FROM due AS u
    JOIN dialogs AS d ON d.id = u.dialog_id
    JOIN messages AS m ON m.dialog_id = u.dialog_id AND m.id = u.message_id
    JOIN participants AS p ON p.dialog_id = u.dialog_id AND p.user_id <> m.sender_id
     AND p.notifications_enabled AND p.read_no < u.user_no AND p.joined_at <= m.sent_at
    LEFT JOIN participants AS sender ON sender.dialog_id = u.dialog_id AND sender.user_id = m.sender_id
    WHERE u.counts
    WINDOW person AS (PARTITION BY u.dialog_id, p.user_id ORDER BY u.user_no DESC)
)
INSERT INTO webhook_outbox (endpoint_id, dialog_id, recipient, event, message_id, at, payload)
SELECT e.id, n.dialog_id, n.recipient, 'notification.pending', n.message_id, clock_timestamp(), json_build_object(
    'dialog_id', n.dialog_id, 'object_id', n.object_id, 'object_type', n.object_type,
    'recipient_id', n.recipient, 'chat_title', n.title, 'sender_company', n.company,
    'message', json_build_object(
        'id', n.message_id, 'sender_id', n.sender_id, 'content', n.content,
        'created_at', wire_time(n.sent_at), 'message_type', 'user'),
    'messages_count', CASE WHEN %(digest)s::boolean THEN n.messages END)
FROM notice AS n CROSS JOIN LATERAL webhook_listeners(n.dialog_id, 'notification.pending') AS e (id)
WHERE n.newest = 1 OR NOT %(digest)s::boolean
ORDER BY n.dialog_id, n.user_no;

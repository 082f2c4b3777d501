-- name: list_memberships_of
-- Every dialog of these people, with what a socket needs to follow it; many people at once, because they come back together.
SELECT p.user_id, p.dialog_id, d.last_seq, d.participants_count
FROM participants AS p JOIN dialogs AS d ON d.id = p.dialog_id
WHERE p.user_id = ANY (%(user_ids)s::text[]);

-- name: list_room_states
-- How far each of these dialogs is and how many people are in it; a dialog that is gone has no row.
SELECT id AS dialog_id, last_seq, participants_count FROM dialogs WHERE id = ANY (%(dialog_ids)s::uuid[]);

-- name: list_resume_states
-- For each asker one row: own state and others' read positions of the dialogs named, and which of them he has to catch up with,
-- to load again (too far behind, ahead of us, or the log is pruned), or is no longer in. Others' positions only in small dialogs.
-- A position may lie on a message that was deleted, then the one before it is told; only dialogs with deleted messages need that
-- look-up, which for twenty people costs more than all the rest. unread_count() is called only when something is unread.
WITH asked AS (
    SELECT * FROM unnest(%(askers)s::int[], %(user_ids)s::text[], %(dialog_ids)s::uuid[], %(seqs)s::bigint[])
        AS a (asker, user_id, dialog_id, seq)
), found AS (
    SELECT a.asker, a.dialog_id, a.seq, d.last_seq, p.user_id IS NOT NULL AS is_member,
        CASE
            WHEN p.user_id IS NULL OR a.seq = d.last_seq THEN false
            WHEN a.seq > d.last_seq OR d.last_seq - a.seq > %(max_missed)s::bigint THEN true
            ELSE NOT EXISTS (SELECT FROM dialog_events AS e WHERE e.dialog_id = a.dialog_id AND e.seq = a.seq + 1)
        END AS must_reload,
        CASE WHEN p.user_id IS NOT NULL THEN json_build_object(
            'seq', d.last_seq,
            'last_read_message_id', CASE WHEN past.has_deletions THEN (
                SELECT m.id FROM messages AS m
                WHERE m.dialog_id = p.dialog_id AND m.id <= p.read_message_id
                ORDER BY m.id DESC LIMIT 1
            ) ELSE p.read_message_id END,
            'unread_count', CASE WHEN d.user_no <= p.read_no THEN 0 ELSE unread_count(d, p) END,
            'is_pinned', p.is_pinned,
            'is_archived', p.is_archived,
            'notifications_enabled', p.notifications_enabled,
            'reads', CASE WHEN d.participants_count <= %(max_readers)s::int THEN coalesce(others.reads, '{}'::json) END
        ) END AS state
    FROM asked AS a
    LEFT JOIN dialogs AS d ON d.id = a.dialog_id
    LEFT JOIN participants AS p ON p.dialog_id = d.id AND p.user_id = a.user_id
    LEFT JOIN LATERAL (
        SELECT EXISTS (SELECT FROM deleted_messages AS x WHERE x.dialog_id = d.id) AS has_deletions
    ) AS past ON true
    LEFT JOIN LATERAL (
        SELECT json_object_agg(seen.user_id, seen.message_id) FILTER (WHERE seen.message_id IS NOT NULL) AS reads
        FROM (
            SELECT o.user_id, CASE WHEN past.has_deletions THEN (
                SELECT m.id FROM messages AS m
                WHERE m.dialog_id = o.dialog_id AND m.id <= o.read_message_id
                ORDER BY m.id DESC LIMIT 1
            ) ELSE o.read_message_id END AS message_id
            FROM participants AS o
            WHERE o.dialog_id = p.dialog_id AND o.user_id <> p.user_id AND d.participants_count <= %(max_readers)s::int
        ) AS seen
    ) AS others ON true
)
SELECT asker,
    coalesce(json_object_agg(dialog_id, state) FILTER (WHERE is_member), '{}'::json) AS state,
    coalesce(array_agg(dialog_id::text) FILTER (WHERE NOT is_member), '{}') AS gone,
    coalesce(array_agg(dialog_id::text) FILTER (WHERE must_reload), '{}') AS reload,
    coalesce(array_agg(dialog_id::text ORDER BY dialog_id)
        FILTER (WHERE is_member AND last_seq > seq AND NOT must_reload), '{}') AS behind,
    coalesce(array_agg(last_seq - seq ORDER BY dialog_id)
        FILTER (WHERE is_member AND last_seq > seq AND NOT must_reload), '{}') AS missed
FROM found
GROUP BY asker;

-- name: list_missed_events
-- The events after a seq of a dialog, oldest first, with the message each one speaks of, and for which askers: those who name the
-- dialog with this seq and are still in it. Those who come back together have missed the same, which is then read and built once. At
-- most `limit` of each dialog and seq.
SELECT g.askers, g.dialog_id, e.seq, e.type, e.message_id, e.user_id, e.data,
       CASE WHEN m.id IS NOT NULL THEN message_json(m) END AS message,
       CASE WHEN m.files > 0 THEN message_files(m) END AS files
FROM (
    SELECT array_agg(a.asker) AS askers, a.dialog_id, a.seq
    FROM unnest(%(askers)s::int[], %(user_ids)s::text[], %(dialog_ids)s::uuid[], %(seqs)s::bigint[])
        AS a (asker, user_id, dialog_id, seq)
    JOIN participants AS p ON p.dialog_id = a.dialog_id AND p.user_id = a.user_id
    GROUP BY a.dialog_id, a.seq
) AS g
CROSS JOIN LATERAL (
    SELECT * FROM dialog_events AS log
    WHERE log.dialog_id = g.dialog_id AND log.seq > g.seq
    ORDER BY log.seq LIMIT %(limit)s
) AS e
LEFT JOIN messages AS m ON m.dialog_id = g.dialog_id AND m.id = e.message_id
ORDER BY g.dialog_id, g.seq, e.seq;

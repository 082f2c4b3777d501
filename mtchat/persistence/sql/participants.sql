-- name: add_participant
-- Somebody the host names, positioned at the newest message. Locks the dialog row, then his own. Who is in already stays as he is:
-- the update of a value to itself only makes his row come back. `xmax` is zero in a row that this statement inserted.
-- No row: no such dialog; seq is null when nothing changed.
WITH dialog AS MATERIALIZED (
    SELECT d FROM dialogs AS d WHERE d.id = %(dialog_id)s FOR NO KEY UPDATE
), newcomer AS (
    INSERT INTO participants AS p (
        dialog_id, user_id, joined_at, display_name, company, email, phone, read_message_id, read_no
    )
    SELECT (o.d).id, %(user_id)s, clock_timestamp(), %(display_name)s, %(company)s, %(email)s, %(phone)s,
           (o.d).last_message_id, (o.d).user_no
    FROM dialog AS o
    ON CONFLICT (dialog_id, user_id) DO UPDATE SET read_no = p.read_no
    RETURNING p, p.xmax = 0 AS is_new
), raised AS (
    UPDATE dialogs AS d SET last_seq = d.last_seq + 1, participants_count = d.participants_count + 1
    FROM newcomer AS n WHERE d.id = (n.p).dialog_id AND n.is_new
    RETURNING d.id, d.last_seq
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, user_id, created_at)
    SELECT r.id, r.last_seq, 'participant.joined', %(user_id)s, clock_timestamp() FROM raised AS r
)
SELECT (SELECT r.last_seq FROM raised AS r) AS seq, row_to_json(person) AS participant
FROM (
    SELECT (n.p).dialog_id, (n.p).user_id, wire_time((n.p).joined_at) AS joined_at, (n.p).joined_as, (n.p).notifications_enabled,
           CASE WHEN n.is_new THEN (n.p).read_message_id ELSE visible_read_position(n.p) END AS last_read_message_id,
           unread_count(o.d, n.p) AS unread_count,
           (n.p).display_name, (n.p).company, (n.p).email, (n.p).phone, (n.p).is_archived, (n.p).is_pinned
    FROM newcomer AS n, dialog AS o
) AS person;

-- name: remove_participant
-- Locks the dialog row, then the person's. No row: he was not in, or there is no such dialog.
WITH dialog AS MATERIALIZED (
    SELECT d.id FROM dialogs AS d WHERE d.id = %(dialog_id)s FOR NO KEY UPDATE
), removed AS (
    DELETE FROM participants AS p USING dialog AS d
    WHERE p.dialog_id = d.id AND p.user_id = %(user_id)s
    RETURNING p.dialog_id
), raised AS (
    UPDATE dialogs AS d SET last_seq = d.last_seq + 1, participants_count = d.participants_count - 1
    FROM removed AS r WHERE d.id = r.dialog_id
    RETURNING d.id, d.last_seq
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, user_id, created_at)
    SELECT r.id, r.last_seq, 'participant.left', %(user_id)s, clock_timestamp() FROM raised AS r
)
SELECT r.last_seq AS seq FROM raised AS r;

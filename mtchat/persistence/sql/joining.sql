-- name: find_standing
-- Where a person stands towards a dialog: in it (and under which name), or matched by one of its scopes. No row: no such dialog.
SELECT p.user_id IS NOT NULL AS is_member, p.display_name,
       EXISTS (
           SELECT FROM access_scopes AS s
           WHERE s.dialog_id = d.id
             AND (s.scope_level0 = '{}' OR s.scope_level0 && %(level0)s::text[])
             AND (s.scope_level1 = '{}' OR s.scope_level1 && %(level1)s::text[])
             AND (s.scope_level2 = '{}' OR s.scope_level2 && %(level2)s::text[])
       ) AS is_matched
FROM dialogs AS d
LEFT JOIN participants AS p ON p.dialog_id = d.id AND p.user_id = %(user_id)s
WHERE d.id = %(dialog_id)s;

-- name: join_dialog
-- After lock_dialog. Somebody comes in at the start of the history: participant, system message, two events, counters. Whoever has
-- written here before has own messages among those that count as unread. No row: he is in already.
WITH dialog AS MATERIALIZED (
    SELECT d.id, d.last_seq, d.user_no, greatest(clock_timestamp(), d.clock_at + interval '1 microsecond') AS at
    FROM dialogs AS d WHERE d.id = %(dialog_id)s
), newcomer AS (
    INSERT INTO participants (dialog_id, user_id, joined_at, joined_as, display_name, company, email, phone, may_have_own_unread)
    SELECT d.id, %(user_id)s, d.at, 'joined', %(display_name)s, %(company)s, %(email)s, %(phone)s,
           EXISTS (SELECT FROM messages AS m WHERE m.dialog_id = d.id AND m.sender_id = %(user_id)s)
    FROM dialog AS d
    ON CONFLICT (dialog_id, user_id) DO NOTHING
    RETURNING user_id
), announced AS (
    INSERT INTO messages (dialog_id, id, seq, user_no, message_type, content, sent_at)
    SELECT d.id, uuid7_at(d.at), d.last_seq + 1, d.user_no, 'system', %(content)s, d.at FROM dialog AS d, newcomer
    RETURNING messages.id, messages.seq, message_json(messages) AS message
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, user_id, created_at)
    SELECT d.id, d.last_seq + 1, 'message.new', a.id, NULL, d.at FROM dialog AS d, announced AS a
    UNION ALL
    SELECT d.id, d.last_seq + 2, 'participant.joined', NULL, n.user_id, d.at FROM dialog AS d, newcomer AS n
), advanced AS (
    UPDATE dialogs AS d
    SET last_seq = o.last_seq + 2, participants_count = d.participants_count + 1,
        clock_at = o.at, last_message_id = a.id, last_message_at = o.at
    FROM dialog AS o, announced AS a WHERE d.id = o.id
)
SELECT a.seq, a.message FROM announced AS a;

-- name: leave_dialog
-- After lock_dialog. Somebody goes: his row, system message, two events, counters. No row: he is not in, or no longer.
WITH dialog AS MATERIALIZED (
    SELECT d.id, d.last_seq, d.user_no, greatest(clock_timestamp(), d.clock_at + interval '1 microsecond') AS at
    FROM dialogs AS d WHERE d.id = %(dialog_id)s
), gone AS (
    DELETE FROM participants AS p USING dialog AS d WHERE p.dialog_id = d.id AND p.user_id = %(user_id)s
    RETURNING p.user_id
), announced AS (
    INSERT INTO messages (dialog_id, id, seq, user_no, message_type, content, sent_at)
    SELECT d.id, uuid7_at(d.at), d.last_seq + 1, d.user_no, 'system', %(content)s, d.at FROM dialog AS d, gone
    RETURNING messages.id, messages.seq, message_json(messages) AS message
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, user_id, created_at)
    SELECT d.id, d.last_seq + 1, 'message.new', a.id, NULL, d.at FROM dialog AS d, announced AS a
    UNION ALL
    SELECT d.id, d.last_seq + 2, 'participant.left', NULL, g.user_id, d.at FROM dialog AS d, gone AS g
), advanced AS (
    UPDATE dialogs AS d
    SET last_seq = o.last_seq + 2, participants_count = d.participants_count - 1,
        clock_at = o.at, last_message_id = a.id, last_message_at = o.at
    FROM dialog AS o, announced AS a WHERE d.id = o.id
)
SELECT a.seq, a.message FROM announced AS a;

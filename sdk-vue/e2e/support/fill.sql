-- %(count)s messages into one dialog, by its members in turns of three, a hundredth of a millisecond apart: what as many sends leave behind.
WITH dialog AS (
    SELECT d.*, (SELECT array_agg(p.user_id ORDER BY p.joined_at, p.user_id) FROM participants AS p WHERE p.dialog_id = d.id) AS people
    FROM dialogs AS d
    WHERE d.id = %(dialog_id)s
    FOR UPDATE
), made AS (
    SELECT d.id AS dialog_id, uuid7_at(m.at) AS id, d.last_seq + m.n AS seq, d.user_no + m.n AS user_no,
           d.people[1 + (m.n / 3) %% cardinality(d.people)] AS sender_id, m.at,
           '<p>Message ' || m.n || repeat(' of the long story', (m.n * 7 %% 12)::int) || '</p>' AS content
    FROM dialog AS d
    CROSS JOIN LATERAL (
        SELECT n, greatest(d.clock_at, clock_timestamp()) + n * interval '10 microseconds' AS at FROM generate_series(1, %(count)s) AS n
    ) AS m
), stored AS (
    INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at)
    SELECT dialog_id, id, seq, user_no, sender_id, content, at FROM made
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, user_id, created_at)
    SELECT dialog_id, seq, 'message.new', id, sender_id, at FROM made
)
UPDATE dialogs AS d
SET last_seq = last.seq, user_no = last.user_no, clock_at = last.at, last_message_id = last.id, last_message_at = last.at
FROM (SELECT * FROM made ORDER BY seq DESC LIMIT 1) AS last
WHERE d.id = last.dialog_id

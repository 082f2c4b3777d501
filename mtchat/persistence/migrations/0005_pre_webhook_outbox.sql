-- What a send pays for webhooks: one row per endpoint that listens, without a lock that anybody else takes. A worker puts the rows into
-- lanes, many at a time. Before, every send raised the row of its lane and wrote two unique indexes: three times the cost.

-- Events in the order in which they happened: those of a dialog are written under its lock, so their numbers grow with their commits.
CREATE TABLE webhook_outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id uuid NOT NULL,
    dialog_id   uuid NOT NULL,
    recipient   text NOT NULL DEFAULT '',
    event       text NOT NULL,
    message_id  uuid,
    at          timestamptz NOT NULL,
    payload     json NOT NULL
);

-- The enabled endpoints that want an event of a dialog. A dialog belongs to the tenants its scopes name; one that is being deleted has
-- lost its scopes, and belongs to those who have been told of it before.
CREATE FUNCTION webhook_listeners(of_dialog uuid, of_event text) RETURNS SETOF uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT e.id FROM webhook_endpoints AS e
        WHERE e.disabled_by IS NULL AND of_event = ANY (e.events)
          AND (e.tenants = '{}'
               OR EXISTS (SELECT FROM access_scopes AS s WHERE s.dialog_id = of_dialog AND s.scope_level0 && e.tenants)
               OR of_event = 'dialog.deleted'
                  AND (EXISTS (SELECT FROM webhook_lanes AS l WHERE l.dialog_id = of_dialog AND l.endpoint_id = e.id)
                       OR EXISTS (SELECT FROM webhook_outbox AS o WHERE o.dialog_id = of_dialog AND o.endpoint_id = e.id)));
    END;

DROP FUNCTION webhook_enqueue;

-- Moves up to `most` events, the oldest first, to the ends of their lanes; returns how many it took. What belongs to a deleted endpoint
-- is dropped. Locks lanes in key order.
CREATE FUNCTION webhook_enqueue(most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
    number bigint;
BEGIN
    -- One at a time: two that took events of one dialog could turn them round.
    PERFORM pg_advisory_xact_lock(7301557);
    WITH taken AS (
        DELETE FROM webhook_outbox AS o
        WHERE o.id = ANY (ARRAY(SELECT q.id FROM webhook_outbox AS q ORDER BY q.id LIMIT most))
        RETURNING o.*
    ), placed AS MATERIALIZED (
        SELECT t.*, uuid7_at(t.at) AS delivery_id,
               row_number() OVER lane AS n, count(*) OVER (PARTITION BY t.dialog_id, t.endpoint_id, t.recipient) AS many
        FROM taken AS t JOIN webhook_endpoints AS e ON e.id = t.endpoint_id AND e.disabled_by IS DISTINCT FROM 'deleted'
        WINDOW lane AS (PARTITION BY t.dialog_id, t.endpoint_id, t.recipient ORDER BY t.id)
    ), lane AS (
        INSERT INTO webhook_lanes AS l (dialog_id, endpoint_id, recipient, enqueued, next_attempt_at)
        SELECT p.dialog_id, p.endpoint_id, p.recipient, p.many, clock_timestamp() FROM placed AS p WHERE p.n = 1
        ORDER BY p.dialog_id, p.endpoint_id, p.recipient
        ON CONFLICT (dialog_id, endpoint_id, recipient) DO UPDATE
        SET enqueued = l.enqueued + excluded.enqueued, next_attempt_at = coalesce(l.next_attempt_at, excluded.next_attempt_at)
        RETURNING l.id, l.dialog_id, l.endpoint_id, l.recipient, l.enqueued
    ), stored AS (
        INSERT INTO webhook_deliveries (id, lane_id, no, event, message_id, body)
        SELECT p.delivery_id, l.id, l.enqueued - p.many + p.n, p.event, p.message_id,
               webhook_body(p.delivery_id, p.event, p.at, p.payload)
        FROM placed AS p JOIN lane AS l USING (dialog_id, endpoint_id, recipient)
    )
    SELECT count(*) INTO number FROM taken;
    RETURN number;
END
$body$;

-- After rows of the event log: their webhooks and, for user messages, the row from which people are notified. Who comes in by himself
-- has joined_as = 'joined'; who goes by himself leaves a system message just before his event; what the host does itself it knows. Of files
-- only good news: an infected one is not ready.
CREATE OR REPLACE FUNCTION tell_webhooks_of_events() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    found record;
BEGIN
    -- One look for all: this is part of the cost of every send.
    SELECT count(*) > 0 AS listeners, bool_or('notification.pending' = ANY (e.events)) AS waits_for_unread,
           (SELECT bool_or(f.type = 'message.deleted') FROM fresh AS f) AS deletes
    INTO found FROM webhook_endpoints AS e WHERE e.disabled_by IS NULL;
    IF found.listeners THEN
        INSERT INTO webhook_outbox (endpoint_id, dialog_id, event, message_id, at, payload)
        SELECT e.id, t.dialog_id, t.event, t.message_id, t.at, t.payload
        FROM (
            SELECT f.dialog_id, f.seq, f.message_id, f.created_at AS at,
                   CASE f.type WHEN 'attachment.updated' THEN 'attachment.ready' ELSE f.type END AS event,
                   CASE
                       WHEN f.type = 'participant.joined' THEN json_build_object(
                           'dialog_id', d.id, 'object_id', d.object_id, 'object_type', d.object_type,
                           'user_id', f.user_id, 'joined_as', p.joined_as, 'joined_at', wire_time(p.joined_at))
                       WHEN f.type = 'participant.left' THEN json_build_object(
                           'dialog_id', d.id, 'object_id', d.object_id, 'object_type', d.object_type,
                           'user_id', f.user_id, 'left_at', wire_time(f.created_at))
                       WHEN f.type = 'message.deleted' THEN json_build_object(
                           'dialog_id', d.id, 'object_id', d.object_id, 'object_type', d.object_type,
                           'message', json_build_object('id', f.message_id), 'deleted_at', wire_time(f.created_at))
                       WHEN f.type = 'attachment.updated' THEN json_build_object(
                           'dialog_id', d.id, 'object_id', d.object_id, 'object_type', d.object_type,
                           'message_id', f.message_id, 'attachment', f.data)
                       ELSE json_build_object(
                           'dialog_id', d.id, 'object_id', d.object_id, 'object_type', d.object_type,
                           'message', webhook_message(m))
                   END AS payload
            FROM fresh AS f
            JOIN dialogs AS d ON d.id = f.dialog_id
            LEFT JOIN messages AS m ON m.dialog_id = f.dialog_id AND m.id = f.message_id
            LEFT JOIN participants AS p ON f.type = 'participant.joined' AND p.dialog_id = f.dialog_id AND p.user_id = f.user_id
            WHERE CASE f.type
                WHEN 'message.new' THEN m.message_type = 'user'
                WHEN 'message.edited' THEN m.id IS NOT NULL
                WHEN 'participant.joined' THEN p.joined_as = 'joined'
                WHEN 'participant.left' THEN EXISTS (
                    SELECT FROM fresh AS o WHERE o.dialog_id = f.dialog_id AND o.seq = f.seq - 1 AND o.type = 'message.new')
                WHEN 'attachment.updated' THEN f.data ->> 'state' = 'ready'
                ELSE f.type = 'message.deleted'
                END
        ) AS t CROSS JOIN LATERAL webhook_listeners(t.dialog_id, t.event) AS e (id)
        ORDER BY t.dialog_id, t.seq;
    END IF;
    IF found.waits_for_unread THEN
        INSERT INTO notifications (dialog_id, message_id, user_no, created_at)
        SELECT m.dialog_id, m.id, m.user_no, f.created_at
        FROM fresh AS f JOIN messages AS m ON m.dialog_id = f.dialog_id AND m.id = f.message_id
        WHERE f.type = 'message.new' AND m.message_type = 'user';
    END IF;
    -- Deleting a message deletes its text everywhere, except in what has yet to be delivered. Whoever replays locks the lane and then its
    -- deliveries, and so does this.
    IF found.deletes THEN
        PERFORM FROM webhook_lanes AS l
        WHERE l.dialog_id IN (SELECT f.dialog_id FROM fresh AS f WHERE f.type = 'message.deleted')
        ORDER BY l.dialog_id, l.endpoint_id, l.recipient
        FOR UPDATE;
        UPDATE webhook_deliveries AS d SET body = NULL
        FROM fresh AS f JOIN webhook_lanes AS l ON l.dialog_id = f.dialog_id
        WHERE f.type = 'message.deleted' AND d.lane_id = l.id AND d.message_id = f.message_id
          AND d.state <> 'waiting' AND d.event <> 'message.deleted';
    END IF;
    RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION tell_webhooks_of_dialogs() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM webhook_endpoints AS e WHERE e.disabled_by IS NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO webhook_outbox (endpoint_id, dialog_id, event, at, payload)
    SELECT e.id, c.id, TG_ARGV[0], clock_timestamp(), json_build_object(
        'dialog_id', c.id, 'object_id', c.object_id, 'object_type', c.object_type, 'title', c.title,
        'created_by', c.created_by, 'created_at', wire_time(c.created_at),
        'deleted_at', CASE WHEN TG_OP = 'DELETE' THEN wire_time(clock_timestamp()) END)
    FROM changed AS c CROSS JOIN LATERAL webhook_listeners(c.id, TG_ARGV[0]) AS e (id);
    RETURN NULL;
END
$body$;

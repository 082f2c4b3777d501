-- What the host is told: endpoints, one row per event and endpoint, and the notices that wait for their time.
-- The rows are written by triggers of the tables that say what happened, so by the very statement that makes a change, whichever
-- it is: no statement can forget them, and without an enabled endpoint a trigger costs one look at an empty table.

CREATE TABLE webhook_endpoints (
    id                    uuid PRIMARY KEY,
    -- Null in the built-in endpoint: its url and secret are in the environment and nowhere else.
    url                   text CHECK (char_length(url) <= 2048),
    secret                text,
    -- During a rotation the previous secret signs too, until this time.
    previous_secret       text,
    previous_secret_until timestamptz,
    description           text CHECK (char_length(description) <= 500),
    events                text[] NOT NULL,
    -- Values of scope level 0; empty: dialogs of all tenants.
    tenants               text[] NOT NULL DEFAULT '{}',
    -- Null: enabled. `host` by the API, `gone` by a 410, `settings` by empty variables, `deleted` until its rows are pruned.
    disabled_by           text CHECK (disabled_by IN ('host', 'gone', 'settings', 'deleted')),
    created_at            timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO webhook_endpoints (id, events, disabled_by)
VALUES ('00000000-0000-0000-0000-000000000001',
        '{message.new,participant.joined,participant.left,notification.pending}', 'settings');

-- A lane is what must stay in order: the events of one dialog for one endpoint; notices of different people have lanes of their own.
-- `enqueued` numbers its deliveries, `finished` is the newest one that needs nothing more: only the next after it may be tried.
-- Both are raised under this row's lock, so whoever empties a lane and whoever adds to it cannot miss each other.
CREATE TABLE webhook_lanes (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialog_id       uuid NOT NULL,
    endpoint_id     uuid NOT NULL,
    recipient       text NOT NULL DEFAULT '',
    enqueued        bigint NOT NULL,
    finished        bigint NOT NULL DEFAULT 0,
    -- Failed tries of the delivery at the head.
    attempts        integer NOT NULL DEFAULT 0,
    -- Null: nothing waits. While a worker has the lane: when others may take it over.
    next_attempt_at timestamptz,
    claimed_by      integer,
    UNIQUE (dialog_id, endpoint_id, recipient)
) WITH (fillfactor = 70);

CREATE INDEX webhook_lanes_due ON webhook_lanes (endpoint_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_lanes_claimed ON webhook_lanes (claimed_by) WHERE claimed_by IS NOT NULL;

-- Numbers of workers; a worker that lives holds the advisory lock of its number.
CREATE SEQUENCE webhook_workers AS integer CYCLE;

CREATE TABLE webhook_deliveries (
    -- The id in the body and in the headers, of every try and replay; version 7, so sorted by time.
    id         uuid PRIMARY KEY,
    lane_id    bigint NOT NULL,
    no         bigint NOT NULL,
    event      text NOT NULL,
    message_id uuid,
    -- The exact bytes of every try. Null once they are erased, because the message was deleted.
    body       text,
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    -- Every try: at, status, duration_ms, error, answer.
    attempts   jsonb NOT NULL DEFAULT '[]',
    failed_at  timestamptz
) WITH (fillfactor = 80);  -- room for HOT updates: the state is in no index

CREATE UNIQUE INDEX webhook_deliveries_in_lane ON webhook_deliveries (lane_id, no);
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (id) WHERE failed_at IS NOT NULL;

-- One row per message, whatever the number of people to be told; a worker expands it when it is due.
CREATE TABLE notifications (
    dialog_id  uuid NOT NULL,
    message_id uuid NOT NULL,
    user_no    bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (dialog_id, message_id)
);

CREATE INDEX notifications_by_age ON notifications (created_at);

-- The dialogs in which somebody may still be archived, for the job that archives.
CREATE INDEX participants_not_archived ON participants (dialog_id) WHERE NOT is_archived AND NOT is_pinned;

-- The envelope of every webhook, without nulls. The type has underscores here and dots in the header, as receivers expect.
CREATE FUNCTION webhook_body(id uuid, event text, at timestamptz, payload json) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN '{"id":"' || id || '","type":"' || replace(event, '.', '_') || '","timestamp":"' || wire_time(at)
           || '","payload":' || json_strip_nulls(payload) || '}';

-- Puts events, given in order, into the lanes of the endpoints that want them, or of one endpoint whatever it wants. Locks lanes in
-- key order. Returns the number of deliveries. A dialog belongs to the tenants its scopes name; one that is being deleted has lost
-- its scopes, and belongs to those who have been told of it before.
CREATE FUNCTION webhook_enqueue(
    dialog_ids uuid[], recipients text[], events text[], message_ids uuid[], ats timestamptz[], payloads json[],
    only_endpoint uuid DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
    stored bigint;
BEGIN
    IF dialog_ids IS NULL THEN
        RETURN 0;
    END IF;
    WITH aimed AS MATERIALIZED (
        SELECT g.*, e.id AS endpoint_id, uuid7_at(g.at) AS id,
               row_number() OVER lane AS n, count(*) OVER (PARTITION BY g.dialog_id, e.id, g.recipient) AS many
        FROM unnest(dialog_ids, recipients, events, message_ids, ats, payloads) WITH ORDINALITY
            AS g (dialog_id, recipient, event, message_id, at, payload, position)
        JOIN webhook_endpoints AS e ON CASE
            WHEN only_endpoint IS NOT NULL THEN e.id = only_endpoint
            ELSE e.disabled_by IS NULL AND g.event = ANY (e.events)
                 AND (e.tenants = '{}'
                      OR EXISTS (SELECT FROM access_scopes AS s WHERE s.dialog_id = g.dialog_id AND s.scope_level0 && e.tenants)
                      OR g.event = 'dialog.deleted'
                         AND EXISTS (SELECT FROM webhook_lanes AS l WHERE l.dialog_id = g.dialog_id AND l.endpoint_id = e.id))
            END
        WINDOW lane AS (PARTITION BY g.dialog_id, e.id, g.recipient ORDER BY g.position)
    ), lane AS (
        INSERT INTO webhook_lanes AS l (dialog_id, endpoint_id, recipient, enqueued, next_attempt_at)
        SELECT a.dialog_id, a.endpoint_id, a.recipient, a.many, clock_timestamp() FROM aimed AS a WHERE a.n = 1
        ORDER BY a.dialog_id, a.endpoint_id, a.recipient
        ON CONFLICT (dialog_id, endpoint_id, recipient) DO UPDATE
        SET enqueued = l.enqueued + excluded.enqueued, next_attempt_at = coalesce(l.next_attempt_at, excluded.next_attempt_at)
        RETURNING l.id, l.dialog_id, l.endpoint_id, l.recipient, l.enqueued
    )
    INSERT INTO webhook_deliveries (id, lane_id, no, event, message_id, body)
    SELECT a.id, l.id, l.enqueued - a.many + a.n, a.event, a.message_id, webhook_body(a.id, a.event, a.at, a.payload)
    FROM aimed AS a JOIN lane AS l USING (dialog_id, endpoint_id, recipient);
    GET DIAGNOSTICS stored = ROW_COUNT;
    RETURN stored;
END
$body$;

-- After rows of the event log: their webhooks and, for user messages, the row from which people are notified. Who comes in by himself
-- has joined_as = 'joined'; who goes by himself leaves a system message just before his event; what the host does itself it knows. Of files
-- only good news: an infected one is not ready.
CREATE FUNCTION tell_webhooks_of_events() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    found record;
BEGIN
    -- One look for all: this is part of the cost of every send.
    SELECT count(*) > 0 AS listeners, bool_or('notification.pending' = ANY (e.events)) AS waits_for_unread,
           (SELECT bool_or(f.type = 'message.deleted') FROM fresh AS f) AS deletes
    INTO found FROM webhook_endpoints AS e WHERE e.disabled_by IS NULL;
    IF found.listeners THEN
        PERFORM webhook_enqueue(
            array_agg(t.dialog_id), array_agg(''::text), array_agg(t.event), array_agg(t.message_id), array_agg(t.at),
            array_agg(t.payload))
        FROM (
            SELECT f.dialog_id, f.message_id, f.created_at AS at,
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
            ORDER BY f.dialog_id, f.seq
        ) AS t;
    END IF;
    IF found.waits_for_unread THEN
        INSERT INTO notifications (dialog_id, message_id, user_no, created_at)
        SELECT m.dialog_id, m.id, m.user_no, f.created_at
        FROM fresh AS f JOIN messages AS m ON m.dialog_id = f.dialog_id AND m.id = f.message_id
        WHERE f.type = 'message.new' AND m.message_type = 'user';
    END IF;
    -- Deleting a message deletes its text everywhere, except in what has yet to be delivered. Last: whoever replays locks the lane and
    -- then its deliveries, and so does this.
    IF found.deletes THEN
        UPDATE webhook_deliveries AS d SET body = NULL
        FROM fresh AS f JOIN webhook_lanes AS l ON l.dialog_id = f.dialog_id
        WHERE f.type = 'message.deleted' AND d.lane_id = l.id AND d.message_id = f.message_id
          AND d.state <> 'waiting' AND d.event <> 'message.deleted';
    END IF;
    RETURN NULL;
END
$body$;

-- The message as webhooks have it: other names than elsewhere.
CREATE FUNCTION webhook_message(message messages) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object(
        'id', (message).id,
        'sender_id', (message).sender_id,
        'content', (message).content,
        'reply_to', (message).reply_to_id,
        'created_at', wire_time((message).sent_at),
        'message_type', (message).message_type,
        'edited_at', wire_time((message).last_edited_at)
    );

CREATE FUNCTION tell_webhooks_of_dialogs() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NOT EXISTS (SELECT FROM webhook_endpoints AS e WHERE e.disabled_by IS NULL) THEN
        RETURN NULL;
    END IF;
    PERFORM webhook_enqueue(
        array_agg(c.id), array_agg(''::text), array_agg(TG_ARGV[0]), array_agg(NULL::uuid), array_agg(clock_timestamp()),
        array_agg(json_build_object(
            'dialog_id', c.id, 'object_id', c.object_id, 'object_type', c.object_type, 'title', c.title,
            'created_by', c.created_by, 'created_at', wire_time(c.created_at),
            'deleted_at', CASE WHEN TG_OP = 'DELETE' THEN wire_time(clock_timestamp()) END)))
    FROM changed AS c;
    RETURN NULL;
END
$body$;

CREATE TRIGGER webhooks AFTER INSERT ON dialog_events
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tell_webhooks_of_events();

CREATE TRIGGER webhooks_of_new AFTER INSERT ON dialogs
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_webhooks_of_dialogs('dialog.created');

CREATE TRIGGER webhooks_of_deleted AFTER DELETE ON dialogs
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tell_webhooks_of_dialogs('dialog.deleted');

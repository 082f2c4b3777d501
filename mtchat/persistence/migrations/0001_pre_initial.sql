-- The first schema: dialogs, their people, scopes and messages, and the event log.
-- Every table of the hot path starts its key with dialog_id, so that rows of one dialog live together and can be distributed by it.

-- RFC 3339, UTC, always microseconds: the only form of a time on the wire.
CREATE FUNCTION wire_time(at timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- UUID version 7 (RFC 9562, 5.7 and method 3 of 6.2): 48 bits of milliseconds, then the microseconds scaled into the 12 bits of
-- rand_a, then random bits. Sorted by id = sorted by the given time, to the microsecond. PostgreSQL 18 has uuidv7(), 15 to 17 do not.
CREATE FUNCTION uuid7_at(at timestamptz) RETURNS uuid
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN (
        SELECT encode(
            overlay(
                uuid_send(gen_random_uuid())
                PLACING substring(int8send(micros / 1000) FROM 3) || substring(int8send(28672 + (micros % 1000) * 4096 / 1000) FROM 7)
                FROM 1 FOR 8
            ),
            'hex'
        )::uuid
        FROM (SELECT (extract(epoch FROM at) * 1000000)::bigint AS micros) AS clock
    );

CREATE TABLE dialogs (
    id                 uuid PRIMARY KEY,
    object_id          text NOT NULL CHECK (char_length(object_id) BETWEEN 1 AND 255),
    object_type        text NOT NULL CHECK (char_length(object_type) BETWEEN 1 AND 100),
    title              text CHECK (char_length(title) <= 500),
    object_url         text CHECK (char_length(object_url) <= 4096),
    created_by         text CHECK (char_length(created_by) <= 255),
    created_at         timestamptz NOT NULL,
    meta               jsonb,
    -- Raised under this row's lock by the statement that writes the event: commit order = seq order, without holes.
    last_seq           bigint NOT NULL DEFAULT 0,
    -- Number of user messages ever sent here; a message keeps the number it was given, deleted ones leave a tombstone.
    user_no            bigint NOT NULL DEFAULT 0,
    participants_count integer NOT NULL DEFAULT 0,
    -- Time of the newest message ever made: ids and sent_at grow from it even when clocks step back.
    clock_at           timestamptz NOT NULL,
    last_message_id    uuid,
    last_message_at    timestamptz
) WITH (fillfactor = 70);  -- room for HOT updates: every send rewrites this row

CREATE INDEX dialogs_by_object ON dialogs (object_type, object_id, created_at DESC);

CREATE TABLE participants (
    dialog_id             uuid NOT NULL REFERENCES dialogs ON DELETE CASCADE,
    user_id               text NOT NULL CHECK (char_length(user_id) BETWEEN 1 AND 255),
    joined_at             timestamptz NOT NULL,
    joined_as             text NOT NULL DEFAULT 'participant' CHECK (joined_as IN ('creator', 'participant', 'joined')),
    display_name          text CHECK (char_length(display_name) <= 200),
    company               text CHECK (char_length(company) <= 200),
    email                 text CHECK (char_length(email) <= 254),
    phone                 text CHECK (char_length(phone) <= 50),
    notifications_enabled boolean NOT NULL DEFAULT true,
    is_archived           boolean NOT NULL DEFAULT false,
    is_pinned             boolean NOT NULL DEFAULT false,
    unarchived_at         timestamptz,
    -- Read position: the newest message seen, and the number of user messages up to it. Both only grow.
    read_message_id       uuid,
    read_no               bigint NOT NULL DEFAULT 0,
    -- True for somebody who came back to a dialog with own messages after the read position.
    may_have_own_unread   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (dialog_id, user_id)
) WITH (fillfactor = 80);

CREATE INDEX participants_by_user ON participants (user_id, is_archived, is_pinned, dialog_id);
CREATE INDEX participants_archived ON participants (dialog_id) WHERE is_archived;

CREATE TABLE access_scopes (
    dialog_id    uuid NOT NULL REFERENCES dialogs ON DELETE CASCADE,
    id           uuid NOT NULL,
    position     integer NOT NULL,
    scope_level0 text[] NOT NULL DEFAULT '{}',
    scope_level1 text[] NOT NULL DEFAULT '{}',
    scope_level2 text[] NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (dialog_id, id)
);

CREATE INDEX access_scopes_by_level0 ON access_scopes USING gin (scope_level0);

CREATE TABLE messages (
    dialog_id         uuid NOT NULL REFERENCES dialogs ON DELETE CASCADE,
    id                uuid NOT NULL,
    seq               bigint NOT NULL,
    user_no           bigint NOT NULL,
    sender_id         text,
    message_type      text NOT NULL DEFAULT 'user' CHECK (message_type IN ('user', 'system')),
    content           text NOT NULL,
    sent_at           timestamptz NOT NULL,
    last_edited_at    timestamptz,
    reply_to_id       uuid,
    client_message_id text CHECK (char_length(client_message_id) <= 255),
    PRIMARY KEY (dialog_id, id),
    CHECK ((sender_id IS NULL) = (message_type = 'system'))
);

-- A repeated send finds the first message here; it also answers "has this person ever written in this dialog".
CREATE UNIQUE INDEX messages_once ON messages (dialog_id, sender_id, client_message_id);
CREATE INDEX messages_replies ON messages (dialog_id, reply_to_id) WHERE reply_to_id IS NOT NULL;

-- One row per deleted user message: what unread counts subtract. A delete costs this row and nothing per member.
CREATE TABLE deleted_messages (
    dialog_id uuid NOT NULL REFERENCES dialogs ON DELETE CASCADE,
    user_no   bigint NOT NULL,
    PRIMARY KEY (dialog_id, user_no)
);

CREATE TABLE message_edits (
    dialog_id   uuid NOT NULL,
    message_id  uuid NOT NULL,
    edited_at   timestamptz NOT NULL,
    old_content text NOT NULL,
    PRIMARY KEY (dialog_id, message_id, edited_at),
    FOREIGN KEY (dialog_id, message_id) REFERENCES messages (dialog_id, id) ON DELETE CASCADE
);

-- The log of lasting changes: feeds catch-up, live healing, webhooks and audit. Content stays in the message row alone, so that
-- deleting a message deletes its text everywhere. No foreign key: rows outlive their dialog until they are pruned by age.
CREATE TABLE dialog_events (
    dialog_id  uuid NOT NULL,
    seq        bigint NOT NULL,
    type       text NOT NULL,
    message_id uuid,
    user_id    text,
    data       jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (dialog_id, seq)
);

CREATE INDEX dialog_events_by_age ON dialog_events USING brin (created_at);

-- Answers of create calls that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    key        text PRIMARY KEY CHECK (char_length(key) <= 255),
    dialog_id  uuid NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Unread messages of one participant: user messages by others after the read position, deleted ones not counted.
CREATE FUNCTION unread_count(dialog dialogs, reader participants) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (dialog).user_no <= (reader).read_no THEN 0 ELSE
        (dialog).user_no - (reader).read_no
        - (SELECT count(*) FROM deleted_messages AS gone
           WHERE gone.dialog_id = (reader).dialog_id AND gone.user_no > (reader).read_no)
        - CASE WHEN (reader).may_have_own_unread THEN
            (SELECT count(*) FROM messages AS own
             WHERE own.dialog_id = (reader).dialog_id AND own.sender_id = (reader).user_id AND own.user_no > (reader).read_no)
          ELSE 0 END
    END;

-- The position as others see it: the newest message still there at or before it (a deleted one falls back to its predecessor).
CREATE FUNCTION visible_read_position(reader participants) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT m.id FROM messages AS m
            WHERE m.dialog_id = (reader).dialog_id AND m.id <= (reader).read_message_id
            ORDER BY m.id DESC LIMIT 1);

-- The full message as every answer and frame carries it.
CREATE FUNCTION message_json(message messages) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object(
        'id', (message).id,
        'dialog_id', (message).dialog_id,
        'sender_id', (message).sender_id,
        'content', (message).content,
        'sent_at', wire_time((message).sent_at),
        'last_edited_at', wire_time((message).last_edited_at),
        'reply_to_id', (message).reply_to_id,
        'message_type', (message).message_type
    );

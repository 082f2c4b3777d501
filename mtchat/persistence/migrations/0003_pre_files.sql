-- Files: what people may upload, what messages carry, and which objects of the storage nobody needs any more.
-- Every object of the storage is named by a row from before it exists until after it is gone, so that a crash at any point leaves
-- nothing behind that is not found again: an upload, an attachment, or a deletion that waits.

-- Leave to upload one file. The row goes when a message claims it, or a day later.
CREATE TABLE uploads (
    dialog_id    uuid NOT NULL,
    id           uuid NOT NULL,
    user_id      text NOT NULL,
    key          text NOT NULL,
    -- As declared; both are signed into the url, and the stored object must agree.
    content_type text NOT NULL,
    size         bigint NOT NULL CHECK (size BETWEEN 1 AND 104857600),
    -- Of an upload in parts: the size of each but the last, and how the storage calls it until it is complete.
    part_size    integer,
    parts_id     text,
    -- Copies that sends have made, or were about to make; the one that wins keeps its copy.
    kept_keys    text[] NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (dialog_id, id)
);

CREATE INDEX uploads_by_user ON uploads (user_id, id);
CREATE INDEX uploads_by_age ON uploads (created_at);

CREATE TABLE attachments (
    dialog_id      uuid NOT NULL,
    message_id     uuid NOT NULL,
    -- Version 7, from the message's time and the place in it: sorted by id = in upload order.
    id             uuid NOT NULL,
    filename       text NOT NULL CHECK (char_length(filename) <= 255),
    content_type   text NOT NULL CHECK (char_length(content_type) <= 100),
    size           bigint NOT NULL CHECK (size BETWEEN 1 AND 104857600),
    key            text COLLATE "C" NOT NULL,
    state          text NOT NULL DEFAULT 'ready' CHECK (state IN ('scanning', 'ready', 'infected')),
    width          integer,
    height         integer,
    -- Null: no thumbnail.
    thumbnail_type text,
    -- When a worker looks at it (again): to scan it, to make a thumbnail. Null: nothing is left to do.
    due_at         timestamptz,
    -- How often it was taken on, and how often of these it was put off because something was away: the rest ended with its worker.
    attempts       integer NOT NULL DEFAULT 0,
    delays         integer NOT NULL DEFAULT 0,
    PRIMARY KEY (dialog_id, message_id, id),
    FOREIGN KEY (dialog_id, message_id) REFERENCES messages (dialog_id, id) ON DELETE CASCADE
);

CREATE INDEX attachments_by_id ON attachments (id);
-- An object belongs to one attachment; also the order in which the storage lists its objects.
CREATE UNIQUE INDEX attachments_by_key ON attachments (dialog_id, key);
CREATE INDEX attachments_due ON attachments (due_at) WHERE due_at IS NOT NULL;

-- How many files a message carries: messages without any, nearly all, need no look at attachments.
-- PostgreSQL before 18 adds no column with a default to a table whose row type is used by a function: hence in steps.
ALTER TABLE messages ADD COLUMN files smallint;
UPDATE messages SET files = 0;
ALTER TABLE messages ALTER COLUMN files SET DEFAULT 0, ALTER COLUMN files SET NOT NULL;

-- Objects to remove from the storage. Removing one twice is nothing, so a worker that dies does no harm.
CREATE TABLE storage_deletions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        text NOT NULL,
    -- Parts of it may lie there as well.
    in_parts   boolean NOT NULL DEFAULT false,
    due_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts   integer NOT NULL DEFAULT 0
);

CREATE INDEX storage_deletions_due ON storage_deletions (due_at);
CREATE INDEX storage_deletions_by_key ON storage_deletions (key);

-- The one place of an attachment's thumbnail, whatever its format.
CREATE FUNCTION thumbnail_key(dialog_id uuid, attachment_id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'dialogs/' || dialog_id || '/thumbs/' || attachment_id;

-- Whatever deletes attachments, their objects follow. An object that a worker may be about to make goes a quarter of an hour later.
CREATE FUNCTION queue_deleted_files() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF old.state <> 'infected' THEN
        INSERT INTO storage_deletions (key) VALUES (old.key);
    END IF;
    IF old.thumbnail_type IS NOT NULL OR old.due_at IS NOT NULL THEN
        INSERT INTO storage_deletions (key, due_at)
        VALUES (thumbnail_key(old.dialog_id, old.id),
                clock_timestamp() + CASE WHEN old.due_at IS NULL THEN interval '0' ELSE interval '15 minutes' END);
    END IF;
    RETURN NULL;
END
$body$;

CREATE TRIGGER objects_follow AFTER DELETE ON attachments FOR EACH ROW EXECUTE FUNCTION queue_deleted_files();

-- An attachment as the program reads it: fields of the wire, and the keys from which the urls are made.
CREATE FUNCTION file_json(file attachments) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_strip_nulls(json_build_object(
        'id', (file).id,
        'dialog_id', (file).dialog_id,
        'filename', (file).filename,
        'content_type', (file).content_type,
        'size', (file).size,
        'width', (file).width,
        'height', (file).height,
        'key', (file).key,
        'thumbnail_type', (file).thumbnail_type,
        'state', (file).state
    ));

CREATE FUNCTION message_files(message messages) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT json_agg(file_json(f) ORDER BY f.id) FROM attachments AS f
            WHERE f.dialog_id = (message).dialog_id AND f.message_id = (message).id);

-- What every send pays and nobody needs. Figures: time of PostgreSQL for a lone send, in its own process.

-- PostgreSQL parses each CHECK of a table anew in every statement that writes it, whatever it writes: 15 % of a send. The limits are
-- the service's own rules (mtchat/core), which answer with a 4xx that names the field; these could only have made a 500 of it.
ALTER TABLE dialogs
    DROP CONSTRAINT dialogs_object_id_check,
    DROP CONSTRAINT dialogs_object_type_check,
    DROP CONSTRAINT dialogs_title_check,
    DROP CONSTRAINT dialogs_object_url_check,
    DROP CONSTRAINT dialogs_created_by_check;

ALTER TABLE participants
    DROP CONSTRAINT participants_user_id_check,
    DROP CONSTRAINT participants_joined_as_check,
    DROP CONSTRAINT participants_display_name_check,
    DROP CONSTRAINT participants_company_check,
    DROP CONSTRAINT participants_email_check,
    DROP CONSTRAINT participants_phone_check;

ALTER TABLE messages
    DROP CONSTRAINT messages_message_type_check,
    DROP CONSTRAINT messages_client_message_id_check,
    DROP CONSTRAINT messages_check;

-- As before, but an expression without a subquery: PostgreSQL puts it into the statement instead of planning it anew each time. The
-- double of date_part is exact to the microsecond until the year 2255.
CREATE OR REPLACE FUNCTION uuid7_at(at timestamptz) RETURNS uuid
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN encode(
        overlay(
            uuid_send(gen_random_uuid())
            PLACING substring(int8send((date_part('epoch', at) * 1000000)::bigint / 1000) FROM 3)
                || substring(int8send(28672 + (date_part('epoch', at) * 1000000)::bigint % 1000 * 4096 / 1000) FROM 7)
            FROM 1 FOR 8
        ),
        'hex'
    )::uuid;

-- What was read, brought to one narrow row per record, per contact and per known pair of an account.
-- A record or contact may have been read several times, and not always alike: which of its rows counts is decided by
-- what the rows say, never by the order in which they came (INV-6).

-- A contact that is deleted is not there any more (ID-7); `is_out`: its channel has a reason of CON-4.
INSERT INTO contacts BY NAME
WITH there AS (
    SELECT c.account, c.contact_id, c.email, c.email_key, c.channel, c.looked_up, r.reason IS NOT NULL AS is_out
    FROM read_contacts AS c
    LEFT JOIN opt_out_reasons AS r ON c.account = r.account AND c.channel = r.reason
    WHERE coalesce(c.status, '') NOT IN ('deleted', 'binned') AND coalesce(c.channel, '') NOT IN ('deleted', 'binned')
),

numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account, contact_id
            ORDER BY is_out DESC, looked_up ASC, coalesce(channel, ''), coalesce(email_key, ''), coalesce(email, '')
        ) AS nth
    FROM there
)

SELECT account, contact_id, email, email_key, channel, looked_up, is_out
FROM numbered
WHERE nth = 1;

INSERT INTO records_read BY NAME
WITH numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account, sf_id
            ORDER BY
                coalesce(modified, -1) DESC, opted_out DESC, converted DESC, coalesce(converted_to, ''),
                coalesce(email_key, ''), coalesce(email, '')
        ) AS nth
    FROM read_records
)

SELECT
    n.account, n.sf_id, n.record_type, t.rank, n.email, n.email_key, n.opted_out, n.modified, n.converted,
    n.converted_to,
    CASE WHEN n.email_key IS NOT NULL THEN left(sha256(s.prefix || n.email_key), 16) END AS email_hash
FROM numbered AS n
INNER JOIN record_types AS t ON n.account = t.account AND n.record_type = t.record_type
CROSS JOIN settings AS s
WHERE n.nth = 1;

INSERT INTO pairs BY NAME
SELECT
    b.account, b.sf_id, b.record_type, t.rank, b.contact_id, b.email_s, b.email_d, b.out_s, b.out_d, b.wrote_d
FROM read_base AS b
INNER JOIN record_types AS t ON b.account = t.account AND b.record_type = t.record_type;

-- Which kinds of memories there are at all: where there are none, nobody's address is hashed to look for one.
INSERT INTO recall BY NAME
SELECT
    coalesce(bool_or(reason = 'refused'), FALSE) AS has_refused,
    coalesce(bool_or(reason = 'list'), FALSE) AS has_lists
FROM read_remembered;

-- The consent closure: which addresses are opted out, over the whole org and all accounts, before all else.
-- A contact that was read speaks for itself: what is remembered of earlier runs counts only for addresses of which no
-- contact is there now.

INSERT INTO org_addresses BY NAME
SELECT record_type, email_key FROM opted_out WHERE email_key IS NOT NULL
UNION
SELECT record_type, email_key FROM not_ticked WHERE email_key IS NOT NULL
UNION
SELECT record_type, email_key FROM records_read WHERE email_key IS NOT NULL;

-- Addresses that an account itself holds as opted out (CON-4).
INSERT INTO held_addresses BY NAME
WITH told AS (
    SELECT t.account, t.email_key, t.contact_id
    FROM read_suppressed AS t
    INNER JOIN opt_out_reasons AS r ON t.account = r.account AND t.reason = r.reason
),

recalled AS (
    SELECT m.account, m.email_hash
    FROM read_remembered AS m
    INNER JOIN opt_out_reasons AS r ON m.account = r.account AND m.reason = r.reason
),

addresses AS (
    SELECT DISTINCT email_key FROM org_addresses
),

absent AS (
    SELECT a.account, o.email_key
    FROM accounts AS a
    CROSS JOIN addresses AS o
    WHERE
        EXISTS (SELECT 1 FROM recalled AS m WHERE m.account = a.account)
        AND NOT EXISTS (SELECT 1 FROM contacts AS c WHERE c.account = a.account AND c.email_key = o.email_key)
),

-- An earlier version folded some addresses otherwise (ID-1), and remembered them so.
spelled AS (
    SELECT account, email_key, email_key AS spelling FROM absent
    UNION ALL
    SELECT a.account, a.email_key, o.older AS spelling
    FROM absent AS a
    INNER JOIN older AS o ON a.email_key = o.email_key
),

hashed AS (
    SELECT p.account, p.email_key, left(sha256(s.prefix || p.spelling), 16) AS email_hash
    FROM spelled AS p
    CROSS JOIN settings AS s
)

SELECT account, email_key FROM contacts WHERE is_out AND email_key IS NOT NULL
UNION
SELECT account, email_key FROM told WHERE email_key IS NOT NULL
UNION
SELECT c.account, c.email_key
FROM contacts AS c
WHERE
    c.email_key IS NOT NULL
    AND EXISTS (SELECT 1 FROM told AS t WHERE t.account = c.account AND t.contact_id = c.contact_id)
UNION
SELECT h.account, h.email_key
FROM hashed AS h
WHERE EXISTS (SELECT 1 FROM recalled AS m WHERE m.account = h.account AND m.email_hash = h.email_hash);

-- With what other accounts hold, if they tell Salesforce about at least one record type that has the address (CON-4).
INSERT INTO out_addresses BY NAME
SELECT account, email_key FROM held_addresses
UNION
SELECT a.account, h.email_key
FROM accounts AS a
INNER JOIN held_addresses AS h ON a.account <> h.account
INNER JOIN record_types AS t ON h.account = t.account AND t.tells_salesforce
INNER JOIN org_addresses AS o ON t.record_type = o.record_type AND h.email_key = o.email_key;

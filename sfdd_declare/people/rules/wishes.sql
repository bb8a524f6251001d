-- What becomes of the wishes (ID-4). Nobody becomes reachable under an address that opted out, of the account or of a
-- book that the contact is on, nor under that of a contact that was deleted. A reason bars renames only: of two contacts
-- that become one an opt-out of either holds for both.

INSERT INTO steps BY NAME
WITH owners AS (
    SELECT account, email_key, min(contact_id) AS contact_id
    FROM contacts
    WHERE email_key IS NOT NULL
    GROUP BY account, email_key
),

seen AS (
    SELECT
        w.account, w.contact_id,
        o.contact_id AS owner,
        leaver.contact_id IS NOT NULL AS may_leave,
        EXISTS (
            SELECT 1 FROM lost_addresses AS l WHERE l.account = w.account AND l.email_hash = w.email_hash
        ) AS is_lost,
        EXISTS (
            SELECT 1 FROM read_remembered AS m
            WHERE
                m.account = w.account AND m.reason = 'refused'
                AND m.email_hash = left(sha256(s.prefix || chr(31) || w.email_key), 16)
        ) AS is_refused,
        EXISTS (
            SELECT 1 FROM out_addresses AS x WHERE x.account = w.account AND x.email_key = w.email_key
        ) AS out_there,
        NOT a.opt_out_to_dotdigital
        AND EXISTS (SELECT 1 FROM out_emails AS x WHERE x.email_key = w.email_key) AS out_here,
        EXISTS (
            SELECT 1
            FROM read_listed AS l
            INNER JOIN barred_places AS b ON l.account = b.account AND l.address_book = b.address_book
            WHERE l.account = w.account AND l.contact_id = w.contact_id AND b.email_key = w.email_key
        ) AS off_book,
        coalesce(c.is_out, FALSE) AS is_out
    FROM wishes AS w
    INNER JOIN accounts AS a ON w.account = a.account
    CROSS JOIN settings AS s
    LEFT JOIN contacts AS c ON w.account = c.account AND w.contact_id = c.contact_id
    LEFT JOIN owners AS o ON w.account = o.account AND w.email_key = o.email_key
    LEFT JOIN wishes AS leaver ON o.account = leaver.account AND o.contact_id = leaver.contact_id
),

ended AS (
    SELECT
        *,
        CASE
            WHEN owner IS NOT NULL AND NOT may_leave                THEN 'taken'
            WHEN is_lost                                            THEN 'deleted in Dotdigital'     -- ID-7
            WHEN is_refused                                         THEN 'address refused for good'  -- WIRE-1
            WHEN (out_there OR out_here OR off_book) AND NOT is_out THEN 'new address opted out'     -- CON-2
            WHEN owner IS NULL                                      THEN 'free'
        END AS ending
    FROM seen
)

SELECT
    account,
    CAST(contact_id AS VARCHAR) AS node,
    CASE WHEN ending IS NULL THEN CAST(owner AS VARCHAR) END AS further,
    ending
FROM ended;

-- Addresses that changed in Salesforce on a known pair (ID-4): who would take which contact along, and what becomes of
-- that wish. A contact is renamed when nobody needs its old address any more and the new one is free, or becomes free
-- by another rename: then it has to wait for that one.

-- ID-1: a known pair is matched by its ids, always. `own_hold`: why nothing may be written for the record.
INSERT INTO known BY NAME
WITH paired AS (
    SELECT
        r.account, r.sf_id, r.record_type, r.rank, r.email, r.email_key, r.email_hash, r.modified, r.converted,
        p.email_s, p.email_d, p.out_s, p.out_d, p.wrote_d, p.contact_id AS pair_contact,
        coalesce(p.is_taken, FALSE) AS is_taken,
        c.contact_id IS NOT NULL AS is_there,
        coalesce(r.email_key = c.email_key, FALSE) AS agrees
    FROM records_read AS r
    LEFT JOIN all_pairs AS p ON r.account = p.account AND r.sf_id = p.sf_id
    LEFT JOIN contacts AS c ON p.account = c.account AND p.contact_id = c.contact_id
    WHERE NOT EXISTS (SELECT 1 FROM heirs AS h WHERE h.account = r.account AND h.sf_id = r.sf_id)
),

held AS (
    SELECT
        *,
        pair_contact IS NOT NULL AND NOT is_there AS is_gone,
        CASE
            WHEN converted                                 THEN 'converted lead'         -- ID-5
            WHEN pair_contact IS NOT NULL AND NOT is_there THEN 'deleted in Dotdigital'  -- ID-7
            WHEN email_key IS NULL                         THEN 'no address'             -- MEM-1
        END AS own_hold
    FROM paired
)

SELECT
    account, sf_id, record_type, rank, email, email_key, email_hash, modified,
    email_s, email_d, out_s, out_d, wrote_d, pair_contact, is_taken, is_gone, own_hold,
    own_hold IS NULL AND is_there AND NOT agrees AND coalesce(email_hash <> email_s, FALSE) AS is_mover
FROM held;

-- ID-7: hashes of the addresses under which the base knows contacts that are not there any more.
INSERT INTO lost_addresses BY NAME
WITH lost AS (
    SELECT p.account, p.email_s, p.email_d
    FROM pairs AS p
    WHERE
        p.contact_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM contacts AS c WHERE c.account = p.account AND c.contact_id = p.contact_id)
)

SELECT account, email_s AS email_hash FROM lost WHERE email_s IS NOT NULL
UNION
SELECT account, email_d AS email_hash FROM lost WHERE email_d IS NOT NULL;

-- Each contact and each address once (ID-3 chooses), and no contact whose address another record still has.
INSERT INTO wishes BY NAME
WITH usable AS (
    SELECT account, email_key, pair_contact FROM known WHERE own_hold IS NULL AND NOT is_mover
),

movers AS (
    SELECT k.*
    FROM known AS k
    WHERE
        k.is_mover
        AND NOT EXISTS (SELECT 1 FROM usable AS u WHERE u.account = k.account AND u.pair_contact = k.pair_contact)
        AND NOT EXISTS (
            SELECT 1
            FROM usable AS u
            INNER JOIN contacts AS c ON u.account = c.account AND u.email_key = c.email_key
            WHERE u.pair_contact IS NULL AND c.account = k.account AND c.contact_id = k.pair_contact
        )
),

per_contact AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account, pair_contact
            ORDER BY rank ASC, coalesce(wrote_d, -1) DESC, coalesce(modified, -1) DESC, sf_id
        ) AS nth
    FROM movers
),

per_address AS (
    SELECT
        account, sf_id, record_type, email, email_key, email_hash, pair_contact,
        row_number() OVER (
            PARTITION BY account, email_key
            ORDER BY rank ASC, coalesce(wrote_d, -1) DESC, coalesce(modified, -1) DESC, sf_id, pair_contact ASC
        ) AS nth_here
    FROM per_contact
    WHERE nth = 1
)

SELECT account, sf_id, record_type, email, email_key, email_hash, pair_contact AS contact_id
FROM per_address
WHERE nth_here = 1;

-- The books that a contact is on: nobody takes an address that opted out of one of them there.
INSERT INTO asked_places BY NAME
SELECT DISTINCT w.account, l.address_book, w.email_key
FROM wishes AS w
INNER JOIN read_listed AS l ON w.account = l.account AND w.contact_id = l.contact_id;
